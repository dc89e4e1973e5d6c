package plan

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// under is a planner under a policy.
func under(t *testing.T, profiles string, config map[string]any, texts ...string) *Planner {
	t.Helper()
	pl, _ := beside(t, profiles, config)
	pl.Now = func() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }
	var set policy.Set
	for i, text := range texts {
		f, err := policy.Parse(fmt.Sprintf("/etc/zlaunch/policy.d/%d.toml", i), []byte("schema = 1\ncontact = \"sec@example.org\"\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		set = append(set, f)
	}
	pl.Policy = func() (policy.Set, error) { return set, nil }
	return pl
}

const floor = `[require]
read_only = true
[at_most]
memory = "4g"
[only]
network = ["zlaunch-*"]
mount_root = ["/srv"]
user = ["1000:1000"]
registry = ["localhost"]
env = ["HOME", "container", "PATH", "TERM"]
capabilities = []
`

// No way of writing a setting is a way around the policy: it judges what the run comes
// to. Each refusal names the file and the line, and whom to ask; no waiver permits one.
func TestNothingLoosens(t *testing.T) {
	web := func(more string) string {
		return "[profile.web]\nextends = \"base\"\nabout = \"a server\"\nkind = \"server\"\n[profile.web.container]\nimage = \"localhost/web:1\"\n" + more
	}
	for name, c := range map[string]struct {
		profile string
		options Options
		config  map[string]any
		says    string // "" it runs
	}{
		"as it should be": {profile: web(""), config: ibm},
		"through extends": {profile: web("") + "[profile.loose]\nextends = \"web\"\nabout = \"x\"\ncontainer.read_only = false\n", config: ibm,
			options: Options{Profile: "loose"}, says: "read_only must be true, it is false: /etc/zlaunch/policy.d/0.toml:4 forbids it"},
		"through arch": {profile: web("") + "[profile.web.arch.amd64.container]\nmemory = \"8g\"\n", config: ibm, says: "memory must be at most 4g, it is 8g"},
		"through a tightened parent": {profile: web("memory = \"1g\"\n") + "[profile.loose]\nextends = \"web\"\nabout = \"x\"\ncontainer.memory = \"5g\"\n", config: ibm,
			options: Options{Profile: "loose"}, says: "it is 5g"},
		"through --memory":      {profile: web(""), config: ibm, options: Options{Memory: "5g"}, says: "it is 5g"},
		"through --network":     {profile: web(""), config: ibm, options: Options{Network: "host"}, says: "network must be nothing but"},
		"through --image":       {profile: web(""), config: ibm, options: Options{Image: "docker.io/library/web:1"}, says: `it is "docker.io"`},
		"through --env":         {profile: web(""), config: ibm, options: Options{Env: []string{"LD_PRELOAD=/x"}}, says: `it is "LD_PRELOAD"`},
		"through podman_arg":    {profile: web(""), config: ibm, options: Options{PodmanArgs: []string{"--read-only=false"}}, says: "read_only must be true"},
		"by a capability":       {profile: web(""), config: ibm, options: Options{PodmanArgs: []string{"--cap-add=chown"}}, says: "capabilities must be nothing but none"},
		"by a volume":           {profile: web(""), config: ibm, options: Options{PodmanArgs: []string{"--volume=/opt/x:/x:ro"}}, says: `"/opt/x" is mounted`},
		"through the image":     {profile: web(""), config: map[string]any{"User": "0:0"}, says: "user must be nothing but"},
		"by the image's env":    {profile: web(""), config: map[string]any{"User": "1000:1000", "Env": []string{"LD_PRELOAD=/x"}}, says: `it is "LD_PRELOAD"`},
		"by the image's labels": {profile: web(""), config: map[string]any{"User": "1000:1000", "Labels": map[string]string{"io.zlaunch.policy": "none", "zlaunch.policy": "off"}}},
		"by a waiver":           {profile: web(""), config: ibm, options: Options{Memory: "5g", Waive: []string{"ZL-801=please"}}, says: "it is 5g"},
	} {
		t.Run(name, func(t *testing.T) {
			pl := under(t, c.profile, c.config, floor)
			if c.options.Profile == "" {
				c.options.Profile = "web"
			}
			p, err := pl.Plan(t.Context(), c.options)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, pr := range p.Problems {
				if pr.Control == "ZL-004" {
					got += pr.Message + "\n"
					if !pr.Fatal || pr.Waiver != nil || !strings.Contains(pr.Hint, "ask sec@example.org") {
						t.Errorf("%+v", pr)
					}
				}
			}
			if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
				t.Errorf("%q, want %q", got, c.says)
			}
			if c.says != "" && p.Refusal() == nil {
				t.Error("it is not refused")
			}
		})
	}
	pl := under(t, server, ibm, floor)
	if _, err := pl.Plan(t.Context(), Options{Profile: "web", Waive: []string{"ZL-004=please"}}); err == nil {
		t.Error("the policy was waived on the command line")
	}
}

// What is mounted is judged, and not what it is called: links are followed, and what is
// exchanged for another between two looks is not known.
func TestPolicyFollowsLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/in/a/f", "x")
	write(t, dir+"/out/a/f", "x")
	for link, to := range map[string]string{"/in/link": "../out", "/out/link": "../in"} {
		if err := os.Symlink(to, dir+link); err != nil {
			t.Fatal(err)
		}
	}
	for source, says := range map[string]string{
		"/in/a": "", "/out/link/a": "", "/out/a": `/out/a" is mounted`, "/in/link": `/out" is mounted`, "/in/link/a": `/out/a" is mounted`,
	} {
		pl := under(t, server, ibm, "[only]\nmount_root = [\""+dir+"/in\"]\n")
		p, err := pl.Plan(t.Context(), Options{Profile: "web", PodmanArgs: []string{"--volume=" + dir + source + ":/x:ro"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := forbidden(p); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%s: %q, want %q", source, got, says)
		}
	}
	pl := under(t, server, ibm, "[only]\nmount_root = [\""+dir+"/in\"]\n")
	p, err := pl.Plan(t.Context(), Options{Profile: "web", PodmanArgs: []string{"--volume=" + dir + "/in/a:/x:ro"}})
	if err != nil {
		t.Fatal(err)
	}
	p.Hold("/x", model.Inode{}, nil)
	if v, _, _ := container.VolumeAt.Get(pl.Judged(p), "/x"); !v.Open {
		t.Errorf("another directory than the one that is held: %+v", v)
	}
}

// forbidden is what a policy has against a plan.
func forbidden(p *Plan) (out string) {
	for _, pr := range p.Problems {
		if pr.Control == "ZL-004" {
			out += pr.Message + "\n"
		}
	}
	return out
}

// A digest of models is what these have, and not what others were permitted beside.
func TestPolicyOfModelDigest(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/m/1/model.json", "{}")
	print, err := model.Take(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for digest, says := range map[string]string{print.Digest: "", "sha256:" + strings.Repeat("0", 64): "model_digest must be sha256:0000"} {
		pl := under(t, "[profile.m]\nextends = \"base\"\nabout = \"x\"\nkind = \"server\"\nmodels = { at = \"/models\", digest = \""+digest+
			"\" }\n[profile.m.container]\nimage = \""+web+"\"\n", ibm, "[require]\nmodel_digest = \""+digest+"\"\n")
		p, err := pl.Plan(t.Context(), Options{Profile: "m", Models: dir, Waive: []string{"ZL-935=these are as good"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := forbidden(p); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%s: %q, want %q", digest, got, says)
		}
	}
}

// A layer has a say in a profile also by what the profile extends.
func TestPolicyOfLayers(t *testing.T) {
	for text, says := range map[string]string{
		"": "", "[profile.base]\nextends = \"base\"\n[profile.base.container]\numask = \"0077\"\n": `layer must be nothing but built-in, it is "user"`,
		"[profile.other]\nextends = \"demo\"\nabout = \"x\"\n": "",
	} {
		pl := under(t, text, ibm, "[only]\nlayer = [\"built-in\"]\n")
		p, err := pl.Plan(t.Context(), Options{Profile: "demo"})
		if err != nil {
			t.Fatal(err)
		}
		if got := forbidden(p); (got == "") != (says == "") || !strings.Contains(got, says) {
			t.Errorf("%q: %q, want %q", text, got, says)
		}
	}
}

// A policy may name who signs: by the key, or by a principal that the host's own list
// has; what is of no bundle is signed by nobody.
func TestPolicyOfSigners(t *testing.T) {
	of := func(s profile.Signer) *profile.Bundle {
		return &profile.Bundle{Name: "team", Version: "1.0.0", Signer: &s}
	}
	bundled := func(b *profile.Bundle, name, extends string) profile.Source {
		return profile.Source{Layer: container.LayerBundle, Bundle: b, File: "team/a.toml",
			Data: []byte("schema = 1\n[profile." + name + "]\nextends = \"" + extends + "\"\nkind = \"job\"\n[profile." + name + ".container]\nimage = \"localhost/web:1\"\n")}
	}
	user := bundled(nil, "mine", "signed")
	user.Layer, user.File = container.LayerUser, "mine.toml"
	built, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		signer  profile.Signer
		profile string
		check   string
		says    string // "" it runs
	}{
		"by its key":            {profile.Signer{Fingerprint: "SHA256:k"}, "signed", `profile = ["SHA256:k"]`, ""},
		"by another":            {profile.Signer{Fingerprint: "SHA256:k"}, "signed", `profile = ["SHA256:x"]`, `it is signed by "SHA256:k"`},
		"by nobody":             {profile.Signer{}, "signed", `profile = ["*"]`, "no signature of it is known"},
		"by the host's name":    {profile.Signer{Principal: "sec@example.org", Fingerprint: "SHA256:k", OfHost: true}, "signed", `profile = ["*@example.org"]`, ""},
		"by the caller's name":  {profile.Signer{Principal: "sec@example.org", Fingerprint: "SHA256:k"}, "signed", `profile = ["*@example.org"]`, `it is signed by "SHA256:k"`},
		"a profile of the user": {profile.Signer{Fingerprint: "SHA256:k"}, "mine", `profile = ["*"]`, "no signature of it is known"},
		"its bundle":            {profile.Signer{Fingerprint: "SHA256:k"}, "mine", `bundle = ["SHA256:k"]`, ""},
		"no bundle":             {profile.Signer{Fingerprint: "SHA256:k"}, "demo", `bundle = ["*"]`, "no signature of it is known"},
	} {
		t.Run(name, func(t *testing.T) {
			pl := under(t, "", ibm, "[signer]\n"+c.check+"\n")
			pl.Catalog = profile.Assemble(append(slices.Clip(built), bundled(of(c.signer), "signed", "base"), user))
			p, err := pl.Plan(t.Context(), Options{Profile: c.profile})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := p.Refusal(); err != nil {
				got = err.Error()
			}
			if strings.Contains(got, "ZL-004") != (c.says != "") || !strings.Contains(got, c.says) {
				t.Errorf("%q, want %q", got, c.says)
			}
		})
	}
}

// What only the image tells meets no check while that is not here, and the next step is to
// get it.
func TestPolicyBeforeTheImage(t *testing.T) {
	pl := under(t, strings.ReplaceAll(server, "localhost/web:1", "quay.io/x/web:1"), ibm, "[only]\nuser = [\"1000:1000\"]\n[require]\ninit = true\n")
	p, err := pl.Plan(t.Context(), Options{Profile: "web"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, pr := range p.Problems {
		if pr.Control == audit.PolicyMet.ID {
			got += pr.Message + " (" + pr.Hint + ")\n"
		}
	}
	const want = `init must be true, it is false: /etc/zlaunch/policy.d/0.toml:6 forbids it (meet require.init of /etc/zlaunch/policy.d/0.toml:6, or ask sec@example.org)
user must be nothing but 1000:1000, it is not known: /etc/zlaunch/policy.d/0.toml:4 forbids it (the image may tell, and is not here: zlaunch pull web
meet only.user of /etc/zlaunch/policy.d/0.toml:4, or ask sec@example.org)
`
	if got != want {
		t.Errorf("%s", got)
	}
}

// A limit that this host cannot enforce, and that a run goes without, is within no bound:
// not by the engine's default either.
func TestPolicyWithoutLimits(t *testing.T) {
	for _, bound := range []string{"memory = \"64g\"", "pids_limit = 4096"} {
		pl, s := beside(t, server, ibm)
		pl.Policy = under(t, server, ibm, "[at_most]\n"+bound+"\n").Policy
		s.Controllers, pl.Host.Cgroup.Controllers = nil, nil
		p, err := pl.Plan(t.Context(), Options{Profile: "web", Waive: []string{"ZL-104=r"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Refusal(); len(p.Dropped) == 0 || err == nil || !strings.Contains(err.Error(), "it has no limit: /etc/zlaunch/policy.d/0.toml:4 forbids it") {
			t.Errorf("%s: %v, %v", bound, p.Dropped, err)
		}
	}
}

// A policy that cannot be used is the end of every plan.
func TestPolicyFailsClosed(t *testing.T) {
	pl := under(t, server, ibm)
	bad := errors.New("a bad file")
	pl.Policy = func() (policy.Set, error) { return nil, bad }
	if _, err := pl.Plan(t.Context(), Options{Profile: "web"}); !errors.Is(err, bad) {
		t.Errorf("%v", err)
	}
}

// A file of the policy alone permits what is critical, until its day is over, and as far
// as the checks on waivers let it; it is shown in the plan where it is of use.
func TestPolicyWaives(t *testing.T) {
	waiver := func(day string) string {
		return "[[waiver]]\ncontrol = \"ZL-204\"\nreason = \"a profiler\"\nowner = \"ann\"\napproved_by = \"ciso\"\nexpires = " + day + "\n"
	}
	for name, c := range map[string]struct {
		texts   []string
		refused string // "" is permitted
	}{
		"nothing":        {[]string{floor}, "ZL-204"},
		"a waiver":       {[]string{waiver("2026-12-24")}, ""},
		"one that ended": {[]string{waiver("2026-11-28")}, "ZL-204"},
		"too long":       {[]string{waiver("2026-12-24"), "[waivers]\nlongest = \"7d\"\n"}, "runs 25 days more"},
		"by nobody":      {[]string{waiver("2026-12-24"), "[waivers]\nnever = [\"ZL-204\"]\n"}, "nobody may waive"},
		"of a required":  {[]string{waiver("2026-12-24"), "[controls]\nrequire = [\"ZL-204\"]\n"}, "is waived"},
	} {
		t.Run(name, func(t *testing.T) {
			pl := under(t, server, ibm, c.texts...)
			p, err := pl.Plan(t.Context(), Options{Profile: "web", Models: t.TempDir(), PodmanArgs: []string{"--cap-add=sys_admin"}, Waive: []string{"ZL-206=r", "ZL-203=r"}})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, pr := range p.Problems {
				if pr.Fatal && pr.Waiver == nil && (pr.Control == "ZL-204" || pr.Control == "ZL-004") {
					got += pr.Control + " " + pr.Message + "\n"
				}
			}
			if (got == "") != (c.refused == "") || !strings.Contains(got, c.refused) {
				t.Errorf("%q, want %q", got, c.refused)
			}
			shown := strings.Contains(fmt.Sprint(p.Waivers), "a profiler")
			if want := name != "nothing" && name != "one that ended"; shown != want {
				t.Errorf("the plan shows the waiver: %v", shown)
			}
		})
	}
}
