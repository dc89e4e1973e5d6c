package model_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/content"
)

const digits = "0123456789abcdef0123456789abcdef0123456"

// cache is what the hub of Hugging Face keeps: blobs without names, and links that name them.
func cache(t *testing.T, files map[string]string) string {
	t.Helper()
	root := plant(t, map[string]string{"refs/main": strings.Repeat("0a", 20)})
	must(t, os.MkdirAll(root+"/blobs", 0o700))
	must(t, os.MkdirAll(root+"/snapshots/1", 0o700))
	for i, name := range slices.Sorted(maps.Keys(files)) {
		blob := digits + string("0123456789abcdef"[i])
		must(t, os.WriteFile(root+"/blobs/"+blob, []byte(files[name]), 0o600))
		must(t, os.Symlink("../../blobs/"+blob, root+"/snapshots/1/"+name))
	}
	return root
}

// What the links of a cache call its blobs, decides.
func TestCalledByLinks(t *testing.T) {
	st := "\x02\x00\x00\x00\x00\x00\x00\x00{}"
	root := cache(t, map[string]string{"model.safetensors": st, "config.json": "{}", "README.md": "a model\n", "modeling_x.py": "import os\n",
		"model.pkl": "(lp0\n.", "x.keras": st, "saved_model.pb": "\x0a\x04abcdWriteFile\x00"})
	formats, err := model.Inspect(context.Background(), root)
	must(t, err)
	got := map[string]string{}
	for _, f := range formats {
		if f.Format == "symbolic link" {
			continue
		}
		for _, name := range f.First {
			got[filepath.Base(name)] = string(f.Class) + " " + f.Format
		}
	}
	for name, want := range map[string]string{"modeling_x.py": "code py source", "model.pkl": "code pickle by its name", "x.keras": "unknown safetensors", "saved_model.pb": "code SavedModel", "main": "data commit"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q of %q", name, got[name], want, got)
		}
	}
	kinds, err := model.Kinds(context.Background(), root)
	must(t, err)
	data := 0
	for _, k := range kinds {
		if strings.HasPrefix(k.Path, "blobs/") && k.Class == content.Data {
			data++
		}
	}
	if data != 3 {
		t.Errorf("%d blobs are data, want those of safetensors, JSON and text: %+v", data, kinds)
	}
	for _, name := range []string{"snapshots/1/modeling_x.py", "snapshots/1/model.pkl", "snapshots/1/saved_model.pb"} {
		tellsOfCode(t, root, name)
	}
}

// A file that has two names is what the worse one has it be, whatever kind of link names it.
func TestCalledTwice(t *testing.T) {
	root := plant(t, map[string]string{"a.txt": "(lp0\n.", "b.txt": "words\n", "sub/c.json": "{}"})
	must(t, os.Link(root+"/a.txt", root+"/a.pkl"))
	must(t, os.Symlink("b.txt", root+"/run"))
	must(t, os.Symlink("run", root+"/b.md"))
	must(t, os.Symlink("sub", root+"/other"))
	must(t, os.Symlink("/etc/passwd", root+"/out.json"))
	kinds, err := model.Kinds(context.Background(), root)
	must(t, err)
	got := map[string]content.Class{}
	for _, k := range kinds {
		got[k.Path] = k.Class
	}
	for name, want := range map[string]content.Class{"a.txt": content.Code, "a.pkl": content.Code, "b.txt": content.Unknown, "sub/c.json": content.Data, "other": content.Data, "run": content.Data, "out.json": content.Unknown} {
		if got[name] != want {
			t.Errorf("%s is %s, want %s", name, got[name], want)
		}
	}
}

// A single file that a link names is judged by both names, and told of at a launch.
func TestCalledAlone(t *testing.T) {
	root := cache(t, map[string]string{"model.pkl": "(lp0\n."})
	kinds, err := model.Kinds(context.Background(), root+"/snapshots/1/model.pkl")
	must(t, err)
	if len(kinds) != 1 || kinds[0].Class != content.Code || kinds[0].Path != "model.pkl" {
		t.Errorf("%+v", kinds)
	}
	tellsOfCode(t, root+"/snapshots/1/model.pkl", `"model.pkl" in`)
}

// tellsOfCode asserts that a launch warns of a file that runs code.
func tellsOfCode(t *testing.T, path, name string) {
	t.Helper()
	_, problems := model.Check(context.Background(), treeAt(path))
	for _, p := range problems {
		if p.Control == "ZL-934" && strings.Contains(p.Message, name) {
			return
		}
	}
	t.Errorf("nothing is said of %s: %+v", name, problems)
}
