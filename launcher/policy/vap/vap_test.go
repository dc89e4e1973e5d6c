package vap

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/internal/golden"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

var update = flag.Bool("update", false, "write the golden files")

// Every key that a policy may have has an answer: it is written, or there is a reason. An
// answer that no key asks for is a mistake.
func TestEveryKeyAnswered(t *testing.T) {
	asked := map[string]bool{}
	for _, key := range policy.Keys() {
		_, name, _ := strings.Cut(key, ".")
		a, ok := answers()[key]
		asked[key] = ok
		if !ok {
			a, ok = answers()[name]
			asked[name] = true
		}
		said := a.of != unsaid || a.judge != nil
		if !ok || !said && a.lost == "" && a.nature == "" || a.nature != "" && said {
			t.Errorf("%s has no answer: add its line to table.go", key)
		}
	}
	for name := range answers() {
		if !asked[name] {
			t.Errorf("%s is no key that a policy may have", name)
		}
	}
}

func parse(t *testing.T, name, text string) policy.Set {
	t.Helper()
	f, err := policy.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return policy.Set{f}
}

// decoded are the objects of a document.
func decoded(t *testing.T, data []byte) (out []map[string]any) {
	t.Helper()
	in := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var o map[string]any
		switch err := in.Decode(&o); {
		case errors.Is(err, io.EOF):
			return out
		case err != nil:
			t.Fatalf("%v\n%s", err, data)
		}
		out = append(out, o)
	}
}

// The policy that docs/policy has is an error that names all it would lose, and written once
// that is allowed; the file says so.
func TestSite(t *testing.T) {
	text, err := os.ReadFile("../../../docs/policy/policy/site.toml")
	if err != nil {
		t.Fatal(err)
	}
	set := parse(t, "/etc/zlaunch/policy.d/site.toml", string(text))
	doc, err := Write(set, Options{})
	var lost *LossError
	if !errors.As(err, &lost) || doc.Data != nil || len(lost.Keys()) != len(lost.Lost) {
		t.Fatalf("%v", err)
	}
	if _, err := Write(set, Options{Allow: lost.Keys()[1:]}); err == nil || !strings.Contains(err.Error(), lost.Keys()[0]) {
		t.Errorf("one that is not allowed: %v", err)
	}
	doc, err = Write(set, Options{Allow: lost.Keys(), Namespaces: []string{"models"}})
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, *update, "testdata/site.yaml", string(doc.Data))
	for _, o := range []Options{{Namespaces: []string{"A b"}}, {Allow: append(lost.Keys(), "only.laier")}} {
		if _, err := Write(set, o); err == nil || !strings.Contains(err.Error(), "is no ") {
			t.Errorf("%v: %v", o, err)
		}
	}
	for _, key := range lost.Keys() {
		if !strings.Contains(string(doc.Data), "# lost, as allowed: "+key+" (/etc/zlaunch/policy.d/site.toml:") {
			t.Errorf("the file says nothing of %s", key)
		}
	}
}

// What a policy holds is a text wherever it stands: of YAML, of CEL, of a message.
func TestHostile(t *testing.T) {
	for _, value := range []string{`" || true || "`, `\" || true`, `a' b`, `"] || [""`, `{{ x }}`, `\\`, `$(id)`, "é\u00a0?", "# no", "- a: &b *b", `\x00\u0000`, `(?i)x`, `[a-z]+$`, "*|.*", strings.Repeat("a", 200)} {
		quoted := literal(value)
		text := "schema = 1\ncontact = " + quoted + "\n[only]\nimage = [" + quoted + ", " + literal("*"+value) + "]\n[require]\nhostname = " + literal(strings.ReplaceAll(value, "*", "")) + "\n"
		f, err := policy.Parse("a\nb: c \" x.toml", []byte(text))
		if err != nil {
			if !strings.Contains(err.Error(), "wants") && !strings.Contains(err.Error(), "toml") {
				t.Errorf("%q: %v", value, err)
			}
			continue
		}
		doc, err := Write(policy.Set{f}, Options{})
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		objects := decoded(t, doc.Data)
		if len(objects) != 2 {
			t.Fatalf("%q makes %d objects:\n%s", value, len(objects), doc.Data)
		}
		validations := objects[0]["spec"].(map[string]any)["validations"].([]any)
		if len(validations) != 3 {
			t.Errorf("%q makes %d validations", value, len(validations))
		}
		for _, v := range validations {
			if m := v.(map[string]any)["message"].(string); strings.ContainsAny(m, "\n\r") {
				t.Errorf("%q: a message has lines: %q", value, m)
			}
		}
	}
}

// The files of a policy are objects of their own, by names that Kubernetes takes; a file
// that says nothing of pods makes none.
func TestFiles(t *testing.T) {
	one := func(name, text string) *policy.File { return parse(t, name, "schema = 1\n"+text)[0] }
	a, b := one("/etc/A b_c.toml", "[require]\nread_only = true\n"), one("/etc/b.toml", "[only]\nlayer = [\"user\"]\n")
	doc, err := Write(policy.Set{a, b}, Options{Allow: []string{"only.layer"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range decoded(t, doc.Data) {
		names = append(names, o["metadata"].(map[string]any)["name"].(string))
	}
	if !slices.Equal(names, []string{"zlaunch-a-b-c", "zlaunch-a-b-c"}) {
		t.Errorf("%q", names)
	}
	for why, set := range map[string]policy.Set{
		"two files would be zlaunch-a-b-c": {a, one("/usr/a-b-c.toml", "[require]\nread_only = true\n")},
		"no name of Kubernetes":            {one("/etc/ÄÖ.toml", "[require]\nread_only = true\n")},
		"nothing of it":                    {b},
	} {
		if _, err := Write(set, Options{Allow: []string{"only.layer"}}); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// docs/policy-kubernetes.md says of every key what becomes of it.
func TestKeysPage(t *testing.T) {
	const page, begin, end = "../../../docs/policy-kubernetes.md", "-update -->\n", "<!-- end of keys -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), begin)
	_, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatal("the page has no place for the keys")
	}
	golden.Check(t, *update, page, before+begin+keysTable()+end+after)
}

// keysTable lists the keys by what becomes of them.
func keysTable() string {
	keys, order := map[string][]string{}, []string{}
	for _, key := range policy.Keys() {
		table, name, _ := strings.Cut(key, ".")
		a, ok := answers()[key]
		if ok {
			name = key
		} else {
			a = answers()[name]
		}
		why := "written whole"
		switch {
		case a.nature != "":
			why = "every pod has the same: " + a.nature
		case a.loses(table) && a.bare:
			why = "lost: " + a.lost
		case a.loses(table):
			why, name = "written in part: "+a.lost, key
		}
		if a.losing != "" {
			name = key
		}
		if keys[why] == nil {
			order = append(order, why)
		}
		if !slices.Contains(keys[why], "`"+name+"`") {
			keys[why] = append(keys[why], "`"+name+"`")
		}
	}
	slices.Sort(order)
	slices.Reverse(order) // what is written first
	out := "| what becomes of it | keys |\n|---|---|\n"
	for _, why := range order {
		out += "| " + why + " | " + strings.Join(keys[why], " ") + " |\n"
	}
	return out
}
