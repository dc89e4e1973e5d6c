package haproxy_test

import (
	"os/exec"
	"strings"
	"testing"
)

// A client whose body is still under way hears why it is refused: a stream of HTTP/2 that is
// reset is what curl tells of, and not of the status.
func TestRefusedBodies(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl here (test/setup installs it); TestTokens has Go's own client, which does not mind")
	}
	each(t, func(t *testing.T, program string) {
		o := newOrigin(t)
		p := start(t, program, o.behind(tokens), known())
		for secret, want := range map[string]string{good: "403", "wrong": "401"} {
			for range 20 {
				cmd := exec.Command(curl, "--silent", "--insecure", "--http2", "--output", "/dev/null", "--write-out", "%{http_code} %{http_version}",
					"--header", bearer(secret), "--data", `{"a":1}`, "https://"+strings.Replace(p.at(), "127.0.0.1", "localhost", 1)+"/v2/repository/models/x/load")
				out, err := cmd.Output()
				if got := string(out); err != nil || !strings.HasPrefix(got, want+" ") {
					t.Fatalf("got %q, %v; want %s", got, err, want)
				}
			}
		}
	})
}
