package quadlet

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// A service that puts other programs or files in the place of Podman's leaves its runs
// open, and the files that it prints to are those of the run.
func TestSurroundings(t *testing.T) {
	for key, want := range map[string]string{
		"ExecSearchPath=/e": "open", "RootDirectory=/e": "open", "RootImage=/e": "open", "BindPaths=/e:/usr/bin/podman": "open",
		"BindReadOnlyPaths=/e:/usr/bin": "open", "ExtensionDirectories=/e": "open", "BindPaths=": "", "WorkingDirectory=/e": "",
		"StandardOutput=append:%h/.bashrc": "print %h/.bashrc", "StandardError=truncate:/a": "print /a", "StandardOutput=journal": "",
	} {
		for _, name := range []string{"u/a.service", "u/a.container"} {
			text := "[Service]\nType=oneshot\n" + key + "\nExecStart=/usr/bin/podman run --rm x/y:1\n"
			if strings.HasSuffix(name, ".container") {
				text = image + "[Service]\nType=oneshot\n" + key + "\n"
			}
			got := ""
			runs, _, err := Commands(files(name, text), name, Options{})
			if strings.HasSuffix(name, ".container") {
				runs, err = []*form.Reading{read(t, files(name, text), name, Options{})}, nil
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range runs {
				for _, o := range r.Open {
					if strings.Contains(o.Why, "may put another program") {
						got = "open"
					}
				}
				for _, k := range container.HostFiles.Keys(r.Spec) {
					if f, _, _ := container.HostFiles.Get(r.Spec, k); strings.HasPrefix(k, "Standard") {
						got = f.Use + " " + f.Path
					}
				}
			}
			if got != want {
				t.Errorf("%s in %s: %q, not %q", key, name, got, want)
			}
		}
	}
}

// A unit of many runs costs no more than one of a thousand.
func TestManyRunsOfAService(t *testing.T) {
	text := "[Service]\nType=oneshot\n" + strings.Repeat("ExecStart=/usr/bin/podman run x\n", 3*maxRuns)
	runs, open, err := Commands(files("u/a.service", text), "u/a.service", Options{})
	if err != nil || len(runs) != maxRuns || len(open) == 0 {
		t.Errorf("%d runs, open %v, %v", len(runs), open, err)
	}
}
