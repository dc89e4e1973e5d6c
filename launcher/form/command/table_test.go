package command

import "testing"

// Every option is declared once for each engine, with a setting.
func TestTables(t *testing.T) {
	for _, e := range []engine{podman, docker} {
		for _, tab := range []*table{tablesOf(e).run, tablesOf(e).front} {
			for _, n := range tab.names {
				if o := tab.long[n]; o.read == nil || o.row == nil && n != "security-opt" {
					t.Errorf("%s --%s decides nothing", e, n)
				}
			}
		}
	}
	if p, d := len(tablesOf(podman).run.names), len(tablesOf(docker).run.names); p < 150 || d < 95 {
		t.Errorf("%d and %d options", p, d)
	}
}
