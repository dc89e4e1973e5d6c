package plan

import (
	"strings"
	"testing"
)

// A profile that stands behind a gateway is run by nobody without one: not by options, and not
// with a waiver. What others do not reach needs none.
func TestBehindGateway(t *testing.T) {
	const behind = "[profile.front]\nextends = \"triton\"\nbehind_gateway = true\n"
	inner := &InStack{Stack: "front", Member: "server", Container: "front",
		Networks: []Network{{Name: "inner", Internal: true, NoDNS: true}}}
	for name, c := range map[string]struct {
		more    string // lines of the profile
		options Options
		says    string // "" it is let through
	}{
		"without":   {"", Options{}, "stands behind a gateway alone, and others reach"},
		"elsewhere": {"", Options{Publish: []string{"0.0.0.0:9000:http"}}, "and others reach"},
		"waived":    {"", Options{Waive: []string{"ZL-103=r"}}, "and others reach"},
		"by an arg": {"container.network = 'none'\n", Options{PodmanArgs: []string{"--network=host"}},
			"stands behind a gateway alone"},
		"nobody":        {"container.network = 'none'\n", Options{}, ""},
		"behind one":    {"", Options{InStack: inner}, ""},
		"a further one": {"[profile.front.arch.amd64]\nbehind_gateway = false\n", Options{}, ""},
	} {
		pl, _ := beside(t, behind+c.more, nil)
		c.options.Profile = "front"
		c.options.Arch = "amd64"
		p, err := pl.Plan(t.Context(), c.options)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		for _, pr := range p.Problems {
			if pr.Fatal && pr.Waiver == nil && strings.Contains(pr.Message, "behind a gateway") {
				got += pr.Message
			}
		}
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
		if err := RefusalElsewhere(p); c.says != "" && (err == nil || !strings.Contains(err.Error(), "behind a gateway")) {
			t.Errorf("%s: it can be written down for elsewhere: %v", name, err)
		}
	}
}
