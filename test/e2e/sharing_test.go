package e2e

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	demo "github.com/zlaunch/zlaunch/cmd/zlaunch-demo/server"
	"github.com/zlaunch/zlaunch/test/sharing"
)

// TestSharingPage reads docs/sharing.md and does what it says, command by command: two
// teams, a registry, a copy by skopeo, a user's namespace without a network. What the page
// shows of each command is what it must say.
func TestSharingPage(t *testing.T) {
	p := shows(t, "sharing", "docs/sharing.md tells what happens: A publishes, B adds, runs, sees a change, refuses it by policy, takes a copy without a network")
	b := newStory(t, p)
	b.demoImage()
	before := b.settled()
	seen := 0
	for _, block := range blocks(t, page(t, "sharing.md"), 8) {
		if missing := lacking(block.needs); missing != "" {
			p.saw("NOT SHOWN, there is no %s: %s", missing, block.steps[0].command)
			continue
		}
		for _, s := range block.steps {
			b.does(block.team, s)
			seen++
		}
	}
	p.saw("%d commands say what the page says", seen)
	b.unchanged(before)
}

// page is one of docs.
func page(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join("../../docs", name)
	if kit != "" {
		file = filepath.Join(kit, name)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// block is one ```console of the page: whose it is, which programs it needs.
type block struct {
	team  string
	needs []string
	steps []told
}

// told is a command as the page has it, and what it is to say.
type told struct{ command, says string }

var fence = regexp.MustCompile("(?ms)^```console (\\w+)([ \\w-]*)\n(.*?)^```$")

// blocks are those of a page, which has so many at least.
func blocks(t *testing.T, text string, least int) (out []block) {
	t.Helper()
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		b := block{team: m[1], needs: strings.Fields(m[2])}
		for line := range strings.Lines(m[3]) {
			last := len(b.steps) - 1
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				b.steps = append(b.steps, told{command: command})
			} else if more, ok := strings.CutPrefix(line, "> "); ok && b.steps[last].says == "" {
				b.steps[last].command += more
			} else {
				b.steps[last].says += line
			}
		}
		out = append(out, b)
	}
	if len(out) < least || strings.Count(text, "```console") != len(out) {
		t.Fatalf("the page has %d blocks of commands, of %d fences", len(out), strings.Count(text, "```console"))
	}
	return out
}

func lacking(programs []string) string {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return name
		}
	}
	return ""
}

// story is the two teams in one directory, each with a configuration of its own.
type story struct {
	*world
	registry string
	teams    map[string]*world
}

func newStory(t *testing.T, p *proof) *story {
	t.Helper()
	if missing := lacking([]string{"ssh-keygen", "bash"}); missing != "" {
		need(t)
		p.lacks("there is no %s", missing)
	}
	s := &story{world: newWorld(t), teams: map[string]*world{"A": newWorld(t)}, registry: aRegistry(t, p)}
	s.teams["B"] = s.world
	bin := onPath(t)
	for _, w := range s.teams {
		w.dir = s.dir
		w.env = append(w.env, "PATH="+bin+":"+os.Getenv("PATH"))
		if err := os.Remove(filepath.Join(w.config, "zlaunch/profiles.toml")); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { s.zlaunch("remove", "fraud") }) // the store is the user's own
	return s
}

// onPath is a directory with zlaunch. The stories are of a host that enforces limits.
func onPath(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	script := "#!/bin/sh\ncase $1 in run|up|export) v=$1; shift; set -- $v --waive 'ZL-104=a test host' \"$@\";; esac\nexec " + lab.zlaunch + " \"$@\"\n"
	if limited() {
		script = "#!/bin/sh\nexec " + lab.zlaunch + " \"$@\"\n"
	}
	if err := os.WriteFile(filepath.Join(bin, "zlaunch"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return bin
}

// demoImage makes the image that the bundle's profile runs, and a model for it.
func (s *story) demoImage() {
	s.t.Helper()
	const name = "localhost/zlaunch-demo:latest"
	if s.podman("image", "exists", name).code != 0 {
		image, _ := standinOf("demo")
		image.build(s.t, "demo")
		s.podman("tag", standinImage("demo"), name)
		s.t.Cleanup(func() { s.podman("untag", name) })
	}
	models, err := demo.Repository()
	if err == nil {
		err = os.CopyFS(filepath.Join(s.dir, "models"), models)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// does runs one command of the page.
func (s *story) does(team string, step told) {
	s.t.Helper()
	w := s.teams[team]
	here := strings.NewReplacer("127.0.0.1:5000", s.registry, "~/.config", w.config)
	cmd := w.command("bash", "-c", here.Replace(step.command))
	out, err := cmd.CombinedOutput()
	said := strings.ReplaceAll(strings.ReplaceAll(string(out), w.config, "~/.config"), s.registry, "127.0.0.1:5000")
	if !says(step.says, said) {
		s.t.Fatalf("%s$ %s\nsays (%v)\n%s\nand by the page\n%s", team, step.command, err, said, step.says)
	}
}

// says compares what was said with what the page shows, but for how tables are spaced: … is
// anything on a line, and alone on one any lines.
func says(shown, said string) bool {
	said = spaces.ReplaceAllString(said, " ")
	var b strings.Builder
	for line := range strings.Lines(shown) {
		if line == "…\n" {
			b.WriteString("(?:.*\n)*")
			continue
		}
		parts := strings.Split(spaces.ReplaceAllString(strings.TrimSuffix(line, "\n"), " "), "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		b.WriteString(strings.Join(parts, ".*") + "[ \t]*\n")
	}
	return regexp.MustCompile("^" + b.String() + "$").MatchString(said)
}

var spaces = regexp.MustCompile("[ \t]+")

// aRegistry is Debian's docker-registry on loopback, or one in this process.
func aRegistry(t *testing.T, p *proof) string {
	t.Helper()
	address, err := sharing.DockerRegistry(t, "")
	if err != nil {
		p.saw("NOT SHOWN with docker-registry, which is not here: by a registry of the test's own")
		srv := httptest.NewServer(registry.New())
		t.Cleanup(srv.Close)
		return strings.TrimPrefix(srv.URL, "http://")
	}
	return address
}

// A bundle crosses an air gap: added from a directory, verified, listed and planned where there
// is no network at all, and run from the store alone after the directory is gone.
func TestAirGap(t *testing.T) {
	p := shows(t, "sharing", "a bundle is added from a directory, verified and listed under unshare -rn, and runs when its source is gone")
	s := newStory(t, p)
	if out, err := s.command("unshare", "-rn", "true").CombinedOutput(); err != nil {
		p.lacks("unshare -rn: %s", out)
	}
	s.demoImage()
	before := s.settled()
	for _, step := range []told{
		{"mkdir fraud && printf 'name = \"fraud\"\\nversion = \"1.0.0\"\\n' > fraud/bundle.toml && printf 'schema = 1\\n[profile.fraud]\\nextends = \"demo\"\\nabout = \"f\"\\n' > fraud/f.toml", ""},
		{"ssh-keygen -q -t ed25519 -N '' -f key", ""},
		{"unshare -rn zlaunch push fraud dir:media --sign key", "…\n"},
		{`unshare -rn zlaunch add dir:media --signer "$(ssh-keygen -lf key | cut -d' ' -f2)"`, "bundle fraud 1.0.0, signed by SHA256:…\n…\n"},
		{"rm -r media fraud", ""},
		{"unshare -rn zlaunch verify", "BUNDLE…\nfraud 1.0.0 verified…\n"},
		{"unshare -rn zlaunch list | grep -c '^fraud '", "1\n"},
		{"unshare -rn zlaunch outdated; echo $?", "…\n4\n"},
		{"zlaunch run -d fraud/fraud --models ./models", "…\nhttp://127.0.0.1:…\n"},
		{"zlaunch ps --json | grep -c '\"fraud/fraud\"\\|\"profile\": \"fraud'", "1\n"},
		{"zlaunch stop --all 2>/dev/null || zlaunch stop fraud", "…\n"},
	} {
		s.does("B", step)
	}
	p.saw("%s", strings.TrimSpace(grep(s.zlaunch("bundles").stdout, "fraud")))
	s.unchanged(before)
}
