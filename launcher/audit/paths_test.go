package audit_test

import (
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// sensitiveTrees are what no mount may come from, nor anything below it (ZL-506 and
// ZL-508), beside the code's own tables.
var sensitiveTrees = []string{"/etc", "/boot", "/proc", "/sys", "/lib", "/lib64", "/usr", "/bin", "/sbin", "/root", "/run", "/var/run", "/var/log",
	"/var/spool/cron", "/var/lib/containers", "/var/lib/docker", "/var/lib/kubelet", "/var/lib/etcd", "/dev", "/dev/shm", "/run/user/1001",
	"/home/u/.ssh", "/home/u/.gnupg", "/home/u/.aws", "/home/u/.kube", "/home/u/.docker", "/home/u/.config/containers", "/var/home/u/.ssh",
	"/Users/u/.ssh", "/home/u/.local/share/containers", "/home/u/.netrc", "/home/u/.cache/huggingface/token"}

// pathControls are those of which one must speak for each.
var pathControls = []string{"ZL-102", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-605"}

// accepted tells whether a writable mount of a source passes all path controls.
func accepted(source string, expanded bool) bool {
	s := hardened()
	VolumeAt.Set(s, "/models", Volume{Source: source, Open: expanded}, by)
	found := verdicts(s)
	return !slices.ContainsFunc(pathControls, func(id string) bool {
		return slices.ContainsFunc(found[id], func(f audit.Finding) bool {
			return f.Verdict == audit.Fail || f.Verdict == audit.Review && id == "ZL-605"
		})
	})
}

// ordinary devices, and removable media, may be in a container: the ones that always are, and
// accelerators.
func ordinaryDevice(p string) bool {
	for _, d := range []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/console", "/dev/ptmx",
		"/run/media/", "/var/run/media/", "/dev/dri/", "/dev/kfd", "/dev/nvidia", "/dev/accel/", "/dev/infiniband/"} {
		if strings.HasPrefix(p, d) {
			return true
		}
	}
	return false
}

// Hostile sources and targets do not stop the audit, and what lies below a
// sensitive path is never accepted, however it is spelled.
func FuzzPaths(f *testing.F) {
	for i, seed := range []string{"", ".", "/", "~", "~root", "$HOME", "${SSH_AUTH_SOCK}", "%h", "%t/bus", "x", "../..", "a/../../etc", "/etc\x00", "\x1b[2J", "/home//",
		"/run/user/", "docker.sock", "sda", "[", "*", strings.Repeat("/..", 500), strings.Repeat("a/", 2000), "/tmp/ssh-", "é\n"} {
		f.Add(seed, seed, i, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, source, target string, tree int, expanded bool) {
		s := hardened()
		VolumeAt.Set(s, target, Volume{Source: source, Open: expanded, Upper: target, Device: source}, by)
		Device.Set(s, []string{source, target}, by)
		MountOther.Set(s, []string{source, "type=glob,src=" + source + ",dst=" + target}, by)
		SubMounts.Set(s, []string{source}, by)
		UnsafeSources.Set(s, []string{source + ": " + target, target}, by)
		audit.Judge(complete(s))

		root := sensitiveTrees[((tree%len(sensitiveTrees))+len(sensitiveTrees))%len(sensitiveTrees)]
		below := path.Join(root, path.Clean("/"+source))
		if !ordinaryDevice(below) && accepted(below, false) {
			t.Errorf("%q is accepted", below)
		}
		if roundabout := "/" + strings.Repeat("x/../", 1+len(target)%3) + below; !ordinaryDevice(below) && accepted(roundabout, false) {
			t.Errorf("%q is accepted", roundabout)
		}
	})
}

// Every sensitive tree itself, with and without a slash behind it, is refused;
// data beside them is not.
func TestPaths(t *testing.T) {
	for _, p := range sensitiveTrees {
		for _, spelled := range []string{p, p + "/", "/." + p, p + "/x"} {
			if accepted(spelled, false) {
				t.Errorf("%q is accepted", spelled)
			}
		}
	}
	for _, p := range []string{"/srv/models", "/data", "/mnt/nfs/models", "/opt/models", "/home/u/models", "/var/lib/models", "/var/tmp/x", "/etcetera", "/runs",
		"/home/u/.cache/huggingface/hub", "/usrlocal", "/Users/u/models", "/var/opt/x", "/tmp/models", "/run/media/u/disk"} {
		if !accepted(p, false) {
			t.Errorf("%q is refused", p)
		}
	}
}

// Twenty times the names of a path take twenty times as long, not 400 times.
func TestLongPath(t *testing.T) {
	runtime.LockOSThread() // the time is this thread's own, whatever else the machine does
	defer runtime.UnlockOSThread()
	judge := func(names, times int) time.Duration {
		s := hardened()
		VolumeAt.Set(s, "/models", Volume{Source: "/srv" + strings.Repeat("/a", names), ReadOnly: true}, by)
		s = complete(s)
		begun := threadTime(t)
		for range times {
			audit.Judge(s)
		}
		return threadTime(t) - begun
	}
	// As many names in all: the clock may tick in hundredths of a second.
	if short, long := judge(50_000, 200), judge(1_000_000, 10); long > 8*max(short, 50*time.Millisecond) {
		t.Errorf("50,000 names took %v, 20 times as many %v", short/200, long/10)
	}
}

// threadTime is how long this thread has been on a processor.
func threadTime(t *testing.T) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkPaths(b *testing.B) {
	s := complete(hardened())
	for b.Loop() {
		audit.Judge(s)
	}
}
