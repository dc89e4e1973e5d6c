package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func freeBytes(dir string) (uint64, error) {
	var st syscall.Statfs_t
	err := syscall.Statfs(dir, &st)
	return st.Bavail * uint64(st.Bsize), err
}

// Without a session's runtime directory zlaunch says what is wrong and how to
// get one, or goes on where Podman would.
func TestNoSession(t *testing.T) {
	s := newScene(t)
	open := filepath.Join(t.TempDir(), "open")
	if err := errors.Join(os.Mkdir(open, 0o700), os.Chmod(open, 0o777)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, what, dir, says string }{
		{"gone", "XDG_RUNTIME_DIR names a directory that is not there, as after su", filepath.Join(s.dir, "nowhere"), "does not exist"},
		{"open", "XDG_RUNTIME_DIR is a directory others can write to", open, "can write to it"},
	} {
		s.row(c.name, c.what, func(w *world, p *proof) {
			w.env = append(slices.Clone(w.env), "XDG_RUNTIME_DIR="+c.dir)
			got := w.zlaunch(run("-d", "web")...)
			refused(p, got, c.says)
			w.env = append(slices.Clone(w.env), "XDG_RUNTIME_DIR="+os.Getenv("XDG_RUNTIME_DIR"))
			if left := files(w.t, filepath.Dir(open)); len(left) != 1 {
				w.t.Errorf("left in %s: %v", filepath.Dir(open), left)
			}
		})
	}
	s.row("unset", "XDG_RUNTIME_DIR is not set: the user's own is used and the warning says how to get a session", func(w *world, p *proof) {
		w.env = slices.DeleteFunc(slices.Clone(w.env), func(v string) bool { return strings.HasPrefix(v, "XDG_RUNTIME_DIR=") })
		got := w.zlaunch(run("job", "--", "exit", "0")...)
		p.saw("exit %d: %s", got.code, explained(got.stderr))
		if got.code != 0 && (got.code != 125 || !strings.Contains(got.stderr, "hint:")) {
			w.t.Errorf("ended with %d: %s", got.code, got.stderr)
		}
	})
}

// stranger is another ordinary user of this machine, with no session, no service
// manager, no delegated cgroup and no lingering, made for a test by root.
type stranger struct {
	name, home string
	uid        string
}

// newStranger makes the user, with ranges of sub-ids or without.
func newStranger(p *proof, ranges bool) *stranger {
	p.t.Helper()
	p.needRoot("making another user")
	u := &stranger{name: fmt.Sprintf("zle2e%d", os.Getpid()%10000)}
	u.home = "/var/tmp/" + u.name
	p.t.Cleanup(u.remove)
	p.must(sudo("useradd", "--system", "--no-log-init", "-U", "-m", "-d", u.home, "-s", "/bin/sh", u.name))
	if ranges {
		p.must(sudo("usermod", "--add-subuids", "2000000-2065535", "--add-subgids", "2000000-2065535", u.name))
	}
	id, err := exec.Command("id", "-u", u.name).Output()
	if err != nil {
		p.t.Fatal(err)
	}
	u.uid = strings.TrimSpace(string(id))
	p.must(sudo("install", "-m", "0755", lab.zlaunch, u.home+"/zlaunch"))
	p.must(sudo("install", "-d", "-m", "0700", "-o", u.name, "-g", u.name, u.home+"/run"))
	return u
}

func (p *proof) must(cmd *exec.Cmd) {
	p.t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v %s", cmd, err, out)
	}
}

// run runs a command as the user, in an environment of the user's.
func (u *stranger) run(w *world, args ...string) result {
	w.t.Helper()
	words := append([]string{"-n", "setpriv", "--reuid", u.name, "--regid", u.name, "--init-groups", "--inh-caps=-all", "env", "-i",
		"HOME=" + u.home, "USER=" + u.name, "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "XDG_RUNTIME_DIR=" + u.home + "/run"}, args...)
	cmd := w.command("sudo", words...)
	cmd.Dir = "/"
	return w.do(cmd)
}

// ledger is the user's part of what a fault must not change.
func (u *stranger) ledger(w *world) string {
	return u.run(w, "sh", "-c", "podman ps -aq --external; podman network ls -q; podman volume ls -q; ls run/zlaunch run | grep zlaunch").stdout
}

// remove ends what the user still runs, by process, and takes the user away.
func (u *stranger) remove() {
	out, _ := exec.Command("pgrep", "-u", u.name).Output()
	for _, pid := range strings.Fields(string(out)) {
		sudo("kill", "-9", pid).Run()
	}
	sudo("userdel", "-r", "-f", u.name).Run()
	sudo("rm", "-rf", u.home).Run()
}

// What a host has not given this user is refused before anything is made, with
// what root can do about it.
func TestUserWithoutMeans(t *testing.T) {
	s := newScene(t)
	for _, c := range []struct {
		name, what string
		ranges     bool
		says       []string
	}{
		{"no sub-ids", "a user without sub-ids: refused, by zlaunch or by podman's own service, with what shows the way", false,
			[]string{"subuid", "zlaunch doctor"}},
		{"no delegation", "a user without a service manager, and so without delegated cgroups: limits are refused, not dropped", true,
			[]string{"ZL-104", "cannot be enforced here", "zlaunch doctor --fix"}},
	} {
		s.row(c.name, c.what, func(w *world, p *proof) {
			u := newStranger(p, c.ranges)
			before := u.ledger(w)
			got := u.run(w, u.home+"/zlaunch", "run", "--image", image, "--pull", "never", "python", "--", "python3")
			refused(p, got, c.says...)
			if after := u.ledger(w); after != before {
				w.t.Errorf("the user's things: before %q, after %q", before, after)
			}
		})
	}
	s.row("empty files", "no sub-ids in /etc/subuid and /etc/subgid, as this user sees them: the run ends, and zlaunch doctor shows what is missing", func(w *world, p *proof) {
		refused(p, withoutRanges(w, p, run("job", "--", "exit", "0")...), "subuid", "zlaunch doctor")
		doctor := withoutRanges(w, p, "doctor")
		if !strings.Contains(doctor.stdout+doctor.stderr, "/etc/subuid has no range for you") {
			w.t.Errorf("doctor does not say that there is no range (exit %d):\n%s%s", doctor.code, doctor.stdout, doctor.stderr)
		}
		p.saw("zlaunch doctor: exit %d, /etc/subuid has no range for you", doctor.code)
	})
	s.row("linger", "no lingering: a detached server starts, and that it ends with the login is told", func(w *world, p *proof) {
		if _, err := os.Stat(os.Getenv("XDG_RUNTIME_DIR") + "/systemd/private"); err != nil {
			p.lacks("this user has no service manager, so nothing ends with the login: %v", err)
		}
		got := withoutLinger(w, p, run("-d", "web")...)
		p.saw("exit %d", got.code)
		for _, line := range strings.Split(got.stderr, "\n") {
			if strings.Contains(line, "linger") {
				p.saw("%s", strings.TrimSpace(line))
			}
		}
		if got.code != 0 || !strings.Contains(got.stderr, "ends when you log out") || !strings.Contains(got.stderr, "loginctl enable-linger") {
			w.t.Errorf("ended with %d: %s", got.code, got.stderr)
		}
		w.zlaunch("stop", "web")
	})
}

// withoutLinger runs zlaunch in a mount namespace where no user lingers.
func withoutLinger(w *world, p *proof, args ...string) result {
	w.t.Helper()
	p.needRoot("hiding /var/lib/systemd/linger")
	script := `mount -t tmpfs zlaunch-e2e /var/lib/systemd/linger && exec setpriv --reuid "$SUDO_UID" --regid "$SUDO_GID" --init-groups --inh-caps=-all "$@"`
	words := append([]string{"-n", "unshare", "--mount", "sh", "-c", script, "sh", "env", "-i"}, w.env...)
	return w.do(w.command("sudo", append(append(words, lab.zlaunch), args...)...))
}

// withoutRanges runs zlaunch in a mount namespace where the files of sub-ids are
// empty, with a runtime directory of its own so that Podman starts anew.
func withoutRanges(w *world, p *proof, args ...string) result {
	w.t.Helper()
	empty := filepath.Join(w.t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		w.t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "e2e-run-")
	if err != nil {
		w.t.Fatal(err)
	}
	home := w.t.TempDir()
	// What is root's belongs to nobody there, and zlaunch reads no file of nobody's.
	script := `mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid || exit 77
		[ ! -d /etc/zlaunch ] || mount --bind "$2" /etc/zlaunch || exit 77
		shift 2; exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@"`
	words := append([]string{"--map-current-user", "--keep-caps", "-m", "sh", "-c", script, "sh", empty, w.t.TempDir(), lab.zlaunch}, args...)
	cmd := w.command("unshare", words...)
	cmd.Env = append(slices.Clone(w.env), "XDG_RUNTIME_DIR="+dir, "HOME="+home, "XDG_DATA_HOME="+home)
	got := w.do(cmd)
	w.t.Cleanup(func() { exec.Command("podman", "unshare", "rm", "-rf", dir, home).Run() })
	if got.code == 77 || strings.Contains(got.stderr, "unshare:") {
		p.lacks("this machine gives an ordinary user no mount namespace of its own: %s", strings.TrimSpace(got.stderr))
	}
	return got
}
