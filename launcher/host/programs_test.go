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
		"[engine]\nruntime = \"OWN\"\n":                                                                 "engine.runtime",
		"[engine]\nruntime = \"LINK\"\n":                                                                "engine.runtime", // root's program, through a link that is not
		"[engine]\nruntime = \"x\"\n[engine.runtimes]\nx = [\"/none\", \"OWN\"]\n":                      "engine.runtimes",
		"[engine.runtimes]\nrunc = [\"OWN\"]\n":                                                         "engine.runtimes",
		"[engine]\nruntime = \"crun\"\n[engine.runtimes]\nrunc = [\"OWN\"]\n":                           "",
		"[engine.runtimes]\nrunc = [\"/bin/sh\", \"OWN\"]\n":                                            "",
		"[engine]\nruntime = \"runc\"\n[engine.runtimes_flags]\nrunc = [\"log=/x\"]\n":                  "engine.runtimes_flags",
		"[engine.runtimes]\nrunc = [\"/bin\", \"OWN\"]\n":                                               "engine.runtimes", // a directory is passed over
		"[engine.runtimes]\nrunc = [\"/none\"]\n":                                                       "",                // nothing in PATH either
		"[Engine]\nRunTime = \"OWN\"\n":                                                                 "engine.runtime",
		"[engine]\nruntime_path = [\"OWN\"]\n":                                                          "engine.runtime_path",
		"[engine.platform_to_oci_runtime]\n\"linux/amd64\" = \"x\"\n[engine.runtimes]\nx = [\"OWN\"]\n": "engine.runtimes",
		"[engine]\nconmon_path = [\"OWN\"]\n":                                                           "engine.conmon_path",
		"[engine]\nconmon_path = [\"/bin/false\", \"OWN\"]\n":                                           "engine.conmon_path", // whether the first does is not known
		"[engine]\nenv = [\"LANG=C\", \"PATH=/bin\", \"LD_PRELOAD=/x.so\"]\n":                           "engine.env",
		"[engine]\nenv = [\"PATH=/bin:DIR\"]\n":                                                         "engine.env",
		"[containers]\ninit_path = \"OWN\"\n":                                                           "containers.init_path",
		"[network]\ncni_plugin_dirs = [\"DIR\"]\n":                                                      "network.cni_plugin_dirs",
		"[network]\nnetavark_plugin_dirs = [\"DIR\"]\n":                                                 "network.netavark_plugin_dirs",
		"[engine]\nconmon_env_vars = [\"PATH=/bin\", \"LD_PRELOAD=/x.so\"]\n":                           "engine.conmon_env_vars",
		"[engine]\nhelper_binaries_dir = [\"/usr/bin\", \"DIR\"]\n":                                     "engine.helper_binaries_dir",
		"[engine]\ninit_path = \"OWN\"\n":                                                               "engine.init_path",
		"[engine]\nnetwork_cmd_path = \"OWN\"\n":                                                        "engine.network_cmd_path",
		"[engine]\nnetwork_cmd_path = \"/none\"\n":                                                      "",
		"[engine]\nruntime = \"runc\"\n":                                                                "",
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

// $PATH, storage.conf and its variable bring in programs and stores, too.
func TestProgramsElsewhere(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"own", "bin/pasta", "config/containers/storage.conf"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ storage, opts, path, want string }{
		{path: dir + "/bin", want: "PATH"},
		{path: dir + ":bin:/bin", want: ""},
		{storage: "[storage.options.overlay]\nmount_program = \"OWN\"\n", want: "storage.options.overlay.mount_program"},
		{storage: "[Storage.Options]\nMount_Program = \"OWN\"\n", want: "storage.options.mount_program"},
		{storage: "[storage.options]\nadditionalimagestores = [\"/usr\", \"OPEN\"]\n", want: "storage.options.additionalimagestores"},
		{storage: "[storage.options]\nadditionallayerstores = [\"OPEN:ref\"]\n", want: "storage.options.additionallayerstores"},
		{storage: "[storage.options]\nadditionalimagestores = [\"OWN\"]\n", want: ""}, // the caller's own
		{storage: "[storage.options.overlay]\nmount_program = \"\"\nMOUNT_PROGRAM = \"OWN\"\n", want: "storage.options.overlay"},
		{storage: "[storage", want: "storage.options"},
		{opts: "overlay.mount_program=OWN", want: "overlay.mount_program"},
		{opts: "overlay.mountopt=nodev, overlay.imagestore=OPEN", want: "overlay.imagestore"},
	} {
		words := strings.NewReplacer("OWN", dir+"/own", "OPEN", open)
		if err := os.WriteFile(filepath.Join(dir, "config/containers/storage.conf"), []byte(words.Replace(c.storage)), 0o644); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"XDG_CONFIG_HOME": dir + "/config", "STORAGE_OPTS": words.Replace(c.opts), "PATH": c.path}
		f, err := host.Read(host.Source{Env: func(name string) string { return env[name] }, UID: 1001, EUID: 1001})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range f.Programs {
			got = append(got, p.Key)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
