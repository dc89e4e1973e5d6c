package plan

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// stack is a drawn way to a run: profiles in layers over each other, a command line, and
// whose word each is.
type stack struct {
	sources []profile.Source
	options Options
	layer   container.Layer // of the profile that is run
	signers []string        // of the bundles it comes from, in any order
}

func some[T any](r *rand.Rand, in ...T) T { return in[r.IntN(len(in))] }

// drawSettings are lines of a container table; now and then each loosens.
func drawSettings(r *rand.Rand) string {
	var b strings.Builder
	for _, lines := range [][]string{
		{"read_only = true", "read_only = false"},
		{"no_new_privileges = true", "no_new_privileges = false"},
		{"init = false", "init = true"},
		{`memory = "1g"`, `memory = "3g"`, `memory = "16g"`},
		{"pids_limit = 100", "pids_limit = 4000"},
		{`shm_size = "16m"`, `shm_size = "256m"`},
		{`network = "none"`, `network = "zlaunch-x"`, `network = "host"`},
		{"cap_add = []", `cap_add = ["chown"]`, `cap_add = ["net_raw", "chown"]`},
		{`cap_drop = ["all"]`, `cap_drop = ["net_raw"]`},
		{`env.A = "b"`, `env.LD_PRELOAD = "/x"`},
		{`volume."/x" = { source = "models", read_only = true }`, `volume."/x" = { source = "other" }`},
		{`image = "icr.io/x/y:1"`, `image = "docker.io/x/y:1"`},
	} {
		if r.IntN(8) == 0 {
			b.WriteString(lines[min(r.IntN(len(lines)+1), len(lines)-1)] + "\n")
		}
	}
	return b.String()
}

// drawProfile is a file of one profile, with an overlay for an architecture, and a waiver
// where its layer may carry one.
func drawProfile(r *rand.Rand, layer container.Layer, name, extends string) string {
	text := fmt.Sprintf("schema = 1\n[profile.%s]\nextends = %q\nkind = \"server\"\nports = { http = 8000 }\n[profile.%s.container]\n%s", name, extends, name, drawSettings(r))
	if extends == "base" {
		text = strings.Replace(text, "container]\n", "container]\n"+`args = ["x"]`+"\n", 1)
	}
	if r.IntN(2) == 0 {
		text += fmt.Sprintf("[profile.%s.arch.%s.container]\n%s", name, some(r, "amd64", "s390x"), drawSettings(r))
	}
	if layer != container.LayerProject && r.IntN(8) == 0 {
		text += fmt.Sprintf("[[profile.%s.waiver]]\ncontrol = \"ZL-804\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01\n", name)
	}
	return text
}

// drawStack draws one of system, bundle, user and project for each link of the chain.
func drawStack(r *rand.Rand, base profile.Source) *stack {
	s := &stack{sources: []profile.Source{base}, layer: container.LayerBuiltIn}
	below := "base"
	for i, layer := range []container.Layer{container.LayerSystem, container.LayerBundle, container.LayerUser, container.LayerProject} {
		if r.IntN(3) == 0 && (i < 3 || below != "base") {
			continue
		}
		name := fmt.Sprintf("p%d", i)
		src := profile.Source{Layer: layer, File: string(layer) + ".toml"}
		text := drawProfile(r, layer, name, below)
		if layer == container.LayerBundle {
			key := some(r, "SHA256:a", "SHA256:b", "")
			src.Bundle = &profile.Bundle{Name: "team", Version: "1.0.0", Signer: &profile.Signer{Fingerprint: key}}
			s.signers = append(s.signers, key)
			if r.IntN(3) == 0 { // a bundle's own base
				text += "[profile.base]\nextends = \"base\"\n[profile.base.container]\n" + drawSettings(r)
			}
		}
		src.Data = []byte(text)
		s.sources, s.layer, below = append(s.sources, src), layer, name
	}
	s.options = drawOptions(r)
	s.options.Profile = below
	return s
}

func drawOptions(r *rand.Rand) Options {
	o := Options{Arch: some(r, "amd64", "s390x"), Detach: true, Image: some(r, "", "icr.io/a/b:1", "docker.io/a/b:1", "icr.io/a/b:1")}
	maybe := func(of int, set func()) {
		if r.IntN(of) == 0 {
			set()
		}
	}
	maybe(6, func() { o.Memory = some(r, "512m", "2g", "32g") })
	maybe(8, func() { o.Network = some(r, "zlaunch-y", "none", "host", "shared") })
	maybe(6, func() { o.Publish = []string{some(r, "9000:http", "127.0.0.1:9000:http", "0.0.0.0:9000:http")} })
	maybe(6, func() { o.Env = []string{"LD_PRELOAD=/x"} })
	maybe(6, func() { o.Waive = []string{"ZL-501=because"} })
	for range r.IntN(3) {
		maybe(2, func() {
			o.PodmanArgs = append(o.PodmanArgs, some(r, "--read-only=false", "--read-only", "--memory=8g", "--cap-add=chown", "--cap-add=all", "--volume=/opt/x:/y:ro",
				"--volume=/srv/x:/y:ro", "--privileged", "--network=host", "--init", "--pids-limit=0", "--pids-limit=50", "--shm-size=1g", "--device=/dev/fuse",
				"--publish=8001:8001", "--publish=127.0.0.1:8002:8002", "--security-opt=no-new-privileges", "--user=0"))
		})
	}
	return o
}

// line is the podman line that a plan comes to: the oracles read its words, and know
// nothing of specs and rows.
type line struct {
	words  []string
	of     *stack
	waived []audit.Waiver
}

// all are the values of an option; a bare one is "true".
func (l line) all(option string) (out []string) {
	for _, w := range l.words {
		if name, value, has := strings.Cut(w, "="); name == "--"+option {
			if !has {
				value = "true"
			}
			out = append(out, value)
		}
	}
	return out
}

func (l line) is(option string) bool {
	v := l.all(option)
	return len(v) > 0 && v[len(v)-1] == "true"
}

func (l line) number(option string) int {
	v := l.all(option)
	if len(v) == 0 {
		return -1
	}
	n, err := strconv.Atoi(strings.TrimSuffix(v[len(v)-1], "b"))
	if err != nil {
		panic(err)
	}
	return n
}

func (l line) waives(control string) bool {
	return slices.ContainsFunc(l.waived, func(w audit.Waiver) bool { return w.Control == control })
}

// image is the first word that is no option: the line joins options and values by '='.
func (l line) image() string {
	i := slices.IndexFunc(l.words[2:], func(w string) bool { return !strings.HasPrefix(w, "-") })
	return l.words[2+i]
}

// each tells whether there are values of an option, or none is fine, and all are so.
func each(values []string, met func(string) bool) bool {
	return !slices.ContainsFunc(values, func(v string) bool { return !met(v) })
}

// demanded is a check as a file has it, and its oracle.
type demanded struct {
	text string
	met  func(line) bool
}

func drawDemand(r *rand.Rand) demanded {
	want := r.IntN(4) > 0
	on := func(key, option string) demanded {
		return demanded{fmt.Sprintf("[require]\n%s = %v", key, want), func(l line) bool { return l.is(option) == want }}
	}
	capabilities := func(l line) bool {
		drop := slices.Contains(l.all("cap-drop"), "all")
		return drop && !l.is("privileged") && each(l.all("cap-add"), func(v string) bool { return want && v == "chown" })
	}
	list := map[bool]string{true: `["chown"]`, false: "[]"}[want]
	mib := some(r, 64, 1024, 2048, 4096)
	return some(r,
		on("read_only", "read-only"), on("init", "init"), on("privileged", "privileged"),
		demanded{"[require]\nno_new_privileges = true", func(l line) bool { return slices.Contains(l.all("security-opt"), "no-new-privileges") }},
		demanded{fmt.Sprintf("[at_most]\nmemory = \"%dm\"", mib), func(l line) bool { n := l.number("memory"); return n > 0 && n <= mib<<20 }},
		demanded{"[at_most]\npids_limit = 2048", func(l line) bool { n := l.number("pids-limit"); return n > 0 && n <= 2048 }},
		demanded{"[at_least]\nshm_size = \"64m\"", func(l line) bool { return l.number("shm-size") >= 64<<20 }},
		demanded{"[only]\nnetwork = [\"zlaunch-*\", \"none\"]", func(l line) bool {
			return each(l.all("network"), func(v string) bool { return v == "none" || strings.HasPrefix(v, "zlaunch-") })
		}},
		demanded{"[only]\npublish_address = [\"127.0.0.1\"]", func(l line) bool {
			return !slices.Contains(l.all("network"), "host") && each(l.all("publish"), func(v string) bool { return strings.HasPrefix(v, "127.0.0.1:") })
		}},
		demanded{"[only]\ncapabilities = " + list, capabilities},
		demanded{"[only]\nmount_root = [\"/srv\", \"models\"]", func(l line) bool {
			return len(l.all("volumes-from")) == 0 && each(l.all("volume"), func(v string) bool {
				source, _, _ := strings.Cut(v, ":")
				return source == "models" || strings.HasPrefix(path.Clean(source), "/srv/")
			})
		}},
		demanded{"[only]\ndevice = []", func(l line) bool { return len(l.all("device")) == 0 && !l.is("privileged") }},
		demanded{"[only]\nregistry = [\"icr.io\"]", func(l line) bool { return strings.HasPrefix(l.image(), "icr.io/") }},
		demanded{"[include]\ncap_drop = [\"all\"]", func(l line) bool {
			return slices.Contains(l.all("cap-drop"), "all") && !slices.Contains(l.all("cap-add"), "all") && !l.is("privileged")
		}},
		demanded{"[only]\nlayer = [\"system\", \"bundle\", \"user\"]", func(l line) bool { return l.of.layer != container.LayerProject && l.of.layer != container.LayerBuiltIn }},
		demanded{"[signer]\nbundle = [\"SHA256:a\"]", func(l line) bool {
			return len(l.of.signers) > 0 && each(l.of.signers, func(v string) bool { return v == "SHA256:a" })
		}},
		demanded{"[signer]\nprofile = [\"*\"]", func(l line) bool { return l.of.layer == container.LayerBundle && l.of.signers[0] != "" }},
		demanded{"[controls]\nrequire = [\"ZL-501\"]", func(l line) bool { return l.is("read-only") }},
		demanded{"[waivers]\nnever = [\"ZL-50*\"]", func(l line) bool { return !l.waives("ZL-501") || l.is("read-only") }},
		demanded{"[waivers]\nnever = [\"ZL-804\"]", func(l line) bool { return !l.waives("ZL-804") }},                // no line bounds the processors
		demanded{"[waivers]\nby = { \"command line\" = [\"*\"] }", func(l line) bool { return !l.waives("ZL-804") }}, // those are of files
	)
}

// stacks is how many stacks are drawn; ZLAUNCH_POLICY_STACKS draws more.
func stacks(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("ZLAUNCH_POLICY_STACKS"))
	if err != nil {
		n = 2000
	}
	t.Logf("%d stacks", n)
	return n
}

// However a run is put together, it is launched only if the podman line that it comes to
// meets every check of the policy, and the policy refuses no other; one more file never
// lets more through.
func TestStacks(t *testing.T) {
	built, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	base := built[slices.IndexFunc(built, func(s profile.Source) bool { return strings.HasSuffix(s.File, "base.toml") })]
	pl, _ := beside(t, "", nil)
	pl.Engine = nil
	r := rand.New(rand.NewPCG(13, 3))
	pl.Now = func() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }
	counted := map[string]int{}
	n := stacks(t)
	for i := range n {
		s := drawStack(r, base)
		pl.Catalog = profile.Assemble(s.sources)
		counted[tryStack(t, pl, s, r, i)]++
	}
	t.Log(counted)
	if min(counted["launched"], counted["refused by the policy"], counted["refused"]) < n/20 {
		t.Errorf("%v: the draw is of no use", counted)
	}
}

// tryStack tells what becomes of a stack under a drawn policy.
func tryStack(t *testing.T, pl *Planner, s *stack, r *rand.Rand, i int) string {
	t.Helper()
	var set policy.Set
	var demands []demanded
	for range 1 + r.IntN(3) {
		d := drawDemand(r)
		f, err := policy.Parse(fmt.Sprintf("%d.toml", len(set)), []byte("schema = 1\n"+d.text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		set, demands = append(set, f), append(demands, d)
	}
	pl.Policy = func() (policy.Set, error) { return set, nil }
	p, err := pl.Plan(context.Background(), s.options)
	var none *profile.NoImageError
	if errors.As(err, &none) {
		s.options.Image = "icr.io/lent/image:1"
		p, err = pl.Plan(context.Background(), s.options)
	}
	if err != nil {
		return "no plan"
	}
	words, err := p.RunLine()
	if err != nil {
		t.Fatal(err)
	}
	l, met, before := line{words, s, p.Waivers}, true, true
	for n, d := range demands {
		met = met && d.met(l)
		p.policy = set[:n+1]
		passes := len(policyProblems(pl, p)) == 0
		if passes && !before {
			t.Fatalf("stack %d: one more file lets through what was refused: %s", i, d.text)
		}
		if before = passes; passes != met {
			t.Fatalf("stack %d: the policy lets it through: %v, the oracle: %v\n%s\n%q\n%+v\n%s", i, passes, met, texts(demands[:n+1]), words, s.options, files(s))
		}
	}
	forbidden := slices.ContainsFunc(p.Problems, func(pr audit.Problem) bool { return pr.Control == audit.PolicyMet.ID })
	switch refused := p.Refusal() != nil; {
	case forbidden == met || forbidden && !refused:
		t.Fatalf("stack %d: forbidden %v, refused %v, the oracle: %v", i, forbidden, refused, met)
	case forbidden:
		return "refused by the policy"
	case refused:
		return "refused"
	}
	return "launched"
}

func texts(in []demanded) (out string) {
	for _, d := range in {
		out += d.text + "\n"
	}
	return out
}

func files(s *stack) (out string) {
	for _, src := range s.sources[1:] {
		out += "# " + src.File + "\n" + string(src.Data)
	}
	return out
}
