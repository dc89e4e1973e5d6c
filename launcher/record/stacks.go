package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// Stack is the record of a stack that came up whole. It is what makes its members stay:
// one of a stack without a record is a leftover, started or not.
type Stack struct {
	Schema  string    `json:"schema"` // "zlaunch.dev/stack/v1"
	Token   string    `json:"token"`  // of the claims on its members
	Name    string    `json:"name"`
	File    string    `json:"file"` // that it is of
	Time    time.Time `json:"time"`
	Members []Member  `json:"members"` // in the order in which they started
}

// Member is one container of a stack.
type Member struct {
	Name      string `json:"name"`      // in the stack
	Launch    string `json:"launch"`    // its record
	ID        string `json:"id"`        // of the container
	Container string `json:"container"` // its name
}

// StackSchema is the version of a stack's JSON.
const StackSchema = "zlaunch.dev/stack/v1"

// maxStack bounds the record of a stack in bytes: 64 members of some 300.
const maxStack = 256 << 10

// Stacks are the records of stacks in their directory.
type Stacks struct{ dirs Dirs }

// Stacks are the records of stacks.
func (d Dirs) Stacks() Stacks { return Stacks{d} }

func (st Stacks) path(token string) string {
	return filepath.Join(st.dirs.State, "stacks", token+".json")
}

// Save writes a record: whole or not at all.
func (st Stacks) Save(s *Stack) error {
	data, err := json.Marshal(s)
	if err == nil {
		err = WriteFile(st.path(s.Token), data)
	}
	if err != nil {
		return WritingTo(st.dirs.State, fmt.Errorf("writing the record of the stack: %w", err))
	}
	return nil
}

// Forget removes a record. What is left of its members is a leftover from then on.
func (st Stacks) Forget(token string) error {
	if !claim.IsToken(token) {
		return nil
	}
	return IgnoreAbsent(os.Remove(st.path(token)))
}

// Has tells whether the stack with that token came up.
func (st Stacks) Has(token string) bool {
	if !claim.IsToken(token) {
		return false
	}
	_, err := os.Lstat(st.path(token))
	return !errors.Is(err, fs.ErrNotExist) // what cannot be looked at is not taken for gone
}

// All are the records, by name. A file that cannot be read is in the error, beside
// those that can.
func (st Stacks) All() ([]Stack, error) {
	if err := st.dirs.Trusted(); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(st.path("*"))
	errs := []error{err}
	var out []Stack
	for _, f := range files {
		s, err := readStack(f)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it went down meanwhile
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("reading the record of a stack, %s: %w", f, err))
			continue
		}
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Stack) int { return strings.Compare(a.Name, b.Name) })
	return out, errors.Join(errs...)
}

func readStack(file string) (*Stack, error) {
	data, err := claim.ReadFile(file, maxStack)
	if err != nil {
		return nil, err
	}
	var s Stack
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if s.Schema != StackSchema || s.Token != strings.TrimSuffix(filepath.Base(file), ".json") {
		return nil, fmt.Errorf("it is no record of this zlaunch: schema %q, token %q", s.Schema, s.Token)
	}
	return &s, nil
}
