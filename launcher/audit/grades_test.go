package audit_test

import (
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// grade is the worst that a mount costs by the controls of paths: a failure by its severity,
// "review", or "pass".
func grade(source string, readOnly bool) string {
	s := hardened()
	_, word := Spelled(source)
	VolumeAt.Set(s, "/x", Volume{Source: source, ReadOnly: readOnly, NoSuid: true, NoDev: true, Open: word, Spelled: word}, by)
	worst, said := audit.Info, "pass"
	for id, found := range verdicts(complete(s)) {
		for _, f := range found {
			switch {
			case !slices.Contains(pathControls, id):
			case f.Verdict == audit.Open:
				return "open"
			case f.Verdict == audit.Fail && f.Severity >= worst:
				worst, said = f.Severity, f.Severity.String()
			case f.Verdict == audit.Review && said == "pass":
				said = "review"
			}
		}
	}
	return said
}

// A path is graded by what a person can reach there, written and read-only, however the
// home is spelled. What is milder than the rest of its kind is so because it is one
// program's own, or holds nothing that cannot be had elsewhere; nothing of it passes.
func TestGrades(t *testing.T) {
	for _, c := range []struct{ path, written, readOnly string }{
		{"$HOME", "high", "high"}, {"${HOME}/", "high", "high"}, {"~", "high", "high"}, {"~bob", "high", "high"}, {"%h", "high", "high"}, {"/home/me", "high", "high"},
		{"/var/home/me", "high", "high"}, {"/root", "critical", "critical"}, {"/home/${SUDO_USER}", "high", "high"}, {"$(echo ~)", "high", "high"},
		{"/home", "critical", "critical"}, {"/", "critical", "critical"},
		{"$HOME/models", "pass", "pass"}, {"/root/models", "medium", "medium"}, {"/root/.ssh", "critical", "critical"}, {"/root/.bashrc", "critical", "high"},
		{"~/.config/containers/volumes/db", "pass", "pass"}, {"~/.config/containers/auth.json", "critical", "critical"}, {"~/.config/containers", "critical", "critical"},
		{"~/.config/myapp", "medium", "review"}, {"~/.n8n", "pass", "pass"}, {"~/.tool", "high", "review"}, {"~/.newshrc", "high", "review"}, {"~/.config/myapp/config.toml", "high", "review"},
		{"~/.config/systemd/user", "critical", "high"}, {"~/.config/helix", "critical", "medium"}, {"~/.gitconfig", "critical", "medium"}, {"~/bin", "critical", "pass"},
		{"~/.cache/huggingface", "medium", "medium"}, {"$HF_HOME", "medium", "medium"}, {"~/.cache/huggingface/hub", "pass", "pass"},
		{"~/.cache/huggingface/token", "critical", "critical"}, {"~/.cache/torch", "pass", "pass"}, {"~/.ollama", "medium", "medium"}, {"~/.m2", "medium", "medium"},
		{"~/.ssh", "critical", "critical"}, {"~/.ssh/known_hosts", "critical", "review"}, {"~/.ssh/id_ed25519.pub", "critical", "review"}, {"~/.ssh/id_ed25519", "critical", "critical"},
		{"/etc", "critical", "critical"}, {"/etc/myapp", "high", "review"}, {"/etc/myapp/app.conf", "high", "review"}, {"/etc/cron.d/x", "critical", "review"},
		{"/etc/passwd", "critical", "review"}, {"/etc/shadow", "critical", "critical"}, {"/etc/letsencrypt", "critical", "critical"}, {"/etc/containers", "critical", "critical"},
		{"/etc/localtime", "high", "pass"}, {"/etc/ssl/certs", "high", "pass"}, {"/etc/os-release", "high", "pass"}, {"/etc/hosts", "critical", "pass"},
		{"/lib/modules", "critical", "medium"}, {"/usr", "critical", "critical"}, {"/usr/share/zoneinfo", "critical", "pass"}, {"/boot/x", "critical", "critical"},
		{"/proc/1/root", "critical", "critical"}, {"/sys/fs/cgroup", "critical", "critical"},
		{"/tmp", "high", "high"}, {"/tmp/x", "pass", "pass"}, {"/tmp/.X11-unix", "high", "high"},
		{"/run", "critical", "critical"}, {"/run/myapp", "medium", "medium"}, {"/run/k3s", "critical", "critical"}, {"/run/docker.sock.raw", "critical", "critical"}, {"/run/myapp/app.sock", "medium", "medium"}, {"/run/systemd/private", "high", "high"},
		{"/run/dbus", "high", "high"}, {"/run/credentials", "critical", "critical"}, {"%t/myapp", "medium", "medium"}, {"%t/bus", "high", "high"},
		{"/var/run/docker.sock", "critical", "critical"}, {"//run//docker.sock", "critical", "critical"}, {"/run/user/$(id -u)/podman/podman.sock", "critical", "critical"},
		{"${XDG_RUNTIME_DIR}/podman", "critical", "critical"}, {"%t/podman/podman.sock", "critical", "critical"},
		{"/var/log", "critical", "critical"}, {"/var/log/myapp", "medium", "medium"}, {"/var/log/journal", "critical", "critical"},
		{"/var/log/auth.log.1", "critical", "critical"}, {"/var/log/secure-20261129", "critical", "critical"}, {"/var/log/syslog.2.gz", "critical", "critical"}, {"/var/log/cronapp", "medium", "medium"},
		{"/run/salt", "critical", "critical"}, {"/run/supervisor", "critical", "critical"}, {"/run/agenix/db", "critical", "critical"}, {"%t/emacs", "critical", "critical"}, {"%t/nvim.1.0", "critical", "critical"}, {"%t/xauth_x", "critical", "critical"},
		{"~/.config/foo/hooks/x", "high", "review"}, {"/etc/wpa_supplicant", "critical", "critical"}, {"~/.Xauthority", "critical", "critical"},
		{"/var/lib/myapp", "pass", "pass"},
		{"/etc/ssl", "critical", "critical"}, {"/etc/pki", "critical", "critical"}, {"/etc/ssl/private", "critical", "critical"}, {"/etc/pki/tls/private/a.pem", "critical", "critical"},
		{"/etc/ssh/ssh_host_ed25519_key", "critical", "critical"}, {"/etc/kubernetes/pki", "critical", "critical"}, {"/etc/munge/munge.key", "critical", "critical"},
		{"/etc/ssl/server.key", "critical", "high"}, {"/etc/nginx/private/x", "critical", "high"}, {"/etc/pki/CA/private", "critical", "high"}, {"/etc/myapp/tls.key", "critical", "high"},
		{"/etc/postfix/sasl_passwd", "critical", "high"}, {"/etc/mysql/debian.cnf", "critical", "high"}, {"/etc/apt/auth.conf.d/x", "critical", "high"}, {"/etc/http.keytab", "critical", "high"},
		{"/etc/myapp/keyboard.conf", "high", "review"}, {"/etc/myapp/site.pub", "high", "review"}, {"/etc/nginx/site.crt", "high", "review"}, {"/etc/pki/rpm-gpg", "high", "review"},
		{"/var/lib/sudo", "critical", "critical"}, {"/var/lib/pam", "critical", "critical"}, {"/var/lib/private", "critical", "critical"}, {"/var/lib/private/app", "medium", "medium"},
		{"/var/lib/dpkg", "critical", "medium"}, {"/var/lib/dpkg/info", "critical", "medium"}, {"/var/lib/rpm", "critical", "medium"}, {"/var/lib/extensions/x", "critical", "critical"},
		{"/var/backups", "critical", "critical"}, {"/var/backups/app", "pass", "pass"}, {"/var/lib/postgresql", "pass", "pass"},
		{"/run/user/1000/dbus.sock", "high", "high"}, {"/run/user/1000/gpg-agent.sock", "high", "high"}, {"%t/S.gpg-agent", "high", "high"}, {"%t/keyring.sock", "high", "high"},
		{"%t/ssh-agent", "high", "high"}, {"/run/user/$(id -u)/ssh-agent.sock", "high", "high"}, {"%t/wayland.sock", "high", "high"}, {"%t/tmux-1000/default", "critical", "critical"},
		{"/run/user/1000/podman.sock", "critical", "critical"}, {"%t/containerd-rootless/api.sock", "critical", "critical"}, {"~/.1password/agent.sock", "high", "high"},
		{"/run/ssh-agent.sock", "high", "high"}, {"%t/myapp/app.sock", "medium", "medium"}, {"/srv/app/agent.sock", "medium", "medium"},
	} {
		if got := grade(c.path, false); got != c.written {
			t.Errorf("%s, written: %s, want %s", c.path, got, c.written)
		}
		if got := grade(c.path, true); got != c.readOnly {
			t.Errorf("%s, read-only: %s, want %s", c.path, got, c.readOnly)
		}
	}
}

// weight is the severity of the failure of a control, "pass" where it does not fail.
func weight(id string, change func(*Spec)) string {
	s := hardened()
	change(s)
	for _, f := range verdicts(complete(s))[id] {
		if f.Verdict == audit.Fail {
			return f.Severity.String()
		}
	}
	return "pass"
}

// Data has to be written somewhere: what is milder for it is still found, and a model
// store, a plan, and what everybody reaches are as grave as ever.
func TestWeights(t *testing.T) {
	written := func(target, source string) func(*Spec) {
		return volume(target, Volume{Source: source, NoSuid: true, NoDev: true})
	}
	for _, c := range []struct {
		id, want string
		change   func(*Spec)
	}{
		{"ZL-505", "low", written("/var/lib/db", "db")}, {"ZL-505", "medium", written("/data", "/srv/data")}, {"ZL-505", "high", written("/models", "/srv/m")},
		{"ZL-505", "high", written("/x", "/srv/models/bert")}, {"ZL-505", "high", written("/hub", "hf")}, {"ZL-505", "medium", written("/remodeled", "/srv/x")},
		{"ZL-505", "high", then(written("/data", "data"), gives(Subject, "plan"))},
		{"ZL-505", "medium", volume("/data", Volume{Source: "data", Device: "/srv/data", DeviceOptions: "bind"})},
		{"ZL-505", "high", volume("/data", Volume{Source: "data", Misread: true})},
		{"ZL-708", "high", published("8000/tcp", "", 8000)}, {"ZL-708", "high", published("8000/tcp", "0.0.0.0", 8000)}, {"ZL-708", "high", published("8000/tcp", "203.0.113.7", 8000)},
		{"ZL-708", "medium", published("8000/tcp", "192.168.1.5", 8000)}, {"ZL-708", "pass", published("8000-8010/tcp", "127.0.0.1", 8000)},
		{"ZL-511", "medium", volume("/c", Volume{Source: "/home/u/.config/jellyfin", Relabel: "Z"})}, {"ZL-511", "high", volume("/c", Volume{Source: "/home/u/.ssh", Relabel: "Z"})},
	} {
		if got := weight(c.id, c.change); got != c.want {
			t.Errorf("%s: %s, want %s", c.id, got, c.want)
		}
	}
}
