package host_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/host"
)

// Each key that has Podman run a program of somebody's is told with its file; what
// root alone writes, what is not there and what Podman would not take is not.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "own")
	if err := os.WriteFile(own, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/bin/sh", link); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "containers.conf")
	for text, want := range map[string]string{
		"[engine]\nruntime = \"OWN\"\n":                                                "engine.runtime",
		"[engine]\nruntime = \"LINK\"\n":                                               "engine.runtime", // root's program, through a link that is not
		"[engine]\nruntime = \"x\"\n[engine.runtimes]\nx = [\"/none\", \"OWN\"]\n":     "engine.runtimes",
		"[engine.runtimes]\nrunc = [\"OWN\"]\n":                                        "engine.runtimes",
		"[engine]\nruntime = \"crun\"\n[engine.runtimes]\nrunc = [\"OWN\"]\n":          "",
		"[engine.runtimes]\nrunc = [\"/bin/sh\", \"OWN\"]\n":                           "",
		"[engine]\nruntime = \"runc\"\n[engine.runtimes_flags]\nrunc = [\"log=/x\"]\n": "engine.runtimes_flags",
		"[engine]\nconmon_path = [\"OWN\"]\n":                                          "engine.conmon_path",
		"[engine]\nconmon_env_vars = [\"PATH=/bin\", \"LD_PRELOAD=/x.so\"]\n":          "engine.conmon_env_vars",
		"[engine]\nhelper_binaries_dir = [\"/usr/bin\", \"DIR\"]\n":                    "engine.helper_binaries_dir",
		"[engine]\ninit_path = \"OWN\"\n":                                              "engine.init_path",
		"[engine]\nnetwork_cmd_path = \"OWN\"\n":                                       "engine.network_cmd_path",
		"[engine]\nnetwork_cmd_path = \"/none\"\n":                                     "",
		"[engine]\nruntime = \"runc\"\n":                                               "",
	} {
		text = strings.NewReplacer("OWN", own, "LINK", link, "DIR", dir).Replace(text)
		if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := host.Read(host.Source{Env: func(name string) string { return map[string]string{"CONTAINERS_CONF": conf}[name] }, UID: 1001, EUID: 1001})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range f.Programs {
			got = append(got, p.Key)
			if p.File != conf || p.Why == "" || p.Path == "" {
				t.Errorf("%q: %+v", text, p)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
