// Package claim keeps what zlaunch says is its own of an engine: one file for each
// container, network and reader that it asked for, in a directory that only the
// user can enter. A claim is written before the engine is asked, and again when the
// engine has named what it made; nothing without a claim is ever removed.
package claim

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/wholefile"
)

// Kind is what is claimed. It begins the name of the file.
type Kind string

// The kinds there are.
const (
	Container Kind = "claim"   // of a launch
	Network   Kind = "network" // that a launch made
	Reader    Kind = "reader"  // a container through which an image is read, never started
)

// The labels that carry a claim's token to what it claims. A label is no claim: it
// only tells which of zlaunch's own files to look into.
const (
	LaunchLabel = "io.zlaunch.launch"
	ReaderLabel = "io.zlaunch.reader"
)

// Label is the label of what is claimed.
func (k Kind) Label() string {
	if k == Reader {
		return ReaderLabel
	}
	return LaunchLabel
}

// Unanswered is how long a claim stays of which the engine has nothing and never
// gave an id: it may still be at work on it, though who asked was killed. A first
// use of a large image copies it for minutes.
const Unanswered = time.Hour

// Claim is one thing of one engine.
type Claim struct {
	Schema string    `json:"schema"` // "zlaunch.dev/claim/v1"
	Kind   Kind      `json:"kind"`
	Token  string    `json:"token"`           // 32 hexadecimal digits: its label's value, which nobody knows before it is there
	Engine string    `json:"engine"`          // see [Claim.On]; "" not known
	Name   string    `json:"name"`            // asked for
	ID     string    `json:"id,omitempty"`    // "" until the engine has answered
	Time   time.Time `json:"time"`            // before the engine was asked
	Owner  string    `json:"owner,omitempty"` // of a reader: the process that reads
	Kept   bool      `json:"kept,omitempty"`  // the launch is done: no leftover, whatever its state
	Stack  string    `json:"stack,omitempty"` // token of the stack that its container is of: without a record of that a leftover, kept or not
}

const (
	schema = "zlaunch.dev/claim/v1"
	// maxClaim bounds a file in bytes; a name has some 250, a path 4096.
	maxClaim = 16 << 10
)

// Dir is the directory of the claims; "" keeps none.
type Dir string

// IsToken tells whether s can be a token: 32 hexadecimal digits. File names are
// made of it.
func IsToken(s string) bool { return isHex(s, 32) }

// isHex tells whether s is n lower-case hexadecimal digits.
func isHex(s string, n int) bool { return len(s) == n && strings.Trim(s, "0123456789abcdef") == "" }

func (d Dir) path(k Kind, token string) string { return filepath.Join(string(d), string(k)+"-"+token) }

// Put writes a claim: whole or not at all.
func (d Dir) Put(c Claim) error {
	if d == "" {
		return nil
	}
	c.Schema = schema
	data, err := json.Marshal(c)
	if err == nil {
		_, err = parse(data, c.Kind, c.Token) // what could not be read again claims nothing
	}
	if err == nil {
		err = os.MkdirAll(string(d), 0o700)
	}
	if err == nil {
		err = wholefile.Write(d.path(c.Kind, c.Token), data)
	}
	if err != nil {
		return fmt.Errorf("writing the claim: %w", err)
	}
	return nil
}

// Drop takes a claim back. That there is none is no error: another zlaunch was
// quicker.
func (d Dir) Drop(k Kind, token string) error {
	if d == "" || !IsToken(token) {
		return nil
	}
	if err := os.Remove(d.path(k, token)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("taking back a claim: %w", err)
	}
	return nil
}

// Load reads one claim. The error is [fs.ErrNotExist] where there is none.
func (d Dir) Load(k Kind, token string) (Claim, error) {
	if d == "" || !IsToken(token) {
		return Claim{}, fmt.Errorf("reading the claim %q: %w", token, fs.ErrNotExist)
	}
	c, err := read(d.path(k, token), k, token)
	if err != nil {
		return Claim{}, fmt.Errorf("reading the claim %s: %w", token, err)
	}
	return c, nil
}

// All reads the claims of a kind, the oldest first. A file that cannot be read
// claims nothing and stays; it is in the error, beside the claims that can.
func (d Dir) All(k Kind) ([]Claim, error) {
	if d == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the claims: %w", err)
	}
	var out []Claim
	var errs []error
	for _, e := range entries {
		token, ok := strings.CutPrefix(e.Name(), string(k)+"-")
		if !ok || !IsToken(token) {
			continue
		}
		switch c, err := d.Load(k, token); {
		case err == nil:
			out = append(out, c)
		case !errors.Is(err, fs.ErrNotExist): // another zlaunch was quicker
			errs = append(errs, err)
		}
	}
	slices.SortStableFunc(out, func(a, b Claim) int { return a.Time.Compare(b.Time) })
	return out, errors.Join(errs...)
}

func read(path string, k Kind, token string) (Claim, error) {
	data, err := ReadFile(path, maxClaim)
	if err != nil {
		return Claim{}, err
	}
	return parse(data, k, token)
}

// ReadFile reads a file of zlaunch's own state. What is no regular file is none of
// it: a pipe would never end the wait for its text, and a link leads elsewhere.
// Nor is what is larger than most bytes.
func ReadFile(path string, most int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("not a regular file"))
	}
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), most)+bytes.MinRead))
	if _, err = data.ReadFrom(io.LimitReader(f, most+1)); err == nil && int64(data.Len()) > most {
		err = fmt.Errorf("more than %d bytes", most)
	}
	return data.Bytes(), err
}

// parse reads a claim strictly. An older zlaunch wrote the container's id alone,
// and when its launch was done.
func parse(data []byte, k Kind, token string) (c Claim, err error) {
	if old := string(data); k == Container && IsToken(token) && isHex(old, 64) {
		return Claim{Schema: schema, Kind: k, Token: token, ID: old, Kept: true}, nil
	}
	if len(data) > maxClaim { // one to be written
		return c, fmt.Errorf("more than %d bytes", maxClaim)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, err
	}
	switch {
	case c.Schema != schema:
		return Claim{}, fmt.Errorf("schema %q is not %q", c.Schema, schema)
	case c.Kind != k || c.Token != token || !IsToken(token):
		return Claim{}, errors.New("it is of something else than its file name says")
	case c.Name == "":
		return Claim{}, errors.New("it names nothing")
	case c.ID != "" && !isHex(c.ID, 64):
		return Claim{}, fmt.Errorf("%q is no id", c.ID)
	}
	return c, nil
}

// On tells whether the claim is of that engine; one that does not say is of any.
func (c Claim) On(engine string) bool { return c.Engine == "" || c.Engine == engine }

// Over tells whether a claim of which the engine has nothing can be taken back.
func (c Claim) Over(now time.Time) bool { return c.ID != "" || now.Sub(c.Time) > Unanswered }

// NewToken draws a token that nobody can guess.
func NewToken() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// Is tells whether a thing of an engine is the claimed one: by its id, or, as long
// as the engine has not named it, by the name asked for together with the token.
// Neither is enough alone: a label is copied by a commit or a clone, but by then the
// id is known, and a name is taken again.
func (c Claim) Is(id, name, token string) bool {
	if c.ID != "" {
		return id == c.ID
	}
	return token == c.Token && name == c.Name
}
