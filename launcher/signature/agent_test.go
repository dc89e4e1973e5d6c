package signature

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh/agent"
)

// agentOf serves an agent with keys on a socket.
func agentOf(t *testing.T, ring agent.Agent) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			go func() { defer conn.Close(); _ = agent.ServeAgent(ring, conn) }()
		}
	}()
	return socket
}

// A key of the agent is chosen by its fingerprint or its public half, and signs.
func TestAgentKey(t *testing.T) {
	ring := agent.NewKeyring()
	for range 3 {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	socket := agentOf(t, ring)
	pub := keyText(must(ring.Signers())[1].PublicKey())
	for _, which := range []string{pub + " a comment", mustFinger(t, pub)} {
		k, err := AgentKey(context.Background(), socket, which)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := check(t, "ann@example.org "+pub).Verify(fraud.Message(), sign(t, k, fraud.Message(), Profiles)); err != nil {
			t.Error(err)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}
	for which, says := range map[string]string{"SHA256:none": "none of its 3 keys", edKey(t).Public(): "none of its 3 keys", "ssh-ed25519 AAAA": "not a key"} {
		if _, err := AgentKey(context.Background(), socket, which); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", which, err)
		}
	}
	if _, err := AgentKey(context.Background(), "", "SHA256:x"); err == nil || !strings.Contains(err.Error(), "SSH_AUTH_SOCK is not set") {
		t.Error(err)
	}
}

func mustFinger(t *testing.T, pub string) string {
	t.Helper()
	return must(named(pub))
}
