package subject

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// yamlFiles are mended where they stand, with what must be left as it is, and what must be
// gone then.
var yamlFiles = map[string]struct {
	text       string
	keeps, has []string
	byHand     bool
}{
	"compose.yaml": {text: `# the head
services:
  web:   # the server
    image: x/y:1
    privileged: true  # for the driver
    cap_add: [SYS_ADMIN, CHOWN]  # both
    security_opt:
      # it does not start else
      - seccomp:unconfined
    ports: ["8000:8000", '9000:9000']
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock
      - ./m:/m # models
    environment: {A: b}

  # behind it
  db:
    image: x/z:1
    network_mode: host
volumes: {}
`, keeps: []string{"# the head\n", "  web:   # the server\n", "  # for the driver\n", "      # it does not start else\n", " # models\n", "    environment: {A: b}\n", "\n  # behind it\n", "volumes: {}\n"},
		has: []string{"privileged: false", `ports: ["127.0.0.1:8000:8000", '127.0.0.1:9000:9000']`, "- ./m:/m:ro,z", "no-new-privileges", "!docker.sock", "!SYS_ADMIN", "!network_mode: host"}},
	"pod.yaml": {text: `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  hostNetwork: true # fast
  automountServiceAccountToken: false
  containers:
  # the first
  - image: x/y:1
    name: web
    securityContext:
      privileged: true
      capabilities: # more
        add:
        - SYS_ADMIN
    # its mounts
    volumeMounts:
    - name: s
      mountPath: /run/docker.sock
    - name: e # of its own
      mountPath: /e
  - name: side
    image: x/z:1
  volumes:
  - {name: s, hostPath: {path: /run/docker.sock}}
  - {name: e, emptyDir: {}}
---
# another
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {a: "1"}
`, keeps: []string{"  # the first\n", "      capabilities: # more\n", "    # its mounts\n", "    - name: e # of its own\n", "# another\n", `data: {a: "1"}`},
		has: []string{"privileged: false", "drop: [ALL]", "type: RuntimeDefault", "readOnlyRootFilesystem: true", "!hostNetwork", "!SYS_ADMIN", "      readOnly: true", "  - {name: e, emptyDir: {}}\n---", "!mountPath: /run/docker.sock"}},
	"docker-compose.yaml": {text: "x-a: &a\n  privileged: true\nservices:\n  web:\n    <<: *a\n    image: x/y:1\n  other: {image: x/z:1}\n", byHand: true,
		keeps: []string{"    <<: *a\n", "  other: {image: x/z:1}\n", "x-a: &a\n  privileged: true\n"}},
}

// TestMendYAML: what is mended in a file of YAML is changed there and nothing else; with the
// diff applied an audit has no such finding, and no other is new.
func TestMendYAML(t *testing.T) {
	for name, c := range yamlFiles {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		runs := runsOf(t, file)
		var mended []*Mended
		for _, a := range runs {
			m, err := Files{}.Mend(a.Reading, a.Findings)
			if err != nil {
				t.Fatal(err)
			}
			mended = append(mended, m)
		}
		before, after := Files{}.Patch(mended)
		if before != c.text {
			t.Errorf("%s: before it is\n%s", name, before)
		}
		for _, says := range append(slices.Clone(c.keeps), c.has...) {
			if not, is := strings.CutPrefix(says, "!"); strings.Contains(after, not) == is {
				t.Errorf("%s: %q in\n%s", name, says, after)
			}
		}
		if byHand := slices.ContainsFunc(mended, func(m *Mended) bool { return m.ByHand != "" }); byHand != c.byHand {
			t.Errorf("%s: by hand %v\n%s", name, byHand, after)
		}
		if err := os.WriteFile(file, []byte(after), 0o600); err != nil {
			t.Fatal(err)
		}
		holdsMended(t, name, runs, mended, runsOf(t, file))
	}
}

func runsOf(t *testing.T, file string) []*Audited {
	t.Helper()
	pending, err := Files{}.Path(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []*Audited
	for _, p := range pending {
		if a := p(); a.Reading != nil {
			out = append(out, a)
		}
	}
	return out
}

// holdsMended holds the audit of the mended file against the one before.
func holdsMended(t *testing.T, name string, was []*Audited, mended []*Mended, is []*Audited) {
	t.Helper()
	if len(was) != len(is) {
		t.Fatalf("%s: %d runs became %d", name, len(was), len(is))
	}
	for i, m := range mended {
		had := failures(was[i].Findings)
		for _, f := range failures(is[i].Findings) {
			same := func(o audit.Finding) bool { return samePlace(o, f) }
			sameControl := func(o audit.Finding) bool { return o.Control == f.Control }
			switch {
			case m.ByHand == "" && slices.ContainsFunc(m.Done, same):
				t.Errorf("%s: %s still fails at %s", name, f.Control.ID, f.At)
			case !slices.ContainsFunc(had, sameControl) && container.Equal(container.ByKey(f.At.Key), m.Reading.Spec, m.Spec):
				t.Errorf("%s: %s is new at %s", name, f.Control.ID, f.At)
			}
		}
		if m.ByHand == "" && len(m.Done) == 0 {
			t.Errorf("%s: nothing of %s is mended", name, m.Reading.Subject)
		}
		for _, row := range []container.Row{container.Image, container.Name, container.Env, container.Args} {
			if !container.Equal(row, was[i].Reading.Spec, is[i].Reading.Spec) {
				t.Errorf("%s: %s changed", name, row.Key())
			}
		}
	}
}
