package audit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// pathRows put a path into each row that holds one, by each way it does.
var pathRows = map[string]func(s *Spec, p string){
	"volume":    func(s *Spec, p string) { VolumeAt.Set(s, "/models", Volume{Source: p}, by) },
	"read-only": func(s *Spec, p string) { VolumeAt.Set(s, "/models", Volume{Source: p, ReadOnly: true}, by) },
	"upperdir": func(s *Spec, p string) {
		VolumeAt.Set(s, "/models", Volume{Source: "/srv/m", Overlay: true, Upper: p}, by)
	},
	"workdir": func(s *Spec, p string) {
		VolumeAt.Set(s, "/models", Volume{Source: "/srv/m", Overlay: true, Work: p}, by)
	},
	"device": func(s *Spec, p string) {
		VolumeAt.Set(s, "/d", Volume{Source: "d", Device: p, DeviceType: "none", DeviceOptions: "bind"}, by)
	},
	"bare device": func(s *Spec, p string) { VolumeAt.Set(s, "/d", Volume{Source: "d", Device: p}, by) },
	"lowerdir": func(s *Spec, p string) {
		VolumeAt.Set(s, "/d", Volume{Source: "d", Device: "overlay", DeviceType: "overlay", DeviceOptions: "lowerdir=/srv/a:" + p}, by)
	},
	"glob":         func(s *Spec, p string) { MountOther.Set(s, []string{"type=glob,src=" + p + ",dst=/g"}, by) },
	"unheard type": func(s *Spec, p string) { MountOther.Set(s, []string{"type=new,from=" + p + ",dst=/g"}, by) },
	"rootfs":       func(s *Spec, p string) { Rootfs.Set(s, p, by) },
	"log":          func(s *Spec, p string) { LogOpt.Set(s, "path", p, by) },
	"env file":     func(s *Spec, p string) { EnvFile.Set(s, []string{p}, by) },
	"written file": func(s *Spec, p string) { HostFiles.Set(s, "--pidfile", HostFile{Path: p, Use: "write"}, by) },
	"read file":    func(s *Spec, p string) { HostFiles.Set(s, "--hosts-file", HostFile{Path: p, Use: "read"}, by) },
	"run file":     func(s *Spec, p string) { HostFiles.Set(s, "--conmon", HostFile{Path: p, Use: "run"}, by) },
	"unknown file": func(s *Spec, p string) { HostFiles.Set(s, "--new", HostFile{Path: p}, by) },
	"capture":      func(s *Spec, p string) { Network.Set(s, []string{"pasta:--pc," + p}, by) },
	"pasta's log":  func(s *Spec, p string) { Network.Set(s, []string{"pasta:-ql" + p}, by) },
}

// respelled is another spelling of a clean path that leads there without a link.
func respelled(r *rand.Rand, p string) string {
	var b strings.Builder
	for _, name := range strings.Split(strings.TrimPrefix(p, "/"), "/") {
		b.WriteString([]string{"/", "//", "/./", "/x/../", "///", "/.//./"}[r.IntN(6)] + name)
	}
	b.WriteString([]string{"", "/", "/.", "/x/.."}[r.IntN(4)])
	return b.String()
}

// judgedAs is what the controls of paths say of a spec, without the words.
func judgedAs(put func(*Spec, string), p string) string {
	s := hardened()
	put(s, p)
	var out []string
	for id, found := range verdicts(complete(s)) {
		if !slices.Contains([]string{"ZL-102", "ZL-505", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-518", "ZL-605"}, id) {
			continue
		}
		for _, f := range found {
			out = append(out, fmt.Sprint(id, f.Verdict, f.Severity, f.At))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// Whatever the spelling of a path, and whatever row holds it, it is judged as the plain
// one is.
func TestSpellingsAreOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	places := append(slices.Clone(sensitiveTrees), "/home/u", "/", "/home/u/.bashrc", "/home/u/bin", "/home/u/.x/y", "/srv/models", "/etc/app/app.conf",
		"/run/podman/podman.sock", "/home/u/.config/containers/volumes/db", "/var/log/x", "/tmp/x")
	for name, put := range pathRows {
		for _, p := range places {
			want := judgedAs(put, p)
			for range 3 {
				if q := respelled(r, p); judgedAs(put, q) != want {
					t.Errorf("%s %q:\n%s\n%q:\n%s", name, q, judgedAs(put, q), p, want)
				}
			}
		}
	}
}

// No row takes the start-up file of a shell, a key, or a password of the host for
// granted, where the workload or the engine could change or tell it.
func TestNoRowTakesASensitivePath(t *testing.T) {
	for name, put := range pathRows {
		for _, p := range []string{"/home/u/.bashrc", "/home/u/.ssh/id_ed25519", "/etc/shadow"} {
			s := hardened()
			put(s, p)
			failed := false
			for _, id := range []string{"ZL-108", "ZL-506", "ZL-508"} {
				for _, f := range verdicts(complete(s))[id] {
					failed = failed || f.Verdict == audit.Fail && f.Severity >= audit.High || f.Verdict == audit.Open
				}
			}
			if startUp := strings.HasSuffix(p, "rc"); !failed && !(startUp && name == "env file") && !(startUp && name == "read file") {
				t.Errorf("%s %s is accepted", name, p)
			}
		}
	}
}
