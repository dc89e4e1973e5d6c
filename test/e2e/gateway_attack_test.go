package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// played is the JSON of zlaunch gateway test.
type played struct {
	Logs    []string `json:"logs"`
	Failed  bool     `json:"failed"`
	Attacks []struct {
		ID, Sent, Verdict, Answer, Why string
	} `json:"attacks"`
	Counts map[string]int `json:"counts"`
}

// TestGatewayAttack plays the attacks on a gateway that runs: none arrives, and what was lent
// for it is gone.
func TestGatewayAttack(t *testing.T) {
	for name, words := range map[string][]string{"tokens": nil, "certificates": {"--client-certificates"}} {
		t.Run(name, func(t *testing.T) {
			show := shows(t, "gateway-attack", "attacks on a gateway that runs ("+name+"): none reaches the server, whose own log says so")
			w := guardedWorld(t)
			w.guard(words...)
			r := w.zlaunch("gateway", "test", "tells", "--json")
			var p played
			if err := json.Unmarshal([]byte(r.stdout), &p); err != nil || r.code != 0 {
				t.Errorf("gateway test ended with %d: %v %s", r.code, err, r.stderr)
			}
			for _, a := range p.Attacks {
				if a.Verdict != "refused" && a.Verdict != "not-played" {
					t.Errorf("%s is %s (%s): %s %s", a.ID, a.Verdict, a.Sent, a.Answer, a.Why)
				}
			}
			if !slices.Equal(p.Logs, []string{"gateway's log", "server's log"}) || p.Counts["refused"] < 100 {
				t.Errorf("logs %q, %v", p.Logs, p.Counts)
			}
			if left := w.zlaunch("token", "list", "tells").stdout; strings.Contains(left, "attack-") {
				t.Errorf("still lent: %s", left)
			}
			show.saw("%d attacks refused, by %s", p.Counts["refused"], strings.Join(p.Logs, " and "))
		})
	}
}
