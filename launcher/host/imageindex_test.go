package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImageIndex(t *testing.T) {
	const index = "/home/ann/.local/share/containers/storage/overlay-images/images.json"
	for name, c := range map[string]struct {
		files map[string]string
		env   map[string]string
		uid   int
		want  string
	}{
		"Podman's own choice":     {files: map[string]string{index: "[]"}, want: index},
		"nothing there yet":       {},
		"another data directory":  {files: map[string]string{"/data/containers/storage/vfs-images/images.json": "[]"}, env: map[string]string{"XDG_DATA_HOME": "/data"}, want: "/data/containers/storage/vfs-images/images.json"},
		"two drivers":             {files: map[string]string{index: "[]", strings.Replace(index, "overlay", "vfs", 1): "[]"}},
		"root":                    {files: map[string]string{index: "[]"}, uid: -1000},
		"the user's storage.conf": {files: map[string]string{index: "[]", "/home/ann/.config/containers/storage.conf": ""}},
		"the environment":         {files: map[string]string{index: "[]"}, env: map[string]string{"STORAGE_OPTS": "x"}},
		"Fedora's storage.conf": {files: map[string]string{index: "[]",
			"/usr/share/containers/storage.conf": "[storage]\ndriver = \"overlay\"\ngraphroot = \"/var/lib/containers/storage\"\n[storage.options]\nadditionalimagestores = [\n]\n"}, want: index},
		"additional stores":   {files: map[string]string{index: "[]", "/etc/containers/storage.conf": "[storage.options]\nadditionalimagestores = [\"/srv/images\"]\n"}},
		"elsewhere":           {files: map[string]string{index: "[]", "/etc/containers/storage.conf": "[storage]\nrootless_storage_path = \"/srv/$USER\"\n"}},
		"an image store":      {files: map[string]string{index: "[]", "/etc/containers/storage.conf": "[storage]\nimagestore = \"/srv/i\"\n"}},
		"what cannot be read": {files: map[string]string{index: "[]", "/etc/containers/storage.conf": "[storage\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, content := range c.files {
				path := filepath.Join(root, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			env := func(name string) string {
				if v := c.env[name]; v != "" {
					return v
				}
				return map[string]string{"HOME": "/home/ann"}[name]
			}
			got := strings.TrimPrefix(Source{Root: root, Env: env, UID: 1000 + c.uid}.ImageIndex(), root)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
