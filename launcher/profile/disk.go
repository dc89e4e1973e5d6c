package profile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/profiles"
)

// Dirs are the places profiles are read from. An empty one is skipped.
type Dirs struct {
	System   string    // *.toml in it: /etc/zlaunch/profiles.d
	User     string    // profiles.toml and profiles.d/*.toml in it: $XDG_CONFIG_HOME/zlaunch
	Project  string    // profiles.toml in it: the working directory
	Home     string    // shown as ~ in file names
	Approved Approvals // what the user has approved of project files

	Bundles []Source // of the locked bundles, which stand between the system and the user
}

// Pending is a project file that the user has not approved as it stands.
type Pending struct {
	Path string // absolute
	Hash string // "sha256:…" of Data
	Data []byte
}

// Sources reads the files of all layers, the farthest first: built-in, system,
// bundles, user, project. A missing file is no error, and one that cannot be read has its Err.
// A project file counts only if it is approved with exactly this content, and is
// pending otherwise.
//
// What a project file may say is limited by that approval and by one rule of
// the catalog: it carries no waivers. Privilege, devices and host paths in it
// are read like anybody's, shown in the plan, and judged by the audit.
func Sources(dirs Dirs) ([]Source, []Pending, error) {
	out, err := builtIn()
	if err != nil {
		return nil, nil, err
	}
	out = append(out, dirs.directory(container.LayerSystem, dirs.System)...)
	out = append(out, dirs.Bundles...)
	out = append(out, user(dirs)...)
	src, pending, err := project(dirs)
	if err != nil || src == nil {
		return out, pending, err
	}
	return append(out, *src), nil, nil
}

func builtIn() ([]Source, error) {
	names, err := fs.Glob(profiles.Files, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("listing the built-in profiles: %w", err)
	}
	var out []Source
	for _, name := range names {
		data, err := profiles.Files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the built-in profile %s: %w", name, err)
		}
		out = append(out, Source{Layer: container.LayerBuiltIn, File: "profiles/" + name, Data: data, alone: strings.TrimSuffix(name, ".toml")})
	}
	return out, nil
}

func user(dirs Dirs) []Source {
	if dirs.User == "" {
		return nil
	}
	var out []Source
	src := dirs.file(container.LayerUser, filepath.Join(dirs.User, "profiles.toml"))
	if !errors.Is(src.Err, fs.ErrNotExist) {
		out = append(out, src)
	}
	return append(out, dirs.directory(container.LayerUser, filepath.Join(dirs.User, "profiles.d"))...)
}

// directory reads the *.toml files in dir, sorted by name; hidden ones are left
// out, as an editor's leftovers are.
func (d Dirs) directory(layer container.Layer, dir string) []Source {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		err = fmt.Errorf("listing it: %w", cause(err))
	} else {
		err = trust.Caller().Path(dir)
	}
	if err != nil {
		return []Source{{Layer: layer, File: d.display(dir), Err: err}}
	}
	var out []Source
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && filepath.Ext(e.Name()) == ".toml" {
			out = append(out, d.file(layer, filepath.Join(dir, e.Name())))
		}
	}
	return out
}

// file reads a file of the system or the user, through links, which nobody else can
// write or put another in the place of.
func (d Dirs) file(layer container.Layer, path string) Source {
	src := Source{Layer: layer, File: d.display(path)}
	if src.Err = trust.Caller().Path(path); src.Err == nil {
		src.Data, src.Err = readRegular(path, 0)
	}
	return src
}

func (d Dirs) display(path string) string {
	if rel, ok := strings.CutPrefix(path, strings.TrimSuffix(d.Home, "/")+"/"); ok && d.Home != "" {
		return "~/" + rel
	}
	return path
}

// project reads ./profiles.toml once; what is hashed is what is used. Who else can
// write it does not matter: teams share such directories, and what another wrote is
// not what was approved.
func project(dirs Dirs) (*Source, []Pending, error) {
	if dirs.Project == "" || filepath.Clean(dirs.Project) == filepath.Clean(dirs.User) {
		return nil, nil, nil
	}
	path, err := filepath.Abs(filepath.Join(dirs.Project, "profiles.toml"))
	if err != nil {
		return nil, nil, fmt.Errorf("finding profiles.toml: %w", err)
	}
	data, err := readRegular(path, syscall.O_NOFOLLOW)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, nil
	case errors.Is(err, syscall.ELOOP):
		err = hint.Errorf("put the file itself there", "a project file may be no symbolic link")
	}
	if err != nil {
		return &Source{Layer: container.LayerProject, File: "./profiles.toml", Err: err}, nil, nil
	}
	ok, err := dirs.Approved.Approved(path, data)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, []Pending{{path, Hash(data), data}}, nil
	}
	return &Source{Layer: container.LayerProject, File: "./profiles.toml", Data: data}, nil, nil
}

// readRegular reads a regular file of at most maxFile bytes; its errors do not name the
// file, [Fault] does. Opening never blocks, so a FIFO is refused like a device or a
// directory.
func readRegular(path string, flag int) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|flag, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, cause(err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("larger than %d bytes", maxFile)
	}
	return data, nil
}

// cause leaves out the path of an error of the os package: ours is shown safely.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
