package dockerrun

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/drawn"
)

// hostile are texts that something between here and the workload might take for something
// else than a text.
var hostile = []string{"text", "a\nb", "%i $(id) ${X} `id`", `'"\`, "# &a *b !!c", "--privileged", "é=,:;", "  ", strings.Repeat("x", 1<<20)}

// runs draws runs, each for a target.
func runs(t *testing.T, n uint64, check func(t *testing.T, r form.Run, target string)) {
	t.Helper()
	written := 0
	for seed := range n {
		text := hostile[seed%uint64(len(hostile))]
		if len(text) > 1<<10 && seed > 10 { // one of its size is enough
			text = "y"
		}
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 7)), text)
		if v, _, _ := container.Entrypoint.Get(s); len(v) > 0 && v[0] == "" {
			continue // no program has this name
		}
		if podmanrun.Check(s) != nil {
			continue
		}
		if v, m, ok := container.SecurityLabel.Get(s); ok { // the readers take no "=" in a label
			container.SecurityLabel.Set(s, append(v[:1:1], "type:a_t"), m)
		}
		written++
		check(t, runOf(s), Targets[seed%2])
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if written < int(n)*3/4 {
		t.Errorf("only %d of %d runs could be written", written, n)
	}
}

func runOf(s *container.Spec) form.Run { return form.Run{Name: "run", Spec: s, Judged: s} }

// What is written for Docker is read again as what was planned, in all but what is lost.
func TestRoundTrip(t *testing.T) {
	runs(t, 1600, func(t *testing.T, r form.Run, target string) {
		line, err := Write(r, target)
		if err != nil {
			t.Errorf("%s: %v", target, err)
			return
		}
		got := read(t, line.Words)
		for _, off := range differences(r.Spec, got, line.Lost) {
			t.Errorf("%s: %s", target, off)
		}
		again, err := Write(form.Run{Spec: got, Judged: r.Judged}, target)
		if err != nil || !slices.Equal(again.Words, line.Words) {
			t.Errorf("%s: %v: written again as\n%q, at first\n%q", target, err, again, line.Words)
		}
	})
}

func read(t *testing.T, words []string) *container.Spec {
	t.Helper()
	r, err := command.Read(words)
	if err != nil || len(r.Open) > 0 {
		t.Fatalf("%v, open: %v", err, r.Open)
	}
	container.Detach.Clear(r.Spec)
	return r.Spec
}

// differences are the rows that Docker does otherwise than planned, and are not lost: as
// it does them with its own defaults.
func differences(planned, got *container.Spec, lost []form.Loss) []string {
	full := effective.Complete(got, effective.Engine{Kind: "docker"})
	var out []string
	if !slices.Contains(keysOf(lost), "env") && !container.Equal(container.Env, planned, got) {
		out = append(out, "env") // whose values are shown nowhere
	}
	for _, row := range container.Rows {
		for _, set := range row.Settings(planned) {
			want := fmt.Sprint(set.Value)
			if row.Derived() || slices.ContainsFunc(lost, func(l form.Loss) bool { return l.At == set.Path || l.At.Key == set.Path.Key && l.At.Elem == "" }) {
				continue
			}
			if have := valueAt(full, row, set.Path); have != want && !told(planned, got, set.Path.Key) {
				out = append(out, fmt.Sprintf("%s is %.200s and was planned as %.200s", set.Path, have, want))
			}
		}
	}
	return out
}

func keysOf(lost []form.Loss) []string {
	var out []string
	for _, l := range lost {
		out = append(out, l.At.Key)
	}
	return out
}

func valueAt(s *container.Spec, row container.Row, p container.Path) string {
	for _, set := range row.Settings(s) {
		if set.Path == p {
			return fmt.Sprint(set.Value)
		}
	}
	return "unknown"
}

// told tells that a row says the same in other words, as the table of the form has it.
func told(planned, got *container.Spec, key string) bool {
	switch key {
	case container.Entrypoint.Key(), container.Args.Key():
		return slices.Equal(argv(planned), argv(got))
	case container.CapDrop.Key():
		was, _, _ := container.CapDrop.Get(planned)
		is, _, _ := container.CapDrop.Get(got)
		return slices.Equal(is[:len(was)], was) && !slices.ContainsFunc(is[len(was):], func(c string) bool { return !slices.Contains(moreOfDocker, c) })
	case container.LogOpt.Key():
		driver, _, _ := container.LogDriver.Get(planned)
		return driver == "none"
	case container.LogDriver.Key():
		was, _, _ := container.LogDriver.Get(planned)
		is, _, _ := container.LogDriver.Get(got)
		return was == "k8s-file" && is == "json-file"
	case container.Cpus.Key():
		was, _, _ := container.Cpus.Get(planned)
		is, _, _ := container.Cpus.Get(got)
		return is-was < 1e-9 && was-is < 1e-9
	}
	return false
}

// argv is what is run: the entrypoint and its arguments.
func argv(s *container.Spec) []string {
	entrypoint, _, _ := container.Entrypoint.Get(s)
	args, _, _ := container.Args.Get(s)
	return slices.Concat(entrypoint, args)
}

// Each row that is left out when it is written shows when what was written is read.
func TestEveryRowIsHeld(t *testing.T) {
	held := map[string]bool{}
	for seed := range uint64(40) {
		s := drawn.Spec(rand.New(rand.NewPCG(seed, 9)), "text")
		container.SecurityLabel.Set(s, []string{"disable"}, container.Mark{})
		if podmanrun.Check(s) != nil {
			continue
		}
		told := fitted(runOf(s), "28").spec
		for i, row := range command.Rows() {
			if len(row.Settings(told)) == 0 || command.Nature(row, engine) == fmt.Sprint(row.Settings(told)[0].Value) {
				continue
			}
			held[row.Key()] = true
			_, err := write(runOf(s), "28", slices.Delete(command.Rows(), i, i+1))
			if err == nil || !strings.HasSuffix(err.Error(), " "+row.Key()+" as it should be") && row.Key() != container.Image.Key() {
				t.Fatalf("without %s: %v", row.Key(), err)
			}
		}
	}
	for _, says := range Says("28") {
		if says.Keys != "" && !held[says.Row.Key()] {
			t.Errorf("%s was never written", says.Row.Key())
		}
	}
}

// Where Docker does without an option what the table says it does, its defaults are that.
func TestNatures(t *testing.T) {
	full := effective.Complete(&container.Spec{}, effective.Engine{Kind: "docker"})
	for _, row := range container.Rows {
		nature := command.Nature(row, engine)
		if have := valueAt(full, row, container.Path{Key: row.Key()}); nature != "" && have != nature && nature != "default" {
			t.Errorf("%s is %s by nature, and %s by default", row.Key(), nature, have)
		}
	}
}

// What docker would do otherwise is lost, or done by other words.
func TestFits(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerUser, Key: "k"})
	for name, c := range map[string]struct {
		set            func(s *container.Spec)
		target         string
		words, without string // of the line
		lost           string
	}{
		"default capabilities": {set: func(s *container.Spec) { container.CapDrop.Set(s, []string{"chown"}, m) },
			words: "--cap-drop=chown --cap-drop=audit_write --cap-drop=mknod --cap-drop=net_raw"},
		"no cap_drop": {set: func(s *container.Spec) { container.CapAdd.Set(s, []string{"net_raw"}, m) },
			words: "--cap-drop=audit_write --cap-drop=mknod --cap-add=net_raw"},
		"all dropped":    {set: func(s *container.Spec) { container.CapDrop.Set(s, []string{"all"}, m) }, words: "--cap-drop=all", without: "mknod"},
		"keep-id":        {set: func(s *container.Spec) { container.Userns.Set(s, "keep-id:uid=1", m) }, without: "userns", lost: "userns"},
		"no map":         {set: func(s *container.Spec) { container.Userns.Set(s, "host", m) }, without: "userns"},
		"umask":          {set: func(s *container.Spec) { container.Umask.Set(s, "0027", m) }, lost: "umask"},
		"umask as it is": {set: func(s *container.Spec) { container.Umask.Set(s, "0022", m) }, without: "umask"},
		"own namespaces": {set: func(s *container.Spec) { container.Pid.Set(s, "private", m); container.Uts.Set(s, "private", m) }, without: "private"},
		"another's uts":  {set: func(s *container.Spec) { container.Uts.Set(s, "container:x", m) }, without: "uts", lost: "uts"},
		"log file":       {set: func(s *container.Spec) { container.LogDriver.Set(s, "k8s-file", m) }, words: "--log-driver=json-file"},
		"journal": {set: func(s *container.Spec) {
			container.LogDriver.Set(s, "journald", m)
			container.LogOpt.Set(s, "max-size", "1m", m)
		}, lost: "log_opt[max-size]"},
		"image volumes": {set: func(s *container.Spec) { container.ImageVolume.Set(s, "ignore", m) }, lost: "image_volume"},
		"no image volumes": {set: func(s *container.Spec) {
			container.ImageVolume.Set(s, "ignore", m)
			container.ImageVolumes.Set(s, nil, m)
		}},
		"covered image volumes": {set: func(s *container.Spec) {
			container.ImageVolume.Set(s, "ignore", m)
			container.ImageVolumes.Set(s, []string{"/data"}, m)
			container.TmpfsAt.Set(s, "/data", container.Tmpfs{Size: 5}, m)
		}},
		"an image volume": {set: func(s *container.Spec) {
			container.ImageVolume.Set(s, "tmpfs", m)
			container.ImageVolumes.Set(s, []string{"/data"}, m)
		}, lost: "image_volume"},
		"a bind": {set: func(s *container.Spec) {
			container.VolumeAt.Set(s, "/m", container.Volume{Source: "/s", ReadOnly: true, NoSuid: true}, m)
		},
			words: "--mount=type=bind,src=/s,dst=/m,readonly", lost: "volume[/m]"},
		"a relabelled bind": {set: func(s *container.Spec) {
			container.VolumeAt.Set(s, "/m", container.Volume{Source: "/s", ReadOnly: true, Relabel: "z"}, m)
		},
			words: "--volume=/s:/m:ro,z"},
		"a secret": {set: func(s *container.Spec) { container.SecretOf.Set(s, "tok", container.Secret{}, m) }, lost: "secret[tok]"},
		"entrypoint": {set: func(s *container.Spec) {
			container.Entrypoint.Set(s, []string{"/a", "-b"}, m)
			container.Args.Set(s, []string{"c"}, m)
		}, words: "localhost/x -b c"},
		"no tmpfs":     {set: func(s *container.Spec) { container.ReadOnlyTmpfs.Set(s, false, m) }, without: "tmpfs"},
		"tmpfs":        {set: func(s *container.Spec) { container.ReadOnlyTmpfs.Set(s, true, m) }, lost: "read_only_tmpfs"},
		"annotation":   {set: func(s *container.Spec) { container.Annotation.Set(s, "a", "b", m) }, words: "--annotation=a=b"},
		"old":          {set: func(s *container.Spec) { container.Annotation.Set(s, "a", "b", m) }, target: "20.10", without: "annotation", lost: "annotation[a]"},
		"cdi":          {set: func(s *container.Spec) { container.Device.Set(s, []string{"nvidia.com/gpu=0"}, m) }, words: "--device=nvidia.com/gpu=0"},
		"old cdi":      {set: func(s *container.Spec) { container.Device.Set(s, []string{"nvidia.com/gpu=0", "/dev/a"}, m) }, target: "20.10", words: "--device=/dev/a", lost: "device"},
		"old networks": {set: func(s *container.Spec) { container.Network.Set(s, []string{"a", "b"}, m) }, target: "20.10", words: "--network=a", without: "=b", lost: "network"},
		"networks":     {set: func(s *container.Spec) { container.Network.Set(s, []string{"a", "b"}, m) }, words: "--network=a --network=b"},
		"newer":        {set: func(s *container.Spec) { container.Pull.Set(s, "newer", m) }, without: "pull", lost: "pull"},
		"sysctl":       {set: func(s *container.Spec) { container.Sysctl.Set(s, "kernel.sem", `1,2 "3`, m) }, words: `--sysctl=kernel.sem=1,2 "3`},
	} {
		s := &container.Spec{}
		container.Image.Set(s, "localhost/x", m)
		c.set(s)
		if c.target == "" {
			c.target = "28"
		}
		line, err := Write(runOf(s), c.target)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var lost []string
		for _, l := range line.Lost {
			lost = append(lost, l.At.String())
		}
		text := strings.Join(line.Words, " ")
		if got := strings.Join(lost, " "); got != c.lost || !strings.Contains(text, c.words) || c.without != "" && strings.Contains(text, c.without) {
			t.Errorf("%s: %s, lost %q", name, text, got)
		}
	}
}

// A setting that docker would take for something else is refused by its name.
func TestRefuses(t *testing.T) {
	m := container.From(container.Origin{Layer: container.LayerUser, Key: "k"})
	for want, set := range map[string]func(s *container.Spec){
		"checking image": func(s *container.Spec) { container.Image.Set(s, "--privileged", m) },
		"checking env":   func(s *container.Spec) { container.Env.Set(s, "A=B", "", m) },
		"checking Args":  func(s *container.Spec) { container.Args.Set(s, []string{"\x00"}, m) },
		"entrypoint":     func(s *container.Spec) { container.Entrypoint.Set(s, []string{"", "a"}, m) },
		"volume":         func(s *container.Spec) { container.VolumeAt.Set(s, "/a", container.Volume{Source: "./rel"}, m) },
		"label":          func(s *container.Spec) { container.SecurityLabel.Set(s, []string{"nested"}, m) },
	} {
		s := &container.Spec{}
		container.Image.Set(s, "localhost/x", m)
		set(s)
		if line, err := Write(runOf(s), "28"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v %v", want, line, err)
		}
	}
}
