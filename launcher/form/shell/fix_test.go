package shell

import (
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

var mark = container.From(container.Origin{Layer: container.LayerCommandLine, Key: "--fix"})

// harden mends what the commonest findings are about.
func harden(s *container.Spec) *container.Spec {
	m := container.Clone(s)
	container.CapAdd.Clear(m)
	container.CapDrop.Set(m, []string{"all"}, mark)
	container.NoNewPrivileges.Set(m, true, mark)
	container.ReadOnly.Set(m, true, mark)
	container.PidsLimit.Set(m, 512, mark)
	for _, k := range container.VolumeAt.Keys(m) {
		v, _, _ := container.VolumeAt.Get(m, k)
		v.ReadOnly = true
		container.VolumeAt.Set(m, k, v, mark)
	}
	for _, k := range container.Publish.Keys(m) {
		p, _, _ := container.Publish.Get(m, k)
		p.HostIP = "127.0.0.1"
		container.Publish.Set(m, k, p, mark)
	}
	return m
}

func TestFix(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"podman run x", "podman run --cap-drop=all --security-opt=no-new-privileges --read-only --pids-limit=512 x"},
		{"sudo docker run -it --cap-add SYS_ADMIN -v $PWD/m:/m:z -p 80:80 ${IMG} a $B",
			"sudo docker run -it -v $PWD/m:/m:ro,z --publish=127.0.0.1:80:80/tcp --cap-drop=all --security-opt=no-new-privileges --read-only --pids-limit=512 ${IMG} a $B"},
		{`podman run --read-only=false -v "$HOME/my models:/m" -v ~/x:/x --label 'a b' -- img "$@"`,
			`podman run --label 'a b' -v "$HOME/my models:/m:ro" -v ~/x:/x:ro --cap-drop=all --security-opt=no-new-privileges --read-only --pids-limit=512 -- img "$@"`},
		{"podman run --cap-drop=all --security-opt=no-new-privileges --read-only --pids-limit=512 x", "podman run --cap-drop=all --security-opt=no-new-privileges --read-only --pids-limit=512 x"},
	} {
		r := read(t, c.line)
		words, err := Fix(r, harden(r.Spec))
		if got := strings.Join(words, " "); err != nil || got != c.want {
			t.Errorf("%s\n got %s, %v\nwant %s", c.line, got, err, c.want)
		}
	}
}

// A word that decides two settings takes both along.
func TestFixSplitsClusters(t *testing.T) {
	r := read(t, "podman run -itd -p 80-81:80-81 x")
	m := container.Clone(r.Spec)
	container.Tty.Set(m, false, mark)
	container.Publish.Set(m, "80-81/tcp", container.Port{HostIP: "::1", HostPort: 80}, mark)
	words, err := Fix(r, m)
	want := "podman run --publish=[::1]:80-81:80-81/tcp --detach=true --interactive --tty=false x"
	if got := strings.ReplaceAll(strings.Join(words, " "), "'", ""); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
}

// Docker refuses the words by which Podman is told what both do anyway, and reads some
// options in a spelling of its own.
func TestFixSpeaksDocker(t *testing.T) {
	r := read(t, "docker run --pid=host --uts=host --sysctl net.a=1 --entrypoint /a x")
	m := container.Clone(r.Spec)
	container.Pid.Set(m, "private", mark)
	container.Uts.Set(m, "private", mark)
	container.Entrypoint.Set(m, []string{"/b"}, mark)
	container.Sysctl.Set(m, "net.a", "1,\"2", mark)
	container.Unmask.Set(m, []string{"ALL"}, mark)
	words, err := Fix(r, m)
	want := `docker run --entrypoint=/b --security-opt=systempaths=unconfined '--sysctl=net.a=1,"2' x`
	if got := strings.Join(words, " "); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
}

// What has no option is named, and nothing is written.
func TestFixSaysWhatItCannot(t *testing.T) {
	r := read(t, "sudo docker run x")
	m := container.Clone(r.Spec)
	container.Prefix.Clear(m)
	container.SeccompPolicy.Set(m, "image", mark)
	if words, err := Fix(r, m); err == nil || words != nil || !strings.Contains(err.Error(), "prefix, seccomp_policy") {
		t.Errorf("got %q, %v", words, err)
	}
}

func seeds(f *testing.F) {
	f.Add(benchLine)
	f.Add(startScript)
	for _, s := range []string{
		`podman run -itd -p8080:80 -eA=b -v "$PWD"/m:/m:Z --mount type=bind,"src=/a,b",dst=/c x "a b" $'\n'`, "docker run --user root -it --rm $IMAGE_ID bash",
		"docker run --network NAME=h,alias=a --mount TYPE=bind,SRC=/,DST=$D,ro -p target=1,published=2 --gpus driver=n,count=-1 x",
		"podman run --security-opt seccomp:unconfined -p [::]:1-3:1-3/udp --tmpfs /t:size=1% --ulimit host --secret a,mode=1 x",
		"A=b podman run -- x <<<y", "sudo -u $U podman run x", "podman run -", "podman run --=x", "podman run -=", "podman run $(", "podman run \"${a:-\\\"}\" x",
	} {
		f.Add(s)
	}
}

// No text makes a reader fail or say what it cannot point at; a text that goes the
// quick way says there what it says to the shell's grammar.
func FuzzScript(f *testing.F) {
	f.Add("LD_PRELOAD=/a\nexport LD_PRELOAD=/b https_proxy=c\nhttps_proxy=d podman run x")
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		runs, _, err := Script("f", []byte(text))
		for _, r := range runs {
			consistent(t, r)
		}
		quick, ok := plain("f", text)
		if !ok {
			return
		}
		r := quick.Read()
		if r != nil && len(runs) != 1 || err != nil {
			t.Fatalf("%q: quick %v, grammar %v, %v", text, r != nil, len(runs), err)
		}
		if r != nil && (!slices.Equal(said(r), said(runs[0])) || !slices.Equal(r.Words, runs[0].Words)) {
			t.Fatalf("%q: quick %q, grammar %q", text, said(r), said(runs[0]))
		}
	})
}

// byShell tells the files of redirections, which are no words of the run.
func byShell(p container.Path) bool {
	name, _, _ := strings.Cut(p.Elem, "@")
	return p.Key == container.HostFiles.Key() && (name == "output" || name == "input")
}

func consistent(t *testing.T, r *form.Reading) {
	t.Helper()
	for p, words := range r.At {
		for _, w := range words {
			if w < 0 || w >= len(r.Words) {
				t.Fatalf("%s stands at word %d of %d", p, w, len(r.Words))
			}
		}
	}
	for _, o := range r.Open {
		if o.Word < -1 || o.Word >= len(r.Words) || strings.ContainsAny(o.Why, "\x1b\x00\n\r") {
			t.Fatalf("open %+v", o)
		}
	}
	for _, set := range container.Settings(r.Spec) {
		if _, ok := r.At[set.Path]; !ok && !byShell(set.Path) {
			t.Fatalf("%s stands nowhere", set.Path)
		}
	}
}

func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, " ")
		if r, err := command.Read(args); err == nil {
			consistent(t, r)
		}
		if r, err := command.Read(append([]string{"docker", "run"}, args...)); err == nil {
			consistent(t, r)
		}
	})
}

// What is mended reads as mended, and mending it once more changes nothing.
func FuzzFix(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Line(text)
		if err != nil {
			return
		}
		words, err := Fix(r, harden(r.Spec))
		if err != nil {
			return // it says so; what it writes is proved below
		}
		got, err := Line(strings.Join(words, " "))
		if err != nil {
			t.Fatalf("%q became %q: %v", text, words, err)
		}
		again, err := Fix(got, harden(got.Spec))
		if err != nil || strings.Join(again, " ") != strings.Join(words, " ") {
			t.Fatalf("%q became %q, then %q, %v", text, words, again, err)
		}
		for _, row := range container.Rows {
			if !row.Derived() && !container.Equal(row, got.Spec, harden(r.Spec)) {
				t.Fatalf("%q became %q: %s differs", text, words, row.Key())
			}
		}
	})
}
