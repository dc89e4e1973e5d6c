package compose

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

func readText(t testing.TB, text string) ([]*form.Reading, []form.Open) {
	t.Helper()
	runs, open, err := Read(Beside{}, Name, []byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return runs, open
}

// TestRoundTrip: what is written is read as the same spec, but for what was lost, and what
// is read is written as the same bytes.
func TestRoundTrip(t *testing.T) {
	for _, target := range Targets() {
		r := rand.New(rand.NewPCG(5, 6))
		for i := range drawn.Times(100) {
			run := drawnRun(r, i)
			doc, err := Write(run, target)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range roundTrip(t, run, doc, target) {
				t.Errorf("%s %s: %s", target, run.Name, d)
			}
		}
	}
}

func roundTrip(t *testing.T, run form.Run, doc *form.Document, target string) []string {
	got, open := readText(t, string(doc.Files[0].Data))
	if len(got) != 1 || len(open) > 0 {
		return []string{fmt.Sprintf("%d services, open: %v", len(got), open)}
	}
	lost := slices.ContainsFunc(doc.Lost, func(l form.Loss) bool { return l.At.Key == container.Network.Key() })
	if _, _, said := container.Network.Get(run.Spec); !said || lost && len(got[0].Spec.Network) == 1 {
		container.Network.Clear(got[0].Spec) // the one that Compose makes for the project
	}
	out := differences(run.Spec, got[0].Spec, doc, target)
	for _, o := range got[0].Open {
		if !strings.HasSuffix(o.Why, "is no label option") && !strings.HasPrefix(o.Why, "podman refuses to add and to drop") { // which the lot may draw
			out = append(out, o.Why)
		}
	}
	again, err := Write(form.Run{Name: run.Name, Spec: got[0].Spec, Networks: run.Networks}, target)
	if err != nil {
		return append(out, err.Error())
	}
	if string(again.Files[0].Data) != string(doc.Files[0].Data) {
		out = append(out, "written again it is another file: "+firstDifference(string(doc.Files[0].Data), string(again.Files[0].Data)))
	}
	return out
}

func firstDifference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q, not %q", b[max(0, i-40):min(len(b), i+60)], a[max(0, i-40):min(len(a), i+60)])
		}
	}
	return "it is shorter or longer"
}

// TestDroppedKey: without one key of the table, what is read is another spec, of that row.
func TestDroppedKey(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	all := keys
	defer func() { keys = all }()
	for i, k := range all {
		if k.as.write == nil || k.not[Docker].why != "" || k.name == "image" || k.name == "uts" { // no run is without, and private is nature
			continue
		}
		found := false
		for n := 0; n < 300 && !found; n++ {
			run := drawnRun(r, n)
			keys = slices.Delete(slices.Clone(all), i, i+1)
			doc, err := Write(run, Docker)
			keys = all
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range roundTrip(t, run, doc, Docker) {
				if row, _, is := strings.Cut(d, ": "); is && container.ByKey(row) != nil {
					found = row == k.row.Key()
					if !found {
						t.Errorf("without %s: %s", k.row.Key(), d)
					}
				}
			}
		}
		if !found {
			t.Errorf("nobody misses %s", k.row.Key())
		}
	}
}

// beside are files as they lie together.
func beside(files map[string]string) Beside {
	out := fstest.MapFS{}
	for name, text := range files {
		out["p/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Beside{FS: out, Path: "p/" + Name}
}

// TestRead: what a service says, by the settings and the places that decide them.
func TestRead(t *testing.T) {
	const web = "services:\n  web:\n    image: x/y:1\n"
	for _, c := range []struct{ name, text, more, says string }{
		{"a place", web + "    cap_add:\n      - SYS_ADMIN\n", "", "cap_add [sys_admin] 5:9"},
		{"the network of the project", web, "", "network [p_default] "},
		{"a truth of YAML 1.1", web + "    privileged: yes\n", "", "privileged true 4:17"},
		{"an anchor", "x-h: &h {read_only: true, privileged: true}\n" + web + "    <<: *h\n    privileged: false\n", "", "privileged false 6:17|read_only true 1:21"},
		{"a default of a variable", web + "    user: ${U:-0}\n", "", "open user ${U:-0} is filled in by whoever calls Compose"},
		{".env decides", web + "    user: ${U:-0}\n", ".env=U=1000:1000", "user 1000:1000 4:11"},
		{".env that fills in itself", web + "    user: ${U}\n", ".env=U=$HOME", "open user ${U} is filled in by whoever calls Compose"},
		{"a dollar", web + "    user: a$$b\n", "", "user a$b 4:11"},
		{"an unknown key", web + "    frob: 1\n", "", "open  frob is no key of a service that zlaunch knows"},
		{"a key twice", web + "    user: a\n    user: b\n", "", "open  user stands twice"},
		{"the same file extended", web + "    extends: {service: b}\n  b:\n    image: z\n    privileged: true\n", "", "image x/y:1 3:12|privileged true 7:17"},
		{"another file extended", web + "    extends: {service: b, file: d/o.yml}\n", "d/o.yml=services: {b: {privileged: true, volumes: [./v:/v]}}", "privileged true d/o.yml:1:28|volume[/v] /p/d/v rw d/o.yml:1:44"},
		{"a file outside", web + "    extends: {service: b, file: ../o.yml}\n", "", "open  extends: ../o.yml is not read: it lies outside of the directory"},
		{"a circle", web + "    extends: {service: web}\n", "", "open  extends: it extends itself, or goes through more than 10"},
		{"an override", web + "    user: a\n", "compose.override.yaml=services: {web: {user: b, privileged: true}}", "privileged true compose.override.yaml:1:39|user b compose.override.yaml:1:24"},
		{"a reset", web + "    cap_add: [kill]\n", "compose.override.yaml=services: {web: {cap_add: !override [chown]}}", "cap_add [chown] compose.override.yaml:1:38"},
		{"a volume with a device", web + "    volumes: [d:/x]\nvolumes: {d: {driver_opts: {type: none, o: bind, device: /etc}}}\n", "", "volume[/x] p_d rw,device=/etc,type=none,o=bind 4:15"},
		{"a device of an override", web + "    volumes: [d:/x]\nvolumes: {d: {name: e}}\n", "compose.override.yaml=volumes: {d: {driver_opts: {type: none, o: bind, device: /}}}", "volume[/x] e rw,device=/,type=none,o=bind 4:15"},
		{"the host's network by default", web + "networks: {default: {name: host, external: true}}\n", "", "network [host] 4:12"},
		{"a network of a driver by default", web, "compose.override.yaml=networks: {default: {driver: macvlan}}", "open network zlaunch does not judge the driver macvlan of a network"},
		{"a secret of a file", web + "    secrets: [s]\nsecrets: {s: {file: ./s.txt}}\n", "", "volume[/run/secrets/s] /p/s.txt ro 4:15"},
		{"a long port", web + "    ports: [{target: 80, published: '8080', host_ip: 10.0.0.1}]\n", "", "publish[80/tcp] {10.0.0.1 8080} 4:37"},
		{"devices of a deployment", web + "    deploy: {resources: {limits: {memory: 1g}, reservations: {devices: [{capabilities: [gpu]}]}}}\n", "", "gpus [all] 4:73|memory 1073741824 4:43"},
		{"another service's namespace", web + "    network_mode: service:db\n    pid: service:db\n", "", "network [container:db] 4:19|pid container:db 5:10"},
		{"a build", "services:\n  web:\n    build: .\n", "", "open image build: makes the image, and it is not there to be looked at"},
		{"podman-compose drops it", "x-podman: {}\n" + web + "    ipc: private\n", "", "open ipc podman-compose passes ipc over without a word"},
		{"a hook", web + "    post_start: [{command: x, privileged: true}]\n", "", "open  post_start runs programs in the container, maybe with more rights than it has, and is not read"},
		{"a text of words", web + "    command: sh -c 'echo \"$$A\" b'\n", "", "args [sh -c echo \"$A\" b] 4:14"},
	} {
		name, text, _ := strings.Cut(c.more, "=")
		runs, open, err := Read(beside(map[string]string{name: text}), Name, []byte(c.text))
		if err != nil || len(open) > 0 {
			t.Errorf("%s: %v %v", c.name, err, open)
			continue
		}
		got := said(runs[0])
		for _, want := range strings.Split(c.says, "|") {
			if !slices.Contains(got, want) {
				t.Errorf("%s: no %q in %q", c.name, want, got)
			}
		}
	}
}

// said is what a reading says, a line for each setting and its first word.
func said(r *form.Reading) []string {
	var out []string
	for _, set := range container.Settings(r.Spec) {
		at := ""
		if words := r.At[set.Path]; len(words) > 0 {
			w := r.Words[words[0]]
			at = fmt.Sprintf("%d:%d", w.Line, w.Col)
			if w.File != "" {
				at = w.File + ":" + at
			}
		}
		out = append(out, fmt.Sprintf("%s %v %s", set.Path, set.Value, at))
	}
	for _, o := range r.Open {
		out = append(out, fmt.Sprintf("open %s %s", o.At, o.Why))
	}
	return out
}

// TestHostile: none of these is read to its end, and none of them hangs or panics.
func TestHostile(t *testing.T) {
	laughs := "a0: &a0 {x: y}\n"
	for i := range 30 {
		laughs += fmt.Sprintf("a%d: &a%d {l: [*a%d, *a%d], <<: [*a%d, *a%d]}\n", i+1, i+1, i, i, i, i)
	}
	for name, text := range map[string]string{
		"laughs":   laughs + "services: {web: {image: x, <<: *a30, environment: *a30}}\n",
		"itself":   "services: &s {web: {image: x, <<: *s}}\n",
		"binary":   "services: {web: {image: !!binary aGk=}}\n",
		"two":      "services: {}\n---\nservices: {}\n",
		"no map":   "services: [a]\n",
		"null":     "services: {web: null, b: ~}\n",
		"a list":   "- services\n",
		"control":  "services: {\"w\\eb\": {image: \"x\\0y\"}}\n",
		"include":  "include: [https://example.com/x.yml]\nservices: {web: {image: x}}\n",
		"mebibyte": "services: {web: {image: x, user: " + strings.Repeat("$", 1<<20) + "}}\n",
		"too long": strings.Repeat(" ", maxFile+1),
		"deep":     "services: {web: {image: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}}\n",
		"twins":    "services: {web: {image: x, volumes: [{type: bind, source: /, target: /x, frob: 1}]}}\n",
	} {
		runs, open, err := Read(beside(nil), Name, []byte(text))
		unsure := err != nil || len(open) > 0
		for _, r := range runs {
			unsure = unsure || len(r.Open) > 0
		}
		if !unsure && name != "mebibyte" && name != "no map" && name != "a list" {
			t.Errorf("%s: nothing is open: %v", name, said(runs[0]))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("services:\n  web:\n    image: x\n    volumes: [a:/b:ro, {type: bind, source: ~/c, target: /d}]\n    command: \"a 'b\"\n", ".env", "A=b")
	f.Add("include: [a.yml, {path: compose.yaml}]\nservices: {a: {image: x}}\n", "a.yml", "include: [a.yml]\nservices: {b: {image: y}}\n")
	f.Add("x: &x {image: y}\nservices: {a: {<<: *x, ports: [80, {target: 1}], extends: b}, b: *x}\n", "compose.override.yaml", "services: {a: {ports: !reset null}}")
	f.Fuzz(func(t *testing.T, text, name, more string) {
		runs, _, err := Read(beside(map[string]string{name: more}), Name, []byte(text))
		if err != nil {
			return
		}
		for _, r := range runs {
			for _, o := range r.Open {
				if o.Word >= len(r.Words) || o.Word < -1 {
					t.Errorf("%s stands at word %d of %d", o.Why, o.Word, len(r.Words))
				}
			}
			for p, at := range r.At {
				for _, w := range at {
					if w < 0 || w >= len(r.Words) || r.Words[w].Line < 1 {
						t.Errorf("%s stands at %d", p, w)
					}
				}
			}
		}
	})
}

// TestOtherFiles: a file that Compose would not read by itself is not taken for the project.
func TestOtherFiles(t *testing.T) {
	const web = "services: {web: {image: x}}\n"
	for env, want := range map[string]int{"": 0, "COMPOSE_FILE=a.yml:b.yml": 1, "COMPOSE_FILE=" + Name: 0} {
		_, open, err := Read(beside(map[string]string{".env": env}), Name, []byte(web))
		if err != nil || len(open) != want {
			t.Errorf("%s: %v %v", env, open, err)
		}
	}
}

// Files that are included are projects of their own, at their places; what is included in
// another way than by its name is open, and no circle is endless.
func TestInclude(t *testing.T) {
	b := beside(map[string]string{
		"a/c.yaml": "include: [d.yml]\nservices: {a: {image: x, volumes: ['./v:/v']}}\n", "a/d.yml": "services: {d: {image: y, privileged: true}}\n",
		"a/c.override.yaml": "services: {a: {privileged: true}}\n", "loop.yml": "include: [loop.yml, compose.yaml]\nservices: {l: {image: z}}\n",
	})
	text := "include:\n- a/c.yaml\n- {path: a/d.yml, env_file: e}\n- {path: [x, y]}\n- ../z.yml\n- oci://q\nservices: {web: {image: w}}\n"
	runs, open, err := Read(b, "sub/compose.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.Name+" "+r.File+" "+r.Words[0].File)
	}
	if want := []string{"web sub/compose.yaml ", "a sub/compose.yaml sub/a/c.yaml", "d sub/compose.yaml sub/a/d.yml", "d sub/compose.yaml sub/a/d.yml"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !slices.Contains(said(runs[1]), "volume[/v] /p/a/v rw sub/a/c.yaml:2:36") {
		t.Errorf("%q", said(runs[1]))
	}
	for i, want := range []string{"line 3: env_file of include changes", "line 4: what is included is not known", "line 5: ../z.yml is included, and not read", "line 6: oci://q is included, and not read"} {
		if i >= len(open) || !strings.Contains(open[i].Why, want) {
			t.Errorf("no %q in %v", want, open)
		}
	}
	if runs, open, err = Read(b, "compose.yaml", []byte("include: [loop.yml]\n")); err != nil || len(open) == 0 || len(runs) > maxIncluded {
		t.Errorf("a circle: %d runs, %v, %v", len(runs), open, err)
	}
	b.Reads = func(name string) bool { return name == "p/a/c.yaml" }
	if runs, open, err = Read(b, "compose.yaml", []byte("include: [a/c.yaml]\n")); err != nil || len(open)+len(runs) > 0 {
		t.Errorf("a file that is read by itself: %d runs, %v, %v", len(runs), open, err)
	}
}

// What a file in another directory extends is found from there.
func TestExtendsFromAfar(t *testing.T) {
	b := beside(map[string]string{"o.yml": "services: {b: {privileged: true}}\n"})
	for _, name := range []string{"./p/compose.yaml", "../q/p/compose.yaml", "/p/compose.yaml"} {
		runs, _, err := Read(b, name, []byte("services: {web: {image: x, extends: {file: o.yml, service: b}}}\n"))
		if err != nil || len(runs) != 1 || !strings.Contains(strings.Join(said(runs[0]), "\n"), "privileged true") {
			t.Errorf("%s: %q, %v", name, said(runs[0]), err)
		}
	}
}
