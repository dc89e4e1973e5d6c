package exposure

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestRules(t *testing.T) {
	d := Join(facts(), nil)
	for text, want := range map[string][]string{
		"lan: none":                                {"lan lan tcp/9002", "lan onhost tcp/9010"},
		"lan: 9002, onhost":                        nil,
		"lan: lan:9002; host: none":                {"lan onhost tcp/9010", "host lan tcp/9002", "host lo tcp/9001", "host onhost tcp/9010", "host slirp tcp/9003"},
		"users: lan, lo, onhost, slirp":            nil,
		"egress: lan, lo, slirp, onhost, names":    nil,
		"egress: lan, lo, slirp, onhost":           {"egress inside names"},
		"containers: 8000, 9001, 9002, 9003, 9010": nil,
	} {
		rules, err := ParseRules(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, v := range rules.Check(d) {
			got = append(got, v.Subject+" "+v.Container+" "+v.Row)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// What is not known counts as open.
func TestUnknownViolates(t *testing.T) {
	f := facts()
	f.Members[2].Unread = []string{"who knows"}
	rules, err := ParseRules("lan: lan, onhost; egress: lan, lo, slirp, onhost, inside")
	if err != nil {
		t.Fatal(err)
	}
	got := rules.Check(Join(f, nil))
	if len(got) != 1 || got[0].Container != "inside" || !strings.Contains(got[0].String(), "counts as open") {
		t.Errorf("%+v", got)
	}
	f.Unread = []string{"container x: gone"}
	if got := rules.Check(Join(f, nil)); len(got) != 3 {
		t.Errorf("%+v", got)
	}
}

func TestBadRules(t *testing.T) {
	for _, text := range []string{"", ";", "lan", "wan: none", "lan:", "lan: none, 80", "lan: 0", "lan: 70000", "lan: a:b", "lan: none; lan: 80", "egress: lan:80", "lan: a b", "lan: none:80", "egress: x:names:y"} {
		if r, err := ParseRules(text); err == nil {
			t.Errorf("%q is read as %q", text, r)
		}
	}
}

func TestCompare(t *testing.T) {
	before, f := Join(facts(), nil), facts()
	f.Host.Sockets = slices.DeleteFunc(f.Host.Sockets, func(s Socket) bool { return s.Inode == 9002 })
	f.Members[1].Publish = nil
	f.publish("inside", "", 9005, 8000)
	d := Compare(before, Join(f, nil))
	var got []string
	for _, c := range d.Changes {
		if c.Who == "lan" || strings.HasPrefix(c.Who, "at ") {
			got = append(got, string(c.Kind)+" "+c.Container+" "+c.Row+" "+c.Who)
		}
	}
	want := []string{"opened inside [::]:8000/tcp at [::]:9005", "opened inside [::]:8000/tcp lan", "closed lan [::]:8000/tcp at [::]:9002", "closed lan [::]:8000/tcp lan"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if d := Compare(before, before); len(d.Changes) != 0 {
		t.Errorf("%+v", d)
	}
}

// A document is read as it was written; what answers nothing is refused.
func TestDecode(t *testing.T) {
	data, err := json.Marshal(Join(facts(), nil))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Decode(data)
	if err != nil || len(Compare(d, Join(facts(), nil)).Changes) != 0 {
		t.Errorf("%v %+v", err, d)
	}
	for _, r := range [][2]string{{Schema, "zlaunch.dev/exposure/v9"}, {`"is":"yes"`, `"is":"maybe"`}, {`"to":"names"`, `"to":"x"`}, {`"protocol":"tcp"`, `"protocol":""`}, {`"address":"127.0.0.1"`, `"address":"lo"`}} {
		if _, err := Decode([]byte(strings.Replace(string(data), r[0], r[1], 1))); err == nil {
			t.Errorf("%s is read", r[1])
		}
	}
}

// The probe's word counts where it reached what should be closed.
func TestHold(t *testing.T) {
	f := facts()
	d := Join(f, nil)
	for _, v := range Plan(f, d) {
		var got []Outcome
		for _, try := range v.Tries {
			o := Outcome{Got: try.Expect, Auth: Unknown}
			if try.Kind == Ask {
				o = Outcome{Got: No, Detail: "it answers plain HTTP", Auth: No, Why: "it answers 200"}
			}
			if v.Network == "inner" && d.Containers[try.Container].Name == "lo" {
				o.Got = Yes
			}
			got = append(got, o)
		}
		d.Hold(v, got)
	}
	d.Finish()
	if bad := d.Disagree(); len(bad) != 1 || bad[0].Of != "lo" {
		t.Errorf("%+v", bad)
	}
	p := of(t, d, "lo").Ports[0]
	if p.Others.Probe != Disagrees || p.Others.From != Probe || p.Host.Probe != Agrees || p.TLS.Is != No || p.LAN.Probe != Agrees {
		t.Errorf("%+v", p)
	}
	if w := of(t, d, "inside").Ways; w[0].Probe != Agrees || w[1].Probe != NotTried {
		t.Errorf("%+v", w)
	}
}

// A probe sends to loopback, to addresses of containers, and to what slirp4netns makes of
// this host's loopback address; else it asks the kernel without sending.
func TestPlanStaysHere(t *testing.T) {
	f := facts()
	for _, v := range Plan(f, Join(f, nil)) {
		for _, try := range v.Tries {
			for _, a := range try.Addresses {
				own := a.Addr().IsLoopback() && a.Addr() == within(a.Addr()) || strings.HasPrefix(a.Addr().String(), "10.89.") && v.Network != ""
				slirp := try.Kind == Knock && a.Addr() == ip("10.0.2.2")
				if !own && !slirp && try.Kind != Bind && try.Kind != Routed {
					t.Errorf("from %s: %s of %s", v.Name(), try.Kind, a)
				}
			}
		}
	}
}
