package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Each message is led back to its control and to a line that relaxes it.
func TestSymptoms(t *testing.T) {
	for says, want := range map[string][]string{
		"OSError: [Errno 30] Read-only file system: '/cache/hub/x'":                            {"ZL-501", `tmpfs."/cache/hub" = { size = "64m" }`},
		"ImportError: /tmp/a/lib.so: failed to map segment from shared object":                 {"ZL-503", `tmpfs."/tmp/a" = { size = "256m", exec = true`},
		"PermissionError: [Errno 13] Permission denied: '/models/1/model.onnx'":                {"ZL-304", "ZL-510", "ZL-932", `userns = "keep-id:uid=UID,gid=GID"`},
		"shm_open: No space left on device":                                                    {"ZL-806", `shm_size = "1g"`},
		"write /tmp/x: no space left on device":                                                {"ZL-503", `tmpfs."/tmp" = { size = "1g" }`},
		"chown: /data: Operation not permitted":                                                {"ZL-203", "ZL-207", `user = "UID:GID"`},
		"setuid: operation not permitted":                                                      {"ZL-203", "ZL-207"},
		"bash: fork: Resource temporarily unavailable":                                         {"ZL-803", "pids_limit = 4096"},
		"RuntimeError: [enforce fail] Cannot allocate memory":                                  {"ZL-801", `memory = "8g"`},
		"accept4: too many open files":                                                         {"ZL-805", "ulimit.nofile"},
		"first line\nlast: Read-only file system: '/x\x1b[31m/evil'":                           {"ZL-501", `tmpfs."/x"`},
		`2026/11/22 06:48:54 [emerg] 1#1: open() "/dev/stderr" failed (13: Permission denied)`: {"ZL-401", "fifo_file"},
		`2026/11/22 [emerg] open() "/run/nginx.pid" failed (13: Permission denied)`:            {"ZL-302", `tmpfs."/run"`},
	} {
		got := likelyCause(says)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%q: no %q in %q", says, w, got)
			}
		}
		if strings.ContainsAny(got, "\x1b\n") {
			t.Errorf("%q: %q carries what the workload wrote", says, got)
		}
	}
	if got := likelyCause("all is well"); got != "" {
		t.Errorf("a healthy line: %q", got)
	}
}

// The lines are what a profile may hold.
func TestSymptomsHold(t *testing.T) {
	for _, s := range symptoms {
		line := strings.NewReplacer("PATH", "/cache", "UID", "1000", "GID", "1000").Replace(s.line)
		text := "schema = 1\n[profile.t]\nextends = \"base\"\nabout = \"a test\"\nkind = \"job\"\n[profile.t.container]\nimage = \"localhost/x\"\n" + line + "\n"
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "profiles.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sources, _, err := profile.Sources(profile.Dirs{User: dir, Home: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := profile.Load(sources); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
