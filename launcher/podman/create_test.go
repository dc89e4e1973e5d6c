package podman

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// Every row is in the request, in order, unless it is derived or its absence has
// a reason.
func TestEveryRowIsInTheRequest(t *testing.T) {
	fields := createFields()
	for _, r := range container.Rows {
		if r.Derived() || notInCreate[r.Key()] != "" {
			continue
		}
		if len(fields) == 0 || fields[0].row.Key() != r.Key() {
			t.Fatalf("row %s is neither at its place in createFields, which has the order of container.Rows, nor in notInCreate", r.Key())
		}
		fields = fields[1:]
	}
	if len(fields) > 0 {
		t.Errorf("%d fields have no row", len(fields))
	}
	for key := range notInCreate {
		if container.ByKey(key) == nil {
			t.Errorf("no row %s", key)
		}
	}
}

// The recorded command line holds no value of a variable; the environment does.
func TestRecordedCommandIsRedacted(t *testing.T) {
	s := bareSpec()
	container.Env.Set(s, "TOKEN", "hunter2", planned)
	args, err := podmanrun.Args(s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := createRequest(s, append([]string{"podman", "run"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	if line := strings.Join(b.ContainerCreateCommand, " "); line != "podman run --env=TOKEN=******** localhost/bare" {
		t.Errorf("recorded %s", line)
	}
	if b.Env["TOKEN"] != "hunter2" {
		t.Errorf("environment %v", b.Env)
	}
}

// A request changes nothing in its spec, and is the same each time.
func TestRequestIsPure(t *testing.T) {
	s := hardenedSpec()
	before, _ := json.Marshal(s)
	one, err := createRequest(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := createRequest(s, nil)
	if a, b := compact(one), compact(two); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	if after, _ := json.Marshal(s); string(after) != string(before) {
		t.Errorf("the spec became %s", after)
	}
}

func TestRequestRefusesWhatTheLineRefuses(t *testing.T) {
	s := bareSpec()
	container.SeccompProfile.Set(s, "inference", planned)
	if b, err := createRequest(s, nil); err == nil || b != nil {
		t.Errorf("an unresolved seccomp profile gives %v, %v", b, err)
	}
}
