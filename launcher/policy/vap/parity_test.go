package vap_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/policy/vap"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

var parity = flag.String("parity", "", "write what test/kube holds against an API server into `DIR`")

// How many policies are drawn, and pods for each.
const (
	batches = 24
	pods    = 64
)

// batch is a policy, and what zlaunch makes of pods by it.
type batch struct {
	Policy string            // TOML
	Lost   map[string]string // by key, what the export loses of a check; "" nothing
	Pods   []pod
}

// pod is a manifest, and the keys of the checks that it breaks.
type pod struct {
	Manifest string
	Broken   []string
	Weakened []string // how
}

// TestParity draws policies over all keys and pods, which the form of Kubernetes wrote of specs
// by lot and which are weakened in one to three settings. test/kube asks a real API server
// the same; here what can be asked without one is.
func TestParity(t *testing.T) {
	r := rand.New(rand.NewPCG(14, seed()))
	asked := map[string]int{}
	var keys []string
	for i := range batches {
		if len(keys) < 14 {
			keys = append(keys, shuffled(r, policy.Keys())...)
		}
		b := drawBatch(t, r, keys[:14])
		keys = keys[14:]
		for k := range b.Lost {
			asked[k]++
		}
		if *parity != "" {
			data, err := json.MarshalIndent(b, "", " ")
			if err == nil {
				err = os.WriteFile(filepath.Join(*parity, fmt.Sprintf("%02d.json", i)), data, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, k := range policy.Keys() {
		if asked[k] == 0 {
			t.Errorf("no policy asks %s", k)
		}
	}
}

func shuffled(r *rand.Rand, in []string) []string {
	r.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	return in
}

func drawBatch(t *testing.T, r *rand.Rand, keys []string) batch {
	text := policyText(t, r, keys)
	f, err := policy.Parse("site.toml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	b := batch{Policy: text, Lost: map[string]string{}}
	var allow []string
	for _, s := range said(t, policy.Set{f}) {
		b.Lost[s.Key] = s.Lost
		if s.Lost != "" {
			allow = append(allow, s.Key)
		}
	}
	if _, err := vap.Write(policy.Set{f}, vap.Options{Allow: allow}); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	n := pods
	if *parity == "" {
		n = 2
	}
	for range n {
		p := drawPod(t, r)
		p.Broken = broken(t, policy.Set{f}, p.Manifest)
		b.Pods = append(b.Pods, p)
	}
	return b
}

// said is what becomes of every check, whatever is lost.
func said(t *testing.T, set policy.Set) []vap.Said {
	doc, _ := vap.Write(set, vap.Options{})
	if doc == nil || len(doc.Said) == 0 {
		t.Fatal("nothing is said")
	}
	return doc.Said
}

// policyText is a policy that asks keys.
func policyText(t *testing.T, r *rand.Rand, keys []string) string {
	tables := map[string][]string{}
	for i, k := range keys {
		table, name, _ := strings.Cut(k, ".")
		if slices.Contains(keys[:i], k) {
			continue
		}
		tables[table] = append(tables[table], name+" = "+wanted(r, table, name))
	}
	text := "schema = 1\n"
	for _, table := range []string{"require", "at_most", "at_least", "only", "include", "controls", "proof", "gateway", "models", "scan", "signer", "waivers"} {
		if len(tables[table]) > 0 {
			text += "[" + table + "]\n" + strings.Join(tables[table], "\n") + "\n"
		}
	}
	return text
}

// broken are the keys of the checks that some container of a manifest breaks, as zlaunch
// policy test finds them.
func broken(t *testing.T, set policy.Set, manifest string) []string {
	t.Helper()
	found, err := subject.Files{}.Text("pod.yaml", []byte(manifest))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v\n%s", err, manifest)
	}
	gate := &subject.Gate{Standard: audit.Standards()[0], Policy: set}
	out := []string{}
	for _, one := range found {
		a := one()
		if a.Unread { // words beside the pod, as the name of an engine in an annotation: no server has a file
			continue
		}
		for _, c := range gate.Broken(a, time.Now()) {
			if !slices.Contains(out, c.Key) {
				out = append(out, c.Key)
			}
		}
	}
	return out
}

// drawPod is a pod as the form of Kubernetes writes a spec by lot, weakened.
func drawPod(t *testing.T, r *rand.Rand) pod {
	s := drawn.Spec(r, "a")
	container.Rm.Clear(s) // goes against some policies of restarting
	run := form.Run{Name: "web", Spec: s, Judged: s}
	if r.IntN(2) == 0 { // a whole spec says much that no server takes
		s = &container.Spec{}
		container.Image.Set(s, "localhost/a@sha256:0", container.From(container.Origin{}))
		run.Spec, run.Judged = s, s
	}
	doc, err := kube.Write(run, "1.37")
	if err != nil {
		t.Fatal(err)
	}
	p := templateOf(t, doc.Files[0].Data)
	var how []string
	for range 1 + r.IntN(3) {
		w := weaken[r.IntN(len(weaken))]
		w.do(r, p)
		how = append(how, w.name)
	}
	text, err := yaml.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return pod{Manifest: string(text), Weakened: how}
}

// templateOf is the pod that the last object of manifests makes.
func templateOf(t *testing.T, manifests []byte) object {
	parts := strings.Split(string(manifests), "\n---\n")
	var o struct {
		Spec struct {
			Template struct{ Metadata, Spec object }
		}
	}
	if err := yaml.Unmarshal([]byte(parts[len(parts)-1]), &o); err != nil {
		t.Fatal(err)
	}
	o.Spec.Template.Metadata["name"] = "drawn"
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": o.Spec.Template.Metadata, "spec": o.Spec.Template.Spec}
}

// seed is that of the draw, or another one.
func seed() uint64 {
	n, err := strconv.ParseUint(os.Getenv("ZLAUNCH_PARITY_SEED"), 10, 64)
	if err != nil {
		n = 47
	}
	return n
}
