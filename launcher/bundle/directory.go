package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

const (
	// manifestFile says what the bundle of a directory is.
	manifestFile = "bundle.toml"
	// expectDir holds what the team expects of its profiles; it stays with the team.
	expectDir = "expect"
)

// Directory reads the bundle that a team keeps in a directory: bundle.toml with the
// keys name, version, requires and changelog, and files of profiles beside it. The
// directory expect is left out, and so is what is hidden; anything else is refused,
// for who published it would believe it published.
func Directory(fsys fs.FS) (Bundle, error) {
	b, err := describe(fsys)
	if err != nil {
		return Bundle{}, fmt.Errorf("reading %s: %w", manifestFile, err)
	}
	if b.Files, err = profilesIn(fsys); err == nil {
		err = b.check()
	}
	if err != nil {
		return Bundle{}, fmt.Errorf("reading the bundle: %w", err)
	}
	return b, nil
}

func describe(fsys fs.FS) (Bundle, error) {
	data, err := readFile(fsys, manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Bundle{}, hint.Wrap(err, `printf 'name = "mine"\nversion = "1.0.0"\n' > `+manifestFile)
	}
	if err == nil {
		err = bounded.TOML(data)
	}
	if err != nil {
		return Bundle{}, err
	}
	var f struct {
		Name      string `toml:"name"`
		Version   string `toml:"version"`
		Requires  string `toml:"requires"`
		Changelog string `toml:"changelog"`
	}
	md, err := toml.Decode(string(data), &f)
	if err != nil {
		return Bundle{}, err
	}
	known := []string{"name", "version", "requires", "changelog"}
	for _, key := range md.Keys() { // as they are spelt: the decoder takes NAME for name
		if s := strings.Join(key, "."); !slices.Contains(known, s) {
			return Bundle{}, hint.Errorf("the keys are "+strings.Join(known, ", "), "key %s is not known", quoted(s))
		}
	}
	return Bundle{Name: f.Name, Version: f.Version, Requires: f.Requires, Changelog: f.Changelog}, nil
}

func profilesIn(fsys fs.FS) ([]File, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var out []File
	for _, e := range entries {
		name := e.Name()
		if name == manifestFile || strings.HasPrefix(name, ".") || name == expectDir && e.IsDir() {
			continue
		}
		if path.Ext(name) != ".toml" || !e.Type().IsRegular() {
			return nil, hint.Errorf("move it elsewhere: a bundle is "+manifestFile+", *.toml and "+expectDir+"/",
				"%s is no file of profiles", quoted(name))
		}
		if len(out) == MaxFiles {
			return nil, fmt.Errorf("it holds more than %d files", MaxFiles)
		}
		data, err := readFile(fsys, name)
		if err != nil {
			return nil, err
		}
		out = append(out, File{name, data})
	}
	return sorted(out), nil
}

// readFile reads a regular file of at most [MaxFile] bytes.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fmt.Errorf("%s is no regular file", quoted(name)))
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(data) > MaxFile {
		err = fmt.Errorf("%s is larger than %d bytes", quoted(name), MaxFile)
	}
	return data, err
}
