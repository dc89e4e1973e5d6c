package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
	"github.com/zlaunch/zlaunch/launcher/internal/wholefile"
)

// Dirs are the places zlaunch writes to.
type Dirs struct {
	Runtime string // locks and reservations, gone at logout: $XDG_RUNTIME_DIR/zlaunch
	State   string // launch records and approvals: $XDG_STATE_HOME/zlaunch
	Data    string // the seccomp profiles Podman is pointed at: $XDG_DATA_HOME/zlaunch
	Cache   string // what is known of images: $XDG_CACHE_HOME/zlaunch
	Storage string // only looked at: where this user's engine keeps images, "" not known
	Roomy   string // temporary: where an image has room, as podman has it: $TMPDIR, or image_copy_tmp_dir, or /var/tmp
}

// Trusted wants what stands in these places to be nobody's but the caller's and
// root's to write, and the places too.
func (d Dirs) Trusted() error {
	dirs := []string{d.Runtime, d.State, d.Data, filepath.Join(d.Data, "seccomp")}
	for _, of := range []string{"launches", "services", "stacks", "gateways", "authority", "scans", "inspections", "scratch"} {
		dirs = append(dirs, filepath.Join(d.State, of))
	}
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) { // none is given
			continue
		}
		if err := trust.Caller().Path(dir); err != nil {
			return err
		}
	}
	return nil
}

// Claims is where this user's claims on this host are.
func (d Dirs) Claims() claim.Dir { return claim.Dir(d.Runtime) }

// Scratch is where what is written by the way has room, and where the claims on it lie.
func (d Dirs) Scratch() scratch.Place {
	if d.State == "" {
		return scratch.Place{Below: d.Roomy}
	}
	return scratch.Place{Below: d.Roomy, Claims: filepath.Join(d.State, "scratch")}
}

// Locks is where this user's locks on this host are.
func (d Dirs) Locks() Locks { return Locks(d.Runtime) }

func (d Dirs) path(launch string) string { return filepath.Join(d.State, "launches", launch+".json") }

// attached is the record of an attached run while it runs. It claims nothing: the
// lock of its launch does, and ends with it.
func (d Dirs) attached(launch string) string {
	return filepath.Join(d.Runtime, "attached-"+launch+".json")
}

// Save writes the record of a launch that is done: whole or not at all.
func (d Dirs) Save(r *Record) error {
	data, err := r.sealed()
	if err == nil {
		err = WriteFile(d.path(r.Launch), data)
	}
	if err != nil {
		return WritingTo(d.State, fmt.Errorf("writing the launch record: %w", err))
	}
	return nil
}

// SaveAttached writes the record of an attached run, so that an audit can hold its
// container against the plan.
func (d Dirs) SaveAttached(r *Record) error {
	data, err := r.sealed()
	if err == nil {
		err = WriteFile(d.attached(r.Launch), data)
	}
	if err != nil {
		return fmt.Errorf("writing the launch record: %w", err)
	}
	return nil
}

// Forget removes the record of a launch that failed after all.
func (d Dirs) Forget(launch string) error { return IgnoreAbsent(os.Remove(d.path(launch))) }

// ForgetAttached removes the record of an attached run that is over.
func (d Dirs) ForgetAttached(launch string) error {
	return IgnoreAbsent(os.Remove(d.attached(launch)))
}

// ReapAttached removes what is left of attached runs whose containers are gone.
func (d Dirs) ReapAttached() error {
	files, err := filepath.Glob(d.attached("*"))
	errs := []error{err}
	for _, f := range files {
		launch := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "attached-"), ".json")
		if _, err := d.Claims().Load(claim.Container, launch); !errors.Is(err, fs.ErrNotExist) {
			continue // its container is there, or may be
		}
		k, err := d.Locks().Try("launch-" + launch)
		if err != nil {
			continue // its launch goes on
		}
		errs = append(errs, os.Remove(f))
		k.Release()
	}
	return errors.Join(errs...)
}

// Load reads the record of a launch. The error is [fs.ErrNotExist] where there is
// none.
func (d Dirs) Load(launch string) (*Record, error) {
	if !IsLaunch(launch) {
		return nil, fmt.Errorf("reading the record of launch %q: %w", launch, fs.ErrNotExist)
	}
	if err := d.Trusted(); err != nil {
		return nil, err
	}
	data, err := claim.ReadFile(d.path(launch), maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = claim.ReadFile(d.attached(launch), maxRecord)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record of launch %s: %w", launch, err)
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("reading the record of launch %s: %w", launch, err)
	}
	if r.Schema != Schema {
		return nil, fmt.Errorf("reading the record of launch %s: schema %q is not %q", launch, r.Schema, Schema)
	}
	if r.found, err = digest(data); err != nil {
		return nil, fmt.Errorf("reading the record of launch %s: %w", launch, err)
	}
	return &r, nil
}

// IsLaunch tells whether a label may name a launch. A label is a claim, and a file
// name is made of it.
func IsLaunch(s string) bool { return claim.IsToken(s) }

// IgnoreAbsent is err, or nil where it says that something is not there.
func IgnoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// WriteFile writes a file of the caller's alone and makes its directory: whole or not
// at all, synced before it takes its name.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return wholefile.Write(path, data)
}

// ReapParts takes away what killed calls left of files that they were writing.
func ReapParts(d Dirs) error {
	return errors.Join(wholefile.Reap(d.Runtime), wholefile.Reap(filepath.Dir(d.path(""))), wholefile.Reap(filepath.Dir(d.Stacks().path(""))))
}
