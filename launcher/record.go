package launcher

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Record is what remains of a launch: who ran what, when, and what was proved.
// It is also the claim on a container: one that zlaunch made, that no launch
// holds and no record names was left by a launch that was killed.
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
	if err := os.WriteFile(l.claimPath(r.Launch), []byte(r.ID), 0o600); err != nil {
		os.Remove(path) // a launch that fails leaves no record, and no half a claim
		os.Remove(l.claimPath(r.Launch))
		return writingTo(l.Dirs.Runtime, fmt.Errorf("claiming the container: %w", err))
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

// claimPath is the file that claims a launch's container for as long as the
// engine's runtime directory lives, whatever XDG_STATE_HOME another call has.
func (l *Launcher) claimPath(launch string) string {
	return filepath.Join(l.Dirs.Runtime, "claim-"+launch)
}

// recorded tells whether the launch finished: what carries its label then is its
// own, or was made of a committed image of it, and is nobody's leftover.
func (l *Launcher) recorded(launch string) bool {
	if _, err := os.Stat(l.claimPath(launch)); err == nil {
		return true
	}
	if !launchName(launch) {
		return false
	}
	_, err := os.Stat(l.recordPath(launch))
	return !errors.Is(err, fs.ErrNotExist) // one that cannot be read still claims
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

// claims are the files of all claims there are.
func (l *Launcher) claims() []string {
	files, _ := filepath.Glob(l.claimPath("*")) // fails of a bad pattern alone
	return files
}

// reapClaims removes those of the claims whose containers are gone, and what is
// left of attached runs; alive holds the launches whose containers are there.
func (l *Launcher) reapClaims(claims []string, alive map[string]bool) (err error) {
	for _, f := range claims {
		if launch := strings.TrimPrefix(filepath.Base(f), "claim-"); !alive[launch] {
			if rerr := os.Remove(f); !errors.Is(rerr, fs.ErrNotExist) { // another zlaunch was quicker
				err = errors.Join(err, rerr)
			}
		}
	}
	attached, _ := filepath.Glob(l.attachedPath("*"))
	for _, f := range attached {
		launch := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "attached-"), ".json")
		if alive[launch] {
			continue
		}
		k, kerr := l.tryLock("launch-" + launch)
		if kerr != nil {
			continue // its launch goes on
		}
		err = errors.Join(err, os.Remove(f))
		k.release()
	}
	return err
}

// LoadRecord reads the record of a launch. The error is [fs.ErrNotExist] where
// there is none.
func (l *Launcher) LoadRecord(launch string) (*Record, error) {
	if !launchName(launch) {
		return nil, fmt.Errorf("reading the record of launch %q: %w", launch, fs.ErrNotExist)
	}
	data, err := os.ReadFile(l.recordPath(launch))
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(l.attachedPath(launch))
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

// hostPrefix begins the ids of this user's launches on this host: eight digits of
// a digest, so that a label does not show the machine's id.
func (l *Launcher) hostPrefix() string {
	machine, _ := os.ReadFile("/etc/machine-id") // absent in bare containers
	name, _ := os.Hostname()
	sum := sha256.Sum256(fmt.Appendf(machine, "%s %d", name, l.Host.UID))
	return hex.EncodeToString(sum[:4])
}

// launchName tells whether a label may name a launch: 32 hexadecimal digits. A
// label is a claim, and a file name is made of it.
func launchName(s string) bool {
	if len(s) != 32 {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
