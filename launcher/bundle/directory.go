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
	"github.com/zlaunch/zlaunch/launcher/internal/tomllines"
)

const (
	// DescriptionName is that of the file that says what the bundle of a directory is.
	DescriptionName = "bundle.toml"
	// expectDir holds what the team expects of its profiles; it stays with the team.
	expectDir = "expect"
)

// Directory reads the bundle that a team keeps in a directory: bundle.toml with the
// keys name, version, requires and changelog, and files of profiles beside it. The
// directory expect is left out, and so is what is hidden; anything else is refused,
// for who published it would believe it published.
//
// The error joins all that is wrong, each with its file and line. Beside it stands what
// could be read.
func Directory(fsys fs.FS) (Bundle, error) {
	b, said := describe(fsys)
	var wrong []error
	for _, f := range said {
		at := DescriptionName
		if f.Line > 0 {
			at = fmt.Sprintf("%s:%d", at, f.Line)
		}
		wrong = append(wrong, fmt.Errorf("reading %s: %w", at, f.Err))
	}
	files, more := profilesIn(fsys)
	b.Files, wrong = files, append(wrong, more...)
	if len(more) > 0 && len(files) == 0 {
		return b, errors.Join(wrong...)
	}
	for _, err := range fileFaults(files) {
		wrong = append(wrong, fmt.Errorf("reading the bundle: %w", err))
	}
	return b, errors.Join(wrong...)
}

// Description lists all that is wrong with the bundle.toml of a directory.
func Description(fsys fs.FS) []Fault {
	_, wrong := describe(fsys)
	return wrong
}

// descriptionFile is a bundle.toml.
type descriptionFile struct {
	Name      string `toml:"name"`
	Version   string `toml:"version"`
	Requires  string `toml:"requires,omitempty"`
	Changelog string `toml:"changelog,omitempty"`
}

// describe reads bundle.toml, and lists what is wrong with it.
func describe(fsys fs.FS) (b Bundle, wrong []Fault) {
	data, err := readFile(fsys, DescriptionName)
	if errors.Is(err, fs.ErrNotExist) {
		err = hint.Wrap(err, `printf 'name = "mine"\nversion = "1.0.0"\n' > `+DescriptionName)
	}
	if err == nil {
		err = bounded.TOML(data)
	}
	var f descriptionFile
	var md toml.MetaData
	if err == nil {
		md, err = toml.Decode(string(data), &f)
	}
	if err != nil {
		return Bundle{}, []Fault{{Err: err}} // the parser says the line
	}
	at := tomllines.Of(data, func(part string) string { return part })
	known := []string{"name", "version", "requires", "changelog"}
	for _, key := range md.Keys() { // as they are spelt: the decoder takes NAME for name
		if s := strings.Join(key, "."); !slices.Contains(known, s) {
			next := "the keys are " + strings.Join(known, ", ")
			if near := hint.Nearest(s, known); near != "" {
				next = "did you mean " + near + "?\n" + next
			}
			wrong = append(wrong, Fault{at[s], s, hint.Errorf(next, "key %s is not known", quoted(s))})
		}
	}
	b = Bundle{Name: f.Name, Version: f.Version, Requires: f.Requires, Changelog: f.Changelog}
	for _, f := range b.description() {
		wrong = append(wrong, Fault{at[f.Key], f.Key, f.Err})
	}
	return b, wrong
}

func profilesIn(fsys fs.FS) (out []File, wrong []error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, []error{fmt.Errorf("reading the bundle: %w", err)}
	}
	for _, e := range entries {
		name := e.Name()
		if name == DescriptionName || strings.HasPrefix(name, ".") || name == expectDir && e.IsDir() {
			continue
		}
		var data []byte
		switch {
		case path.Ext(name) != ".toml" || !e.Type().IsRegular():
			err = hint.Errorf("move it elsewhere: a bundle is "+DescriptionName+", *.toml and "+expectDir+"/",
				"%s is no file of profiles", quoted(name))
		case len(out) == MaxFiles:
			return sorted(out), append(wrong, fmt.Errorf("reading the bundle: it holds more than %d files", MaxFiles))
		default:
			data, err = readFile(fsys, name)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("reading the bundle: %w", err))
			continue
		}
		out = append(out, File{name, data})
	}
	return sorted(out), wrong
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
