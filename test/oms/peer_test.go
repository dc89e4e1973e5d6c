package oms

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/sign"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
)

// The words of OpenSSF Model Signing v1.0.
const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://model_signing/signature/v1.0"
	payloadType   = "application/vnd.in-toto+json"
)

// resource is a file of a model, as a statement names it.
type resource struct {
	Name      string `json:"name"`
	Algorithm string `json:"algorithm"`
	Digest    string `json:"digest"`
}

// resources reads a model after the words of the specification, without a line of zlaunch: every
// file but those of git at the top, sorted by name. The root digest is over their digests.
func resources(dir string) (all []resource, rootDigest []byte, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && slices.Contains([]string{".git", ".gitignore", ".gitattributes", ".github"}, name) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		sum := sha256.Sum256(text)
		all = append(all, resource{filepath.ToSlash(name), "sha256", hex.EncodeToString(sum[:])})
		return err
	})
	slices.SortFunc(all, func(a, b resource) int { return strings.Compare(a.Name, b.Name) })
	whole := sha256.New()
	for _, r := range all {
		sum, _ := hex.DecodeString(r.Digest)
		whole.Write(sum)
	}
	return all, whole.Sum(nil), err
}

// peer is sigstore-go, which trusts a key or an authority.
type peer struct {
	root.BaseTrustedMaterial
	key       crypto.PublicKey
	authority *x509.Certificate
}

func (p *peer) PublicKeyVerifier(string) (root.TimeConstrainedVerifier, error) {
	if p.key == nil {
		return nil, fmt.Errorf("no key is trusted")
	}
	v, err := signature.LoadDefaultVerifier(p.key)
	return root.NewExpiringKey(v, time.Time{}, time.Time{}), err
}

func (p *peer) FulcioCertificateAuthorities() []root.CertificateAuthority {
	if p.authority == nil {
		return nil
	}
	return []root.CertificateAuthority{&root.FulcioCertificateAuthority{Root: p.authority}}
}

// verifies has sigstore-go hold a bundle against who is trusted, and the subject of its
// statement against the digest of the model as it is; what the statement says of each file is
// held against the files.
func (p *peer) verifies(file, model string) error {
	all, digest, err := resources(model)
	if err != nil {
		return err
	}
	b, err := bundle.LoadJSONFromPath(file, bundle.AllowCertificateChain())
	if err != nil {
		return err
	}
	when, who := verify.WithNoObserverTimestamps(), verify.WithKey()
	if p.authority != nil {
		when, who = verify.WithCurrentTime(), verify.WithoutIdentitiesUnsafe()
	}
	v, err := verify.NewVerifier(p, when)
	if err != nil {
		return err
	}
	got, err := v.Verify(b, verify.NewPolicy(verify.WithArtifactDigest("sha256", digest), who))
	if err != nil {
		return err
	}
	if got.Statement == nil || got.Statement.PredicateType != predicateType {
		return fmt.Errorf("another statement: %v", got.Statement)
	}
	text, err := got.Statement.Predicate.MarshalJSON()
	if err != nil {
		return err
	}
	var said struct{ Resources []resource }
	if err := json.Unmarshal(text, &said); err != nil || !slices.Equal(said.Resources, all) {
		return fmt.Errorf("the statement names %v, and there is %v: %w", said.Resources, all, err)
	}
	return nil
}

// signs has sigstore-go sign a statement of a model.
func signs(key sign.Keypair, model, file string) error {
	all, digest, err := resources(model)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(map[string]any{
		"_type": statementType, "predicateType": predicateType,
		"subject": []any{map[string]any{"name": filepath.Base(model), "digest": map[string]string{"sha256": hex.EncodeToString(digest)}}},
		"predicate": map[string]any{"resources": all, "serialization": map[string]any{
			"method": "files", "hash_type": "sha256", "allow_symlinks": false, "ignore_paths": []string{}}},
	})
	if err != nil {
		return err
	}
	made, err := sign.Bundle(&sign.DSSEData{Data: payload, PayloadType: payloadType}, key, sign.BundleOptions{})
	if err != nil {
		return err
	}
	b, err := bundle.NewBundle(made)
	if err != nil {
		return err
	}
	text, err := b.MarshalJSON()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
