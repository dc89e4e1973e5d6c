package export_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// shop is a stack of three: a server on an internal network, a front end on both, which
// waits for it, and another beside the server.
func shop(t *testing.T) form.Stack {
	t.Helper()
	pl := &plan.Planner{Catalog: catalog(t), Version: "test", Dirs: record.Dirs{Runtime: "/data", State: "/data", Data: "/data"},
		Host: &host.Facts{OS: "linux", Arch: "amd64", UID: 1001, EUID: 1001, GID: 1001, Conf: &host.Conf{},
			Cgroup: host.Cgroup{Version: host.CgroupV2, Controllers: []string{"cpu", "memory", "pids"}}}}
	inner, edge := plan.Network{Name: "zlaunch-shop-inner", Internal: true}, plan.Network{Name: "zlaunch-shop-edge"}
	out := form.Stack{Name: "shop"}
	for _, m := range []struct {
		profile, name string
		networks      []plan.Network
		after         []string
		publish       []string
	}{
		{"triton", "server", []plan.Network{inner}, nil, nil},
		{"demo", "front", []plan.Network{edge, inner}, []string{"server"}, []string{"9000:http"}},
		{"demo", "third", []plan.Network{inner}, nil, nil},
	} {
		in := &plan.InStack{Stack: "shop", Member: m.name, File: "/shop.toml", Container: "zlaunch-shop-" + m.name, Networks: m.networks, After: m.after}
		p, err := pl.Plan(context.Background(), plan.Options{Profile: m.profile, Arch: "amd64", Detach: true, InStack: in, Publish: m.publish, Env: []string{"SERVER=zlaunch-shop-server:8000"}})
		if err != nil {
			t.Fatal(err)
		}
		out.Runs = append(out.Runs, p.Written(pl.Judged(p)))
	}
	return out
}

// forStacks are the forms and targets that write one.
func forStacks() []way {
	var out []way
	for _, w := range []struct{ name, target string }{
		{"podman", ""}, {"docker", "28"}, {"docker", "20.10"}, {"quadlet", "4.4"}, {"quadlet", "4.7"}, {"quadlet", "5.8"}, {"kube", "1.37"},
		{"compose", "docker"}, {"compose", "podman"}, {"compose", "podman-1.0"},
	} {
		out = append(out, wayOf(w.name, w.target))
	}
	return out
}

// stack writes a stack, whatever it loses, and says what that is.
func (w way) stack(t *testing.T, s form.Stack) (*form.Document, []export.Cost) {
	t.Helper()
	var lost *export.LossError
	o := export.Options{Target: w.target}
	if _, err := export.WriteStack(w.form, s, o); errors.As(err, &lost) {
		o.Allow = lost.Allows()
	}
	doc, err := export.WriteStack(w.form, s, o)
	if err != nil {
		t.Fatalf("%s: %v", w, err)
	}
	if lost == nil {
		return doc, nil
	}
	return doc, lost.Costs
}

// readAll reads a document as an audit does: its runs, by the names of their containers.
func (w way) readAll(t *testing.T, doc *form.Document) map[string]*form.Reading {
	t.Helper()
	var runs []*form.Reading
	files := fstest.MapFS{}
	for _, f := range doc.Files {
		files["units/"+f.Name] = &fstest.MapFile{Data: f.Data}
	}
	if w.form.Name != "quadlet" {
		var err error
		if runs, _, err = textfile.Read(doc.Files[0].Name, doc.Files[0].Data); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range doc.Files {
		if filepath.Ext(f.Name) == ".container" {
			r, err := quadlet.Read(files, "units/"+f.Name, quadlet.Options{Version: w.target})
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, r)
		}
	}
	out := map[string]*form.Reading{}
	for _, r := range runs {
		name, _, _ := container.Name.Get(r.Spec)
		for _, o := range r.Open {
			if o.Unknown {
				t.Errorf("%s: %s: %s", w, name, o.Why)
			}
		}
		out[name] = r
	}
	return out
}

// TestStackGolden holds a stack against its golden files, with what is lost.
func TestStackGolden(t *testing.T) {
	s := shop(t)
	for _, w := range forStacks() {
		doc, _ := w.stack(t, s)
		text := ""
		for _, f := range doc.Files {
			if filepath.Ext(f.Name) != ".json" {
				text += "#### " + f.Name + "\n" + string(f.Data)
			}
		}
		file := strings.TrimSuffix("stack."+w.form.Name+"."+w.target, ".")
		golden.Check(t, *update, filepath.Join("testdata", file), planHash.ReplaceAllString(text, "${1}sha256:…"))
	}
}

// What is written of a stack reads back as its members: each as it is written alone, called
// as zlaunch up calls it, on its own networks.
func TestStackReadBack(t *testing.T) {
	s := shop(t)
	for _, w := range forStacks() {
		doc, costs := w.stack(t, s)
		got := w.readAll(t, doc)
		if len(got) != len(s.Runs) {
			t.Errorf("%s: %d runs are read", w, len(got))
		}
		for _, run := range s.Runs {
			alone, err := w.form.Write(run, w.target)
			if err != nil {
				t.Fatal(err)
			}
			one, whole := w.readAll(t, alone)[run.Name], got[run.Name]
			if one == nil || whole == nil {
				t.Errorf("%s: %s is not read", w, run.Name)
				continue
			}
			want, _, _ := container.Network.Get(run.Spec)
			have, _, _ := container.Network.Get(whole.Spec)
			lost := slices.ContainsFunc(costs, func(c export.Cost) bool { return c.Run == run.Name && c.At.Key == "network" })
			if slices.Sort(have); !slices.Equal(have, slices.Sorted(slices.Values(want))) && !lost {
				t.Errorf("%s: %s is on %q, not on %q", w, run.Name, have, want)
			}
			for _, row := range container.All() {
				if key := row.Key(); key != "network" && key != "labels" && !container.Equal(row, whole.Spec, one.Spec) {
					t.Errorf("%s: %s has another %s than alone: %v, %v", w, run.Name, key, row.Settings(whole.Spec), row.Settings(one.Spec))
				}
			}
		}
	}
}

// Which networks have no way out stands in every form.
func TestStackInternal(t *testing.T) {
	says := map[string]string{
		"podman": "network create --internal zlaunch-shop-inner", "docker": "network create --internal zlaunch-shop-inner",
		"quadlet": "NetworkName=zlaunch-shop-inner\nInternal=true\n", "compose": "name: zlaunch-shop-inner\n    internal: true\n",
		"kube": "egress:\n    - to:\n        - podSelector:\n            matchLabels:\n              io.zlaunch.network/zlaunch-shop-inner: \"true\"\n",
	}
	s := shop(t)
	for _, w := range forStacks() {
		doc, _ := w.stack(t, s)
		text := strings.Join(doc.Notes, "\n")
		for _, f := range doc.Files {
			text += string(f.Data)
		}
		want := says[w.form.Name]
		if w.target == "4.4" { // whose units name no network
			want = says["podman"]
		}
		if !strings.Contains(text, want) || strings.Contains(strings.ReplaceAll(text, "zlaunch-shop-inner", ""), "--internal zlaunch-shop-edge") {
			t.Errorf("%s does not say it:\n%s", w, text)
		}
	}
}

// Two of one network of NetworkPolicies are read as members of it, and not where another
// policy leads out.
func TestStackPolicies(t *testing.T) {
	w := wayOf("kube", "1.37")
	doc, _ := w.stack(t, shop(t))
	out := "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out}\nspec:\n  podSelector: {matchLabels: {app.kubernetes.io/name: zlaunch-shop-server}}\n  policyTypes: [Ingress, Egress]\n  egress: [{}]\n"
	doc.Files[0].Data = append(doc.Files[0].Data, out...)
	if have, _, _ := container.Network.Get(w.readAll(t, doc)["zlaunch-shop-server"].Spec); !slices.Equal(have, []string{"bridge"}) {
		t.Errorf("a pod that reaches all is on %q", have)
	}
}

// What no form of a stack says is an error that names the member, and forms that write none
// say so.
func TestStackLost(t *testing.T) {
	s := shop(t)
	f, _ := export.Find("quadlet")
	var lost *export.LossError
	if _, err := export.WriteStack(f, s, export.Options{}); !errors.As(err, &lost) || !strings.Contains(err.Error(), "zlaunch-shop-front: after: ") || !slices.Contains(lost.Allows(), "after") {
		t.Errorf("%v", err)
	}
	for name, target := range map[string]string{"kserve": "", "kube": "podman"} {
		f, _ := export.Find(name)
		if _, err := export.WriteStack(f, s, export.Options{Target: target}); err == nil {
			t.Errorf("%s %s writes a stack", name, target)
		}
	}
}
