package launcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Record is what remains of a launch: who ran what, when, and what was proved.
// It claims the container of its id, for as long as that is there.
type Record struct {
	Schema   string                 `json:"schema"` // "zlaunch.dev/launch/v1"
	Launch   string                 `json:"launch"`
	ID       string                 `json:"id"` // of the container
	Name     string                 `json:"name"`
	Profile  string                 `json:"profile"`
	Plan     string                 `json:"plan"` // hash of the stated spec
	User     string                 `json:"user"`
	Time     time.Time              `json:"time"`
	Image    string                 `json:"image"`
	ImageID  string                 `json:"image_id"`
	Engine   string                 `json:"engine"`
	Version  string                 `json:"version"`
	Command  []string               `json:"command"` // the podman line, values of env hidden
	Network  string                 `json:"network,omitempty"`
	Claims   []claim.Claim          `json:"claims,omitempty"` // on the network: it may outlive the runtime directory
	URLs     []URL                  `json:"urls,omitempty"`
	Settings []container.Setting    `json:"settings"`
	Spec     []container.Encoded    `json:"spec,omitempty"`   // what was planned, to hold the container against later
	Salt     string                 `json:"salt,omitempty"`   // of Hidden
	Hidden   map[string]string      `json:"hidden,omitempty"` // digests of the values Spec does not show, by setting
	Proof    []Proved               `json:"proof"`
	Unproved []Unproved             `json:"unproved,omitempty"`
	Waivers  []audit.Waiver         `json:"waivers,omitempty"`
	Differs  []container.Difference `json:"differs,omitempty"` // only of a launch that was refused
}

// URL is where a port of the run answers.
type URL struct {
	Name string `json:"name"` // the profile's name of the port
	URL  string `json:"url"`
}

// recordSchema is the version of the record's JSON.
const recordSchema = "zlaunch.dev/launch/v1"

// maxRecord bounds a record in bytes: one of 40 settings has 34 KB, and a setting
// of a podman line may have 128 KB.
const maxRecord = 16 << 20

func (l *Launcher) recordPath(launch string) string {
	return filepath.Join(l.Dirs.State, "launches", launch+".json")
}

// save writes the record: whole or not at all.
func (l *Launcher) save(r *Record) error {
	path := l.recordPath(r.Launch)
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the launch record: %w", err)
	}
	if err := writeFile(path, append(data, '\n')); err != nil {
		return writingTo(l.Dirs.State, fmt.Errorf("writing the launch record: %w", err))
	}
	return nil
}

// writeFile writes path through a temporary file beside it, synced and renamed.
func writeFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// attachedPath is the record of an attached run while it runs. It claims nothing:
// the lock of its launch does, and ends with it.
func (l *Launcher) attachedPath(launch string) string {
	return filepath.Join(l.Dirs.Runtime, "attached-"+launch+".json")
}

// saveAttached writes the record of an attached run, so that an audit can hold its
// container against the plan.
func (l *Launcher) saveAttached(r *Record) error {
	data, err := json.Marshal(r)
	if err == nil {
		err = writeFile(l.attachedPath(r.Launch), data)
	}
	if err != nil {
		return fmt.Errorf("writing the launch record: %w", err)
	}
	return nil
}

// reapAttached removes what is left of attached runs whose containers are gone.
func (l *Launcher) reapAttached() error {
	files, err := filepath.Glob(l.attachedPath("*"))
	errs := []error{err}
	for _, f := range files {
		launch := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "attached-"), ".json")
		if _, err := l.claims().Load(claim.Container, launch); !errors.Is(err, fs.ErrNotExist) {
			continue // its container is there, or may be
		}
		k, err := l.tryLock("launch-" + launch)
		if err != nil {
			continue // its launch goes on
		}
		errs = append(errs, os.Remove(f))
		k.release()
	}
	return errors.Join(errs...)
}

// LoadRecord reads the record of a launch. The error is [fs.ErrNotExist] where
// there is none.
func (l *Launcher) LoadRecord(launch string) (*Record, error) {
	if !launchName(launch) {
		return nil, fmt.Errorf("reading the record of launch %q: %w", launch, fs.ErrNotExist)
	}
	if err := l.Dirs.Trusted(); err != nil {
		return nil, err
	}
	data, err := claim.ReadFile(l.recordPath(launch), maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = claim.ReadFile(l.attachedPath(launch), maxRecord)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record of launch %s: %w", launch, err)
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("reading the record of launch %s: %w", launch, err)
	}
	if r.Schema != recordSchema {
		return nil, fmt.Errorf("reading the record of launch %s: schema %q is not %q", launch, r.Schema, recordSchema)
	}
	return &r, nil
}

// launchName tells whether a label may name a launch. A label is a claim, and a file
// name is made of it.
func launchName(s string) bool { return claim.IsToken(s) }

// ignoreAbsent is err, or nil where it says that something is not there.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
