package kube

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

const newest = "1.37"

// parse reads a text as the reader of files does.
func parse(text []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			docs, err = nil, errors.New("the parser panics")
		}
	}()
	in := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var n yaml.Node
		switch err := in.Decode(&n); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, err
		}
		docs = append(docs, &n)
	}
}

func readText1(t testing.TB, text []byte) Reading { return readFor(t, text, false) }

func readFor(t testing.TB, text []byte, play bool) Reading {
	t.Helper()
	docs, err := parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return Read(Source{File: "x.yaml", Docs: docs, Play: play})
}

// back writes a spec by a table, and reads that.
func back(t testing.TB, entries []entry, target string, s *container.Spec) (*form.Document, *container.Spec) {
	t.Helper()
	run := form.Run{Name: "web", Spec: s, Judged: s}
	if names, _, _ := container.Network.Get(s); len(names) == 1 && names[0] == "web" { // as the policy is called
		run.Networks = []form.Network{{Name: names[0]}}
	}
	doc, err := write(entries, run, target)
	if err != nil {
		t.Fatal(err)
	}
	got := readFor(t, doc.Files[0].Data, target == Podman)
	if len(got.Runs) != 1 || len(got.Open) > 0 {
		t.Fatalf("%d runs, open %v:\n%s", len(got.Runs), got.Open, doc.Files[0].Data)
	}
	for _, o := range got.Runs[0].Open {
		if o.Unknown {
			t.Fatalf("%v:\n%s", o, doc.Files[0].Data)
		}
	}
	return doc, got.Runs[0].Spec
}

// alike brings both sides of a row to the words that Kubernetes has for both.
var alike = map[string]func(elem string, v any) any{
	"userns": func(elem string, v any) any { // which users, the kubelet decides
		if v != "host" {
			return "auto"
		}
		return v
	},
	"seccomp_profile": func(elem string, v any) any { // where the file is, is the kubelet's
		if v == "default" {
			return ""
		}
		return strings.TrimPrefix(path.Base("/"+v.(string)), "/")
	},
	"volume": func(elem string, v any) any {
		one := v.(container.Volume)
		one.Open = false // what is behind a claim
		if !one.Bind() {
			one.Relabel = "" // the kubelet labels it for the pod
		}
		return one
	},
	"secret": func(elem string, v any) any { // the name stands in for a target that is not said
		one := v.(container.Secret)
		if one.Target == "" {
			one.Target = elem
		}
		if !path.IsAbs(one.Target) && one.Type != "env" {
			one.Target = "/run/secrets/" + one.Target
		}
		if path.IsAbs(one.Target) {
			one.Target = path.Clean(one.Target)
		}
		return one
	},
}

// missing are the rows of want, but for those lost and those that need no key, which got
// does not have as they are.
func missing(target string, want, got *container.Spec, lost []form.Loss) []string {
	var out []string
	want = container.Clone(want)
	for _, l := range lost { // what is said instead is there
		if l.Instead != nil {
			l.Instead(want)
		}
	}
	for _, e := range table() {
		has := map[container.Path]any{}
		for _, s := range e.row.Settings(got) {
			has[s.Path] = s.Value
		}
		for _, s := range e.row.Settings(want) {
			isLost := slices.ContainsFunc(lost, func(l form.Loss) bool {
				return l.Instead == nil && (l.At == s.Path || l.At.Elem == "" && l.At.Key == s.Path.Key)
			})
			privileged, _, _ := container.Privileged.Get(got) // of whose filter nothing is claimed
			if isLost || target == Podman && privileged && s.Path.Key == "seccomp_profile" || e.answer(target).put == nil || untold(s.Path.Key, s.Value) {
				continue
			}
			if s.Path.Key == "publish" && target != Podman {
				expose, _, _ := container.Expose.Get(got)
				if !slices.Contains(expose, s.Path.Elem) {
					out = append(out, s.Path.Key)
				}
				continue
			}
			a, b := plainly(want, s), has[s.Path]
			if b != nil {
				b = plainly(got, container.Setting{Path: s.Path, Value: b})
			}
			if f := alike[s.Path.Key]; f != nil && b != nil && (target != Podman || s.Path.Key == "seccomp_profile" || s.Path.Key == "secret") {
				a, b = f(s.Path.Elem, a), f(s.Path.Elem, b)
			}
			if !reflect.DeepEqual(sorted(a), sorted(b)) {
				out = append(out, s.Path.Key)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plainly is a value that reports hide.
func plainly(s *container.Spec, set container.Setting) any {
	var v any
	switch set.Path.Key {
	case "env":
		v, _, _ = container.Env.Get(s, set.Path.Elem)
	case "args":
		v, _, _ = container.Args.Get(s)
	case "entrypoint":
		v, _, _ = container.Entrypoint.Get(s)
	default:
		v = set.Value
	}
	return v
}

// sorted makes lists sets, for all but words.
func sorted(v any) any {
	if l, ok := v.([]string); ok {
		return strings.Join(slices.Sorted(slices.Values(l)), "\x00")
	}
	return v
}

// untold are the values that Kubernetes has where nothing is said.
func untold(key string, v any) bool {
	switch key {
	case "shm_size":
		return v == defaultShm || v == int64(0)
	case "memory", "memory_swap":
		return v == int64(0)
	case "ipc", "pid":
		return v == "private"
	case "init", "interactive", "tty":
		return v == false
	}
	if key == "cpus" {
		return v == 0.0
	}
	return (answer{}).nothing(v) && key != "read_only" && key != "privileged" && key != "no_new_privileges" && key != "stop_timeout" && key != "env" && key != "volume"
}

var hostile = []string{"plain", "a\nb: c", "%i $(id) ${X} $$ $é $", "$(A)", `"'#&*!|>%@`, "yes", "0o17", "<<", "~", "1e3", "\u2028\u0085\ufeff", "- a", strings.Repeat("x", 1<<20)}

func TestRoundTrip(t *testing.T) {
	for _, target := range []string{newest, Podman} {
		roundTrip(t, target)
	}
}

func roundTrip(t *testing.T, target string) {
	n, draws := 0, drawn.Times(150)
	for seed := range uint64(draws) {
		text := hostile[seed%uint64(len(hostile)-1)]
		if seed == 50 {
			text = hostile[len(hostile)-1]
		}
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 7)), text)
		if podmanrun.Check(s) != nil {
			continue
		}
		n++
		doc, got := back(t, table(), target, s)
		if miss := missing(target, s, got, doc.Lost); len(miss) > 0 {
			t.Fatalf("%s, seed %d: %v is not what it was:\n%s\n%v", target, seed, miss, doc.Files[0].Data, doc.Lost)
		}
		if seed%4 > 0 {
			continue
		}
		once, read := back(t, table(), target, again(got))
		if twice, _ := back(t, table(), target, again(read)); !bytes.Equal(once.Files[0].Data, twice.Files[0].Data) {
			t.Fatalf("%s, seed %d: read and written again\n%s\nis\n%s", target, seed, once.Files[0].Data, twice.Files[0].Data)
		}
	}
	if n < draws*2/3 {
		t.Errorf("%d specs of %d are too few", n, draws)
	}
}

// Models are what the run says that they are: of an image, of the node, of a claim that is
// there and is not written again.
func TestModelsFrom(t *testing.T) {
	for from, c := range map[form.Source]struct{ has, not, read string }{
		{}:                                    {"claimName: web-models", "hostPath", "web-models"},
		{Kind: "pvc", Name: "weights"}:        {"claimName: weights", "PersistentVolumeClaim\n", "weights"},
		{Kind: "hostPath"}:                    {"path: /srv/m", "claimName", "/srv/m"},
		{Kind: "image", Name: "r/m@sha256:0"}: {"reference: r/m@sha256:0", "claimName", "type=image,source=r/m@sha256:0,destination=/models"},
	} {
		s := &container.Spec{}
		container.Image.Set(s, "a", container.Mark{})
		container.VolumeAt.Set(s, "/models", container.Volume{Source: "/srv/m", ReadOnly: true}, container.Mark{})
		doc, err := Write(form.Run{Name: "web", Spec: s, Judged: s, Models: "/models", From: from}, newest)
		if err != nil {
			t.Fatal(err)
		}
		text := string(doc.Files[0].Data)
		got := readText1(t, doc.Files[0].Data).Runs[0]
		v, _, _ := container.VolumeAt.Get(got.Spec, "/models")
		other, _, _ := container.MountOther.Get(got.Spec)
		if !strings.Contains(text, c.has) || strings.Contains(text, c.not) || v.Source != c.read && !slices.Contains(other, c.read) {
			t.Errorf("%v: %+v %v\n%s", from, v, other, text)
		}
	}
}

// again is what was read as a run to be written: without what the objects have for each
// other, and with the ports that a Service had.
func again(s *container.Spec) *container.Spec {
	out := container.Clone(s)
	container.Labels.Delete(out, labelName)
	container.Labels.Delete(out, labelBy)
	container.TmpfsAt.Delete(out, shm) // which shm_size is written as
	for _, target := range container.VolumeAt.Keys(out) {
		v, m, _ := container.VolumeAt.Get(out, target)
		v.Open = false // a claim, which is written again
		container.VolumeAt.Set(out, target, v, m)
	}
	expose, _, _ := container.Expose.Get(out)
	for _, key := range expose {
		if _, _, known := container.Publish.Get(out, key); !known {
			container.Publish.Set(out, key, container.Port{}, container.Mark{})
		}
	}
	return out
}

// What ends is no Deployment, which would start it again: a job, and the program that a shell is
// given. A shell without one is a Pod that somebody attaches to.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind     string
		layer    container.Layer
		has, not string
	}{
		{"server", "", "kind: Deployment\n", "stdin"},
		{"notebook", "", "restartPolicy: Always\n", "kind: Pod\n"},
		{"job", "", "kind: Job\n", "restartPolicy: Always"},
		{"shell", container.LayerCommandLine, "kind: Job\n", "stdin"},
		{"shell", "", "stdin: true\n      tty: true\n", "kind: Job"},
		{"shell", "", "kind: Pod\n", "restartPolicy: Always"},
	} {
		s := &container.Spec{}
		container.Image.Set(s, "a", container.Mark{})
		container.Restart.Set(s, "no", container.Mark{})
		container.Args.Set(s, []string{"python3"}, container.From(container.Origin{Layer: c.layer}))
		doc, err := Write(form.Run{Name: "web", Kind: c.kind, Spec: s, Judged: s}, newest)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(doc.Files[0].Data); !strings.Contains(text, c.has) || strings.Contains(text, c.not) {
			t.Errorf("%s %s:\n%s", c.kind, c.layer, text)
		}
	}
}

// Each row that has a key is missed, and no other, where the table forgets it. Of swap and
// of restarts Kubernetes has one only, which a table cannot forget.
func TestTableDrop(t *testing.T) {
	for _, target := range []string{newest, Podman} {
		tableDrop(t, target)
	}
}

func tableDrop(t *testing.T, target string) {
	type sample struct {
		spec *container.Spec
		lost []form.Loss
	}
	var samples []sample
	for seed := uint64(0); len(samples) < 60; seed++ {
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 3)), "text")
		container.Cpus.Set(s, 1.5, container.Mark{})
		container.SecurityLabel.Set(s, []string{"type:a:b=c", "level:s0:c1"}, container.Mark{})
		if podmanrun.Check(s) == nil {
			doc, _ := back(t, table(), target, s)
			samples = append(samples, sample{s, doc.Lost})
		}
	}
	for i, e := range table() {
		key := e.row.Key()
		if e.answer(target).put == nil || slices.Contains([]string{"image", "memory_swap", "restart"}, key) || target == Podman && (key == "tmpfs" || key == "network") {
			continue
		}
		n := slices.IndexFunc(samples, func(s sample) bool {
			return slices.ContainsFunc(e.row.Settings(s.spec), func(x container.Setting) bool { return !untold(key, x.Value) }) &&
				!slices.ContainsFunc(s.lost, func(l form.Loss) bool { return l.At.Key == key && l.Instead == nil })
		})
		if n < 0 {
			t.Errorf("%s: no spec has %s told", target, key)
			continue
		}
		_, got := back(t, slices.Delete(slices.Clone(table()), i, i+1), target, samples[n].spec)
		miss := missing(target, samples[n].spec, got, samples[n].lost)
		if miss = slices.DeleteFunc(miss, func(k string) bool { return key == "memory" && k == "memory_swap" || key == "shm_size" && k == "tmpfs" }); !slices.Equal(miss, []string{key}) {
			t.Errorf("%s without %s, missed: %v", target, key, miss)
		}
	}
}

// Every field of the API has an answer.
func TestFieldsAnswered(t *testing.T) {
	tables := map[string]map[string]reads{
		"PodSpec": podFields, "Container": containerFields, "EphemeralContainer": containerFields,
		"PodSecurityContext": podSecurityFields, "SecurityContext": securityFields, "VolumeMount": mountFields,
	}
	f, err := os.Open("testdata/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	known := map[string]bool{}
	for in := bufio.NewScanner(f); in.Scan(); {
		typ, name, _ := strings.Cut(in.Text(), " ")
		if typ == "#" {
			continue
		}
		known[typ+name] = true
		a, ok := tables[typ][name]
		if !ok || typ != "VolumeMount" && (a.read == nil) == (a.why == "") {
			t.Errorf("%s.%s has no answer, or two", typ, name)
		}
	}
	for typ, table := range tables {
		for name := range table {
			if !known[typ+name] && !known["Container"+name] && !known["EphemeralContainer"+name] {
				t.Errorf("%s.%s is no field of the API", typ, name)
			}
		}
	}
}

// A quantity is what an API server reads there.
func TestQuantity(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "1e9": 1e9, "12E-1": 1, "1.5Gi": 3 << 29, "500m": 0, "2k": 2000, "0.1Ki": 102, "2E": 2e18, "1Ei": 1 << 60, "5000000u": 5, "1n": 0} {
		if got, ok := quantityOf(text, 1); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	if got, _ := quantityOf("123400u", 1000); got != 124 {
		t.Errorf("thousandths are rounded to %d", got)
	}
	for _, text := range []string{"", "-1", "1e9Mi", "1e400", "9Ei", "8Ei", "0x1", "u", "1/2", "9223372036854775808", "1_0"} {
		if got, ok := quantityOf(text, 1); ok {
			t.Errorf("%s is read as %d", text, got)
		}
	}
}
