package signature

import (
	"context"
	"errors"
	"fmt"
	"net"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// AgentKey finds a key of the agent at socket, the value of SSH_AUTH_SOCK. which is its
// fingerprint, "SHA256:…", or the public key as a .pub file has it. The end of ctx ends
// what the agent is asked, signatures too: it may be waiting for a touch.
func AgentKey(ctx context.Context, socket, which string) (*Key, error) {
	finger, err := named(which)
	if err != nil {
		return nil, fmt.Errorf("asking the agent: %w", err)
	}
	if socket == "" {
		return nil, hint.Errorf("eval $(ssh-agent)", "asking the agent: SSH_AUTH_SOCK is not set")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("asking the agent: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	closed := func() error { stop(); return conn.Close() }
	key, err := find(conn, finger, closed)
	if err != nil {
		return nil, errors.Join(err, closed())
	}
	return key, nil
}

func named(which string) (fingerprint string, err error) {
	if keyType, _ := word(which); !isKeyType(keyType) {
		return which, nil
	}
	key, err := parseKey(which)
	if err != nil {
		return "", err
	}
	return ssh.FingerprintSHA256(key), nil
}

func find(conn net.Conn, fingerprint string, closed func() error) (*Key, error) {
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		return nil, fmt.Errorf("asking the agent: %s", printable(err.Error()))
	}
	for _, s := range signers {
		if ssh.FingerprintSHA256(s.PublicKey()) == fingerprint {
			return newKey(s, closed)
		}
	}
	return nil, hint.Errorf("ssh-add -l", "asking the agent: none of its %d keys is %.80q", len(signers), fingerprint)
}
