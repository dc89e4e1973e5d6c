package compose

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// texts are what a value may hold. Each must come out as it went in.
var texts = []string{
	"plain", "two words", "$HOME ${X:-y} $$ $", "%i %h", "$(id)", "`id`", `"quoted" 'twice' \`, "# no comment", "a: b", "- c", "&a *a !!str", "{x: [y]}",
	"yes", "0x10", "1:30", "~", "null", "<<", "é ü 漢", " blank ", "a\nb", "tab\there", "\x7f\u0085\ufeff", strings.Repeat("long ", 1000),
}

// drawnRun is one that needs no more than its spec.
func drawnRun(r *rand.Rand, i int) form.Run {
	s := drawn.Spec(r, texts[r.IntN(len(texts))])
	for podmanrun.Check(s) != nil {
		s = drawn.Spec(r, texts[r.IntN(len(texts))])
	}
	name := fmt.Sprintf("run-%d", i)
	if _, m, ok := container.Name.Get(s); ok {
		container.Name.Set(s, name, m)
	}
	return form.Run{Name: name, Spec: s, Judged: s, Networks: []form.Network{{Name: "a", Labels: map[string]string{"l": "$1"}}}}
}

// document is one file of many runs, as if a person had put them together.
func document(t testing.TB, target string, runs []form.Run) ([]byte, []*form.Document) {
	t.Helper()
	all, docs := mapping(), []*form.Document{}
	for _, r := range runs {
		doc, err := Write(r, target)
		if err != nil {
			t.Fatalf("%s: %v", r.Name, err)
		}
		var one yaml.Node
		if err := yaml.Unmarshal(doc.Files[0].Data, &one); err != nil {
			t.Fatalf("%v in\n%s", err, doc.Files[0].Data)
		}
		top := one.Content[0].Content
		for i := 0; i < len(top); i += 2 {
			if top[i+1].Kind != yaml.MappingNode {
				continue
			}
			into := under(all, top[i].Value, yaml.MappingNode)
			for n := 0; n < len(top[i+1].Content); n += 2 {
				name := top[i+1].Content[n].Value
				if !slices.ContainsFunc(into.Content, func(k *yaml.Node) bool { return k.Value == name }) {
					put(into, name, top[i+1].Content[n+1])
				}
			}
		}
		docs = append(docs, doc)
	}
	text, err := encoded(all)
	if err != nil {
		t.Fatal(err)
	}
	return text, docs
}

// differences are the rows of which got says something else than what was written: what was
// lost is left out, on both sides.
func differences(planned, got *container.Spec, doc *form.Document, target string) []string {
	planned, got = container.Clone(planned), container.Clone(got)
	for _, l := range doc.Lost {
		switch {
		case l.Instead != nil:
			l.Instead(planned)
		case l.At.Elem == "":
			container.ByKey(l.At.Key).Clear(planned)
			container.ByKey(l.At.Key).Clear(got)
		default:
			container.TmpfsAt.Delete(planned, l.At.Elem)
			container.VolumeAt.Delete(planned, l.At.Elem)
			container.SecretOf.Delete(planned, l.At.Elem)
			container.LogOpt.Delete(planned, l.At.Elem)
		}
	}
	var out []string
	for _, k := range keys {
		if k.row == nil {
			continue
		}
		nature := k.not[target].nature
		set := k.row.Settings(planned)
		if k.not[target].moot || len(set) == 0 || nature != "" && fmt.Sprint(set[0].Value) == nature || slices.Contains(out, k.row.Key()) {
			continue
		}
		off := len(set) == 1 && len(k.row.Settings(got)) == 0 && slices.Contains(unsaid, fmt.Sprint(k.row.Key(), " ", set[0].Value))
		if !off && !container.Equal(k.row, planned, got) {
			out = append(out, fmt.Sprintf("%s: %v, not %v", k.row.Key(), k.row.Settings(got), set))
		}
	}
	return out
}

// unsaid are the settings that need no word: what is not switched on, and namespaces of the
// container's own.
var unsaid = []string{"privileged false", "read_only false", "init false", "no_healthcheck false", "interactive false", "tty false", "pid private", "uts private", "http_proxy true"}

// withoutMarks gives what was read the marks of what was written, and takes away what
// Compose adds.
func bare(s *container.Spec) *container.Spec {
	for _, l := range container.Labels.Keys(s) {
		if strings.HasPrefix(l, "com.docker.compose.") || strings.HasPrefix(l, "io.podman.compose.") {
			container.Labels.Delete(s, l)
		}
	}
	return s
}

// fakePodman writes what it is called with to a file, each call as the number of its words
// and then the words.
const fakePodman = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'podman version 4.3.1' && exit\nprintf '%s\\0' \"$#\" \"$@\" >>\"$0.log\"\n"

// sleepless runs podman-compose without the second that it waits behind every call.
const sleepless = "import time; time.sleep = lambda s: None\nimport podman_compose\npodman_compose.podman_compose.run()"

// TestPodmanCompose holds files against the lines that podman-compose makes of them.
func TestPodmanCompose(t *testing.T) {
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import podman_compose").Run(); err != nil {
		t.Skip("SKIPPED: podman-compose is not here; apt-get install podman-compose, or test/setup")
	}
	dir := t.TempDir()
	fake := filepath.Join(dir, "podman")
	if err := os.WriteFile(fake, []byte(fakePodman), 0o755); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var runs []form.Run
	for i := range drawn.Times(40) {
		runs = append(runs, drawnRun(r, i))
	}
	text, docs := document(t, Podman10, runs)
	if err := os.WriteFile(filepath.Join(dir, Name), text, 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(python, "-c", sleepless, "--podman-path", fake, "-f", Name, "up", "-d")
	c.Dir, c.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LANG=C.UTF-8"}
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := calls(t, fake+".log", "run")
	if len(lines) != len(runs) {
		t.Fatalf("%d lines of %d runs", len(lines), len(runs))
	}
	for i, run := range runs {
		got, err := command.Read(append([]string{"podman"}, lines[run.Name]...))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences(run.Spec, bare(got.Spec), docs[i], Podman10) {
			t.Errorf("%s: %s", run.Name, d)
		}
	}
}

// calls are the calls of a verb, by their service.
func calls(t *testing.T, file, verb string) map[string][]string {
	log, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(strings.TrimSuffix(string(log), "\x00"), "\x00")
	out := map[string][]string{}
	for len(words) > 0 {
		n, err := strconv.Atoi(words[0])
		if err != nil || n >= len(words) {
			t.Fatalf("%q of %d: %v", words[0], len(words), err)
		}
		call := words[1 : n+1]
		words = words[n+1:]
		if call[0] != verb {
			continue
		}
		for _, w := range call {
			if name, is := strings.CutPrefix(w, "com.docker.compose.service="); is {
				out[name] = call
			}
		}
	}
	return out
}

// TestComposeGo holds files against what Compose's own loader makes of them: no key is
// unknown to it, and its normal form is read as the same spec.
func TestComposeGo(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range drawn.Times(2) {
		var runs []form.Run
		for i := range 50 {
			runs = append(runs, drawnRun(r, i))
		}
		text, docs := document(t, Docker, runs)
		project := loaded(t, text)
		normal, err := project.MarshalYAML()
		if err != nil {
			t.Fatal(err)
		}
		readings, _ := readText(t, strings.ReplaceAll(string(normal), "$", "$$"))
		for i, run := range runs {
			n := slices.IndexFunc(readings, func(r *form.Reading) bool { return r.Name == run.Name })
			if _, _, said := container.Network.Get(run.Spec); !said {
				container.Network.Clear(readings[n].Spec)
			}
			container.Device.Clear(run.Spec) // of which the normal form has all three parts
			if v, m, said := container.Cpus.Get(run.Spec); said {
				v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', -1, 32), 64) // as which Compose keeps it
				container.Cpus.Set(run.Spec, v, m)
			}
			for _, d := range differences(run.Spec, readings[n].Spec, docs[i], Docker) {
				t.Errorf("%s: %s", run.Name, d)
			}
		}
	}
}

// loaded is what Compose's own loader makes of a file.
func loaded(t *testing.T, text []byte) *types.Project {
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: t.TempDir(), ConfigFiles: []types.ConfigFile{{Filename: Name, Content: text}}, Environment: types.Mapping{},
	}, func(o *loader.Options) {
		o.SetProjectName("project", true)
		o.SkipExtends, o.SkipInclude = true, true
	})
	if err != nil {
		t.Fatal(err)
	}
	return project
}
