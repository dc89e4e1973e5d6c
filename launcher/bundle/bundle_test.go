package bundle

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

const described1 = "name = \"fraud\"\nversion = \"1.4.0\"\nrequires = \"0.9.0\"\nchangelog = \"less memory\"\n"

// directory is one as a team keeps it, with changes.
func directory(changes map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{
		"bundle.toml":      {Data: []byte(described1)},
		"fraud.toml":       {Data: []byte("[fraud]\nextends = \"triton\"\nmemory = \"2g\"\n")},
		"a-shell.toml":     {Data: []byte("[a-shell]\nextends = \"base\"\n")},
		"expect/fraud.txt": {Data: []byte("run")},
		".git/config":      {Data: []byte("x")},
	}
	for name, text := range changes {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func packed(t testing.TB, changes map[string]string) Artifact {
	t.Helper()
	b, err := Directory(directory(changes))
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The same files are the same bytes, on every architecture and for ever: whoever changes
// this digest changes that of every bundle there is.
func TestGoldenDigest(t *testing.T) {
	const want = "sha256:bcf8a498b03e38d158a826f23b75884ddbf35794f21a1ed0620e2afafa427702"
	a := packed(t, nil)
	if got := a.Digest().String(); got != want {
		t.Errorf("%s, want %s\n%s", got, want, a.Manifest)
	}
	b := a.Bundle
	b.Files = []File{b.Files[1], b.Files[0]}
	again, err := b.Pack()
	if err != nil || !bytes.Equal(again.Manifest, a.Manifest) {
		t.Errorf("another order of files is another artifact: %v\n%s", err, again.Manifest)
	}
}

func TestDirectory(t *testing.T) {
	b := packed(t, nil).Bundle
	if b.Name != "fraud" || b.Version != "1.4.0" || b.Requires != "0.9.0" || b.Changelog != "less memory" || len(b.Files) != 2 || b.Files[0].Name != "a-shell.toml" {
		t.Errorf("%+v", b)
	}
	many := map[string]string{}
	for i := range MaxFiles {
		many[fmt.Sprintf("p%d.toml", i)] = ""
	}
	for name, c := range map[string]struct {
		changes    map[string]string
		says, next string
	}{
		"an unknown key":     {map[string]string{"bundle.toml": described1 + "owner = \"x\"\n"}, `key "owner" is not known`, "name, version, requires, changelog"},
		"a key in capitals":  {map[string]string{"bundle.toml": strings.Replace(described1, "name", "NAME", 1)}, `key "NAME" is not known`, "name, version"},
		"a table":            {map[string]string{"bundle.toml": described1 + "[policy]\nx = 1\n"}, `key "policy" is not known`, ""},
		"no name":            {map[string]string{"bundle.toml": "version = \"1.0.0\"\n"}, `name "" is not`, ""},
		"a path for a name":  {map[string]string{"bundle.toml": "name = \"../x\"\nversion = \"1.0.0\"\n"}, `name "../x" is not`, ""},
		"no version":         {map[string]string{"bundle.toml": "name = \"x\"\n"}, "no version", `version = "1.0.0"`},
		"a version with a v": {map[string]string{"bundle.toml": "name = \"x\"\nversion = \"v1.0.0\"\n"}, `version "v1.0.0" is no semantic version`, ""},
		"a bad requirement":  {map[string]string{"bundle.toml": described1[:strings.Index(described1, "requires")] + "requires = \"1\"\n"}, `requires "1" is no semantic version`, ""},
		"an escape":          {map[string]string{"bundle.toml": "name = \"x\"\nversion = \"1.0.0\"\nchangelog = \"\\u001b[2J\"\n"}, "changelog: holds the character U+001B", ""},
		"two lines":          {map[string]string{"bundle.toml": "name = \"x\"\nversion = \"1.0.0\"\nchangelog = \"a\\nb\"\n"}, "changelog: holds the character U+000A", ""},
		"capitals":           {map[string]string{"Fraud.toml": ""}, `"Fraud.toml" is not in lower case`, ""},
		"dots":               {map[string]string{"a..b.toml": ""}, `has ".." in its name`, ""},
		"a control":          {map[string]string{"a\x1b.toml": ""}, `"a\x1b.toml" is not named by`, ""},
		"something else":     {map[string]string{"README.md": ""}, `"README.md" is no file of profiles`, "move it elsewhere"},
		"a directory":        {map[string]string{"more/x.toml": ""}, `"more" is no file of profiles`, "move it elsewhere"},
		"nested TOML":        {map[string]string{"deep.toml": "x = " + strings.Repeat("[", 100)}, `file "deep.toml": nested deeper`, ""},
		"a large file":       {map[string]string{"big.toml": strings.Repeat("#", MaxFile+1)}, `"big.toml" is larger than`, ""},
		"too many files":     {many, "more than 256 files", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Directory(directory(c.changes))
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(hint.Of(err), c.next) {
				t.Errorf("%v (%s)", err, hint.Of(err))
			}
		})
	}
	if _, err := Directory(fstest.MapFS{}); err == nil || !strings.Contains(hint.Of(err), "> bundle.toml") {
		t.Errorf("no bundle.toml: %v (%s)", err, hint.Of(err))
	}
	if _, err := Directory(fstest.MapFS{"bundle.toml": {Data: []byte(described1)}}); err == nil || !strings.Contains(err.Error(), "holds no profiles") {
		t.Errorf("no profiles: %v", err)
	}
}
