package tried

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/exposure"
)

// Alerts of crypto/tls, whose type for them is its own: that of any server that speaks
// TLS and says no, and those that ask for a certificate (RFC 8446, 6.2).
const (
	refused             = "remote error: tls: "
	badCertificate      = refused + "bad certificate"
	certificateRequired = refused + "certificate required"
)

// ask begins TLS, and without it plain HTTP, and asks for / without credentials.
func ask(ctx context.Context, at netip.AddrPort) exposure.Outcome {
	conn, err := (&net.Dialer{Timeout: eachTime}).DialContext(ctx, "tcp", at.String())
	if err != nil {
		return exposure.Outcome{Got: exposure.Unknown, Detail: "it does not answer: " + reason(err), Why: "it does not answer", Auth: exposure.Unknown}
	}
	deadline := time.Now().Add(eachTime)
	_ = conn.SetDeadline(deadline)                                    // of a TCP connection it never fails
	secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // who it is does not matter, only that it encrypts
	defer secure.Close()
	if err := secure.HandshakeContext(ctx); err != nil {
		if wantsCertificate(err) {
			return certified()
		}
		if strings.Contains(err.Error(), refused) {
			return exposure.Outcome{Got: exposure.Yes, Detail: "it speaks TLS", Auth: exposure.Unknown, Why: "it refuses this client, and does not say why"}
		}
		return plain(ctx, at)
	}
	status, err := get(secure)
	if wantsCertificate(err) {
		return certified()
	}
	out := exposure.Outcome{Got: exposure.Yes, Detail: "it speaks " + tls.VersionName(secure.ConnectionState().Version)}
	out.Auth, out.Why = judge(status, err)
	return out
}

func certified() exposure.Outcome {
	return exposure.Outcome{Got: exposure.Yes, Detail: "it speaks TLS", Auth: exposure.Yes, Why: "it asks for a certificate"}
}

func wantsCertificate(err error) bool {
	return err != nil && (strings.Contains(err.Error(), badCertificate) || strings.Contains(err.Error(), certificateRequired))
}

// plain asks in clear text.
func plain(ctx context.Context, at netip.AddrPort) exposure.Outcome {
	conn, err := (&net.Dialer{Timeout: eachTime}).DialContext(ctx, "tcp", at.String())
	if err == nil {
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(eachTime)) // of a TCP connection it never fails
		var status int
		if status, err = get(conn); err == nil {
			out := exposure.Outcome{Got: exposure.No, Detail: "it answers plain HTTP"}
			out.Auth, out.Why = judge(status, nil)
			return out
		}
	}
	const why = "it speaks neither TLS nor HTTP"
	return exposure.Outcome{Got: exposure.Unknown, Detail: why, Auth: exposure.Unknown, Why: why}
}

// get asks for / and returns the status.
func get(conn net.Conn) (int, error) {
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: zlaunch\r\nConnection: close\r\n\r\n")); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 4<<10), nil)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close() // nothing of it is read
	return resp.StatusCode, nil
}

// judge is what the answer to a request without credentials says of authentication.
func judge(status int, err error) (exposure.State, string) {
	switch {
	case err != nil:
		return exposure.Unknown, "it does not answer HTTP"
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return exposure.Yes, fmt.Sprintf("it answers %d without credentials", status)
	case status >= 200 && status < 300:
		return exposure.No, fmt.Sprintf("it answers %d without credentials", status)
	}
	return exposure.Unknown, fmt.Sprintf("it answers %d without credentials", status)
}
