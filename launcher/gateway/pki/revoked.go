package pki

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"path/filepath"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
)

// published is the list that the proxy has, if the authority signed it; nil for none.
func (c Clients) published(a *authority) *x509.RevocationList {
	data, err := c.dir.Read(filepath.Join(files.Mounted, gateway.RevokedFile), maxIssued)
	if err != nil {
		return nil
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil
	}
	list, err := x509.ParseRevocationList(block.Bytes)
	if err != nil || list.CheckSignatureFrom(a.cert) != nil || list.Number == nil || !list.Number.IsInt64() {
		return nil
	}
	return list
}

// revoked is the list anew, with all that was in the one before, if any: what the proxy
// refuses it goes on to refuse, also where ours was lost or never written. It counts as
// long as the authority: it lies beside the proxy and is not fetched, and one that has ended
// would have every client refused.
func (a *authority) revoked(doc *issued, was *x509.RevocationList, now time.Time) ([]byte, error) {
	list := &x509.RevocationList{ThisUpdate: now.Add(-backdated), NextUpdate: a.cert.NotAfter}
	if was != nil {
		doc.Number = max(doc.Number, was.Number.Int64())
		for _, e := range was.RevokedCertificateEntries {
			if !doc.revoke(e) && now.Sub(e.RevocationTime) < leafDays*24*time.Hour+forgotten {
				list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: e.SerialNumber, RevocationTime: e.RevocationTime})
			}
		}
	}
	for _, one := range doc.Clients {
		if one.Revoked != nil {
			list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: serialOf(one), RevocationTime: *one.Revoked})
		}
	}
	doc.Number++
	list.Number = big.NewInt(doc.Number)
	der, err := x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
	if err != nil {
		return nil, fmt.Errorf("signing the list of revoked clients: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: crlBlock, Bytes: der}), nil
}

// revoke marks the certificate of an entry as revoked, and tells whether it is listed.
func (doc *issued) revoke(e x509.RevocationListEntry) bool {
	for i := range doc.Clients {
		if one := &doc.Clients[i]; one.Serial == fmt.Sprintf("%x", e.SerialNumber) {
			if one.Revoked == nil {
				one.Revoked = &e.RevocationTime
			}
			return true
		}
	}
	return false
}
