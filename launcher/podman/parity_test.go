package podman

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// rendering is one way to render specs: the tables, so that a row can be taken
// out of one of them.
type rendering struct {
	options podmanrun.Options
	fields  []createField
}

func whole() rendering { return rendering{podmanrun.All(), createFields()} }

func (r rendering) withoutField(key string) rendering {
	r.fields = slices.DeleteFunc(slices.Clone(r.fields), func(f createField) bool { return f.row.Key() == key })
	return r
}

// request renders s as the request that zlaunch sends.
func (r rendering) request(s *container.Spec) (map[string]any, error) {
	args, err := podmanrun.Args(s)
	if err != nil {
		return nil, err
	}
	b, err := createFrom(r.fields, s, append([]string{"podman", "create"}, args...))
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	return object(text)
}

// sent is what Podman's client sends for the line of s.
func (r rendering) sent(rec *recorder, s *container.Spec) (recorded, error) {
	args, err := r.options.Args(s)
	if err != nil {
		return recorded{}, err
	}
	return rec.create(args)
}

// differences between what the client sent and our request, after the
// normalisations, of which those that changed something are added to used.
func differences(major string, s *container.Spec, client recorded, ours map[string]any, used map[string]bool) []string {
	var out []string
	pull, _, stated := container.Pull.Get(s)
	if got := client.pull.Get("policy"); stated && got != pull {
		out = append(out, fmt.Sprintf("pull policy: client %q, planned %q", got, pull))
	}
	theirs := clone(client.body)
	ours = clone(ours)
	for _, n := range normalisations() {
		if n.client != "" && n.client != major {
			continue
		}
		before := [2]map[string]any{clone(theirs), clone(ours)}
		n.apply(theirs, ours)
		if !reflect.DeepEqual(before, [2]map[string]any{theirs, ours}) {
			used[n.name] = true
		}
	}
	keys := slices.Sorted(maps.Keys(theirs))
	keys = append(keys, slices.Sorted(maps.Keys(ours))...)
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		if !reflect.DeepEqual(theirs[k], ours[k]) {
			out = append(out, fmt.Sprintf("%s: client %v, ours %v", k, compact(theirs[k]), compact(ours[k])))
		}
	}
	return out
}

func compact(v any) string { b, _ := json.Marshal(v); return string(b) }

func clone(in map[string]any) map[string]any {
	b, _ := json.Marshal(in)
	out, _ := object(b)
	return out
}

// What zlaunch sends is what Podman's client sends for the printed line, for
// plans that together set every row, up to the published normalisations.
func TestRequestEqualsPodmans(t *testing.T) {
	rec, used := newRecorder(t), map[string]bool{}
	all := slices.Concat(written(), mixtures(t), profileSubjects(t))
	for _, sub := range all {
		client, err := whole().sent(rec, sub.spec)
		if err != nil {
			t.Errorf("%s: %v", sub.name, err)
			continue
		}
		ours, err := whole().request(sub.spec)
		if err != nil {
			t.Errorf("%s: %v", sub.name, err)
			continue
		}
		for _, d := range differences(rec.major, sub.spec, client, ours, used) {
			t.Errorf("%s: %s", sub.name, d)
		}
	}
	for _, n := range normalisations() {
		if (n.client == "" || n.client == rec.major) && !used[n.name] {
			t.Errorf("normalisation %q changes nothing: take it out", n.name)
		}
	}
	t.Logf("%d plans equal, podman %s", len(all), rec.major)
}

// Together the plans set every row, to two values at least.
func TestPlansSetEveryRow(t *testing.T) {
	for _, r := range container.Rows {
		if r.Derived() {
			continue
		}
		values := map[string]bool{}
		for _, sub := range written() {
			if v := rowValue(r, sub.spec); v != "" {
				values[v] = true
			}
		}
		if len(values) < 2 && r.Key() != "memory_swap" || len(values) == 0 {
			t.Errorf("row %s has %d values in plans_test.go, two at least tell it from a constant", r.Key(), len(values))
		}
	}
}

// rowValue is the value of a row as text, secrets included; "" is unknown.
func rowValue(r container.Row, s *container.Spec) string {
	one := &container.Spec{}
	r.Copy(one, s)
	if len(r.Settings(one)) == 0 {
		return ""
	}
	b, _ := json.Marshal(one)
	return string(b)
}

// A row taken out of either table shows in the comparison. There is no
// exception but pull, which is compared with the client's pull request.
func TestADroppedRowShows(t *testing.T) {
	rec := newRecorder(t)
	plans := written()
	sent := make([]recorded, len(plans))
	for i, sub := range plans {
		var err error
		if sent[i], err = whole().sent(rec, sub.spec); err != nil {
			t.Fatal(err)
		}
	}
	shown := 0
	for _, row := range container.Rows {
		if row.Derived() {
			continue
		}
		line, request := false, notInCreate[row.Key()] != ""
		for i, sub := range plans {
			if rowValue(row, sub.spec) == "" {
				continue
			}
			line = line || lineShows(rec, row.Key(), sub.spec)
			request = request || requestShows(rec, row.Key(), sub.spec, sent[i])
		}
		if !line {
			t.Errorf("%s dropped from the line goes unseen", row.Key())
		}
		if !request {
			t.Errorf("%s dropped from the request goes unseen", row.Key())
		}
		shown++
	}
	if !t.Failed() {
		t.Logf("%d rows, each dropped from the line and from the request: every drop shows", shown)
	}
}

func lineShows(rec *recorder, key string, s *container.Spec) bool {
	mutant := whole()
	mutant.options = slices.DeleteFunc(slices.Clone(mutant.options), func(o podmanrun.Option) bool { return o.Row.Key() == key })
	client, err := mutant.sent(rec, s)
	if err != nil {
		return key == container.Image.Key() // the client wants one
	}
	ours, err := whole().request(s)
	return err == nil && len(withoutCommand(differences(rec.major, s, client, ours, map[string]bool{}))) > 0
}

func requestShows(rec *recorder, key string, s *container.Spec, client recorded) bool {
	ours, err := whole().withoutField(key).request(s)
	return err == nil && len(withoutCommand(differences(rec.major, s, client, ours, map[string]bool{}))) > 0
}

// withoutCommand leaves the recorded command line out of account: it differs
// whatever is dropped and decides nothing.
func withoutCommand(diffs []string) []string {
	return slices.DeleteFunc(diffs, func(d string) bool { return strings.HasPrefix(d, "containerCreateCommand:") })
}

// docs/parity.md publishes the normalisations, these and no others.
func TestNormalisationsArePublished(t *testing.T) {
	text, err := os.ReadFile("../../docs/parity.md")
	if err != nil {
		t.Fatal(err)
	}
	var published, want []string
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| name ") {
			published = append(published, line)
		}
	}
	for _, n := range normalisations() {
		client := n.client
		if client == "" {
			client = "4, 5"
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s |", n.name, client, n.reason))
	}
	if !slices.Equal(published, want) {
		t.Errorf("docs/parity.md should hold the rows\n%s\nit holds\n%s", strings.Join(want, "\n"), strings.Join(published, "\n"))
	}
}
