package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of file systems in memory.

var noImplicitTmpfs = &Control{
	ID: "ZL-502", Name: "no-implicit-tmpfs", Severity: Medium,
	Title:  "The implicit read-only tmpfs is bounded",
	Why:    "--read-only alone adds unsized, executable tmpfs on /tmp, /run and /var/tmp: a place to run dropped programs and to eat memory",
	Fix:    "a sized --tmpfs for each of /tmp, /run and /var/tmp, or --read-only-tmpfs=false",
	Breaks: "--read-only-tmpfs=false also makes /dev/shm read-only where Podman is newer than 4.3: name the three tmpfs where the workload needs shared memory",
	Refs:   []string{"IBM L110-114", "OWASP #8", "CIS 5.13", "NSA immutable file systems", "CWE-770"},
	Reads:  []container.Row{container.ReadOnlyTmpfs, container.ReadOnly, container.TmpfsAt},
	Judge:  judgeNoImplicitTmpfs,
	Mend:   mendNoImplicitTmpfs,
}

// judgeNoImplicitTmpfs judges the three tmpfs that Podman's command line adds to a
// read-only root. A mount of one's own at the same place replaces the implicit one.
func judgeNoImplicitTmpfs(k *Case) {
	readOnly, ok := read(k, container.ReadOnly)
	if ok && !readOnly {
		k.NA("read_only is false: nothing is added to it")
	}
	if !ok || !readOnly {
		return
	}
	on, _, stated := container.ReadOnlyTmpfs.Get(k.Spec)
	if !stated {
		implicitSeen(k)
	}
	if bare := uncovered(k.Spec); on && len(bare) > 0 {
		if !container.TmpfsAt.Complete(k.Spec) || !container.VolumeAt.Complete(k.Spec) {
			k.Open(at(container.TmpfsAt), "whether there is a tmpfs at %s is not known", quoted(bare))
			return
		}
		k.Fail(at(container.ReadOnlyTmpfs), "read_only_tmpfs must be false, or tmpfs must name %s with a size", strings.Join(bare, ", "))
	}
}

// implicitSeen judges a container of which it is not known what was asked for: the
// three places then show whether they are bounded.
func implicitSeen(k *Case) {
	for _, target := range implicitPaths {
		if t, _, ok := container.TmpfsAt.Get(k.Spec, target); ok && t.Size == 0 {
			k.Fail(elem(container.TmpfsAt, target), "tmpfs %s must have a size, or read_only_tmpfs must be false", target)
		}
	}
	if !container.TmpfsAt.Complete(k.Spec) {
		k.Open(at(container.ReadOnlyTmpfs), "%s is not known", container.ReadOnlyTmpfs.Key())
	}
}

// implicitPaths are where read_only alone puts a tmpfs (specgen/generate,
// addReadWriteTmpfsMounts).
var implicitPaths = []string{"/run", "/tmp", "/var/tmp"}

// uncovered lists the implicit places at which nothing is mounted.
func uncovered(s *container.Spec) []string {
	return slices.DeleteFunc(slices.Clone(implicitPaths), func(p string) bool {
		_, _, tmpfs := container.TmpfsAt.Get(s, p)
		_, _, volume := container.VolumeAt.Get(s, p)
		return tmpfs || volume
	})
}

func mendNoImplicitTmpfs(s *container.Spec, p container.Path) {
	if p.Key == container.TmpfsAt.Key() && p.Elem != "" {
		mendTmpfsBounded(s, p)
		return
	}
	for _, target := range uncovered(s) {
		container.TmpfsAt.Set(s, target, scratch, mended)
	}
}

func mendTmpfsBounded(s *container.Spec, p container.Path) {
	t, m, _ := container.TmpfsAt.Get(s, p.Elem)
	if t.Size <= 0 {
		t.Size = scratch.Size
	}
	t.Exec, t.Suid, t.Dev = t.Exec && m.Why != "", false, false
	container.TmpfsAt.Set(s, p.Elem, t, mended)
}

// scratch is the tmpfs a Mend puts somewhere: the size base profiles give /tmp.
var scratch = container.Tmpfs{Size: 256 << 20, Mode: 0o1777}

var TmpfsBounded = &Control{
	ID: "ZL-503", Name: "tmpfs-bounded", Severity: Low,
	Title:  "Explicit tmpfs is sized, nosuid, nodev, noexec",
	Why:    "a writable place is sized, and runs programs only for a reason",
	Fix:    "--tmpfs DEST:size=256m,mode=1777,nosuid,nodev,noexec",
	Breaks: "noexec stops what compiles at run time (torch inductor, numba, JNI) with failed to map segment: give it one tmpfs with exec and say why",
	Refs:   []string{"IBM L110-114", "OWASP #8", "NSA immutable file systems", "CWE-770"},
	Reads:  []container.Row{container.TmpfsAt},
	Judge:  judgeTmpfsBounded,
	Mend:   mendTmpfsBounded,
}

func judgeTmpfsBounded(k *Case) {
	each(k, container.TmpfsAt, func(p container.Path, target string, t container.Tmpfs, m container.Mark) {
		var must []string
		for _, o := range []struct {
			wrong bool
			must  string
		}{
			{t.Size == 0, "have a size"},
			{t.Exec && m.Why == "", "be noexec, or say why programs run from it"},
			{t.Suid, "be nosuid"},
			{t.Dev, "be nodev"},
		} {
			if o.wrong {
				must = append(must, o.must)
			}
		}
		if len(must) > 0 {
			k.Fail(p, "tmpfs %s must %s", target, strings.Join(must, ", and "))
		} else if t.Size < 0 {
			k.Open(p, "the size of tmpfs %s is not a number of bytes", target)
		}
	})
}
