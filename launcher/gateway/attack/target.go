package attack

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Target is a gateway that runs, and what its owner can show of it.
type Target struct {
	Address string         // HOST:PORT where it listens for inference and administration
	Metrics string         // HOST:PORT where it listens for metrics; "" it does not
	Name    string         // that its certificate is for
	Roots   *x509.CertPool // that signed it
	Front   gateway.Gateway
	Credentials
	Patience time.Duration // for an answer; 0: as long as a gateway waits for a head, twice and more

	quiet time.Duration // for the last answer of several to have been the last; 0 is a second

	Gateway Log // what the gateway logs; nil: nobody knows
	Server  Log // what the server behind it logs; nil: nobody knows
	// Headers are those of a request that arrived at the server, by its marker; nil where
	// the server shows them to nobody.
	Headers func(marker string) (http.Header, bool)
}

// Credentials are those that a target's owner lets be played with. What is "" or nil is not
// there, and what needs it is not played.
type Credentials struct {
	Token   string // of the scope inference: taken
	Other   string // of the scope metrics alone
	Expired string
	Revoked string

	Certificate *tls.Certificate // of a client: taken
	Foreign     *tls.Certificate // of the same name, signed by another authority
	ExpiredCert *tls.Certificate
	RevokedCert *tls.Certificate
	OtherCert   *tls.Certificate // of the right authority, for a name that is not let in

	Keys   []crypto.PublicKey // that JSON Web Tokens are verified with
	Signer crypto.Signer      // the private one of the first key; tests have it
}

// Log reads what was logged since a time, a line at a time, up to now.
type Log func(ctx context.Context, since time.Time, line func(string)) error
