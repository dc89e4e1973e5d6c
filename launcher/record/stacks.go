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

func (d Dirs) stack(token string) string { return filepath.Join(d.State, "stacks", token+".json") }

// SaveStack writes the record: whole or not at all.
func (d Dirs) SaveStack(s *Stack) error {
	data, err := json.Marshal(s)
	if err == nil {
		err = WriteFile(d.stack(s.Token), data)
	}
	if err != nil {
		return WritingTo(d.State, fmt.Errorf("writing the record of the stack: %w", err))
	}
	return nil
}

// ForgetStack removes the record. What is left of its members is a leftover from then on.
func (d Dirs) ForgetStack(token string) error {
	if !claim.IsToken(token) {
		return nil
	}
	return IgnoreAbsent(os.Remove(d.stack(token)))
}

// HasStack tells whether the stack with that token came up.
func (d Dirs) HasStack(token string) bool {
	if !claim.IsToken(token) {
		return false
	}
	_, err := os.Lstat(d.stack(token))
	return !errors.Is(err, fs.ErrNotExist) // what cannot be looked at is not taken for gone
}

// Stacks are the records, by name. A file that cannot be read is in the error, beside
// those that can.
func (d Dirs) Stacks() ([]Stack, error) {
	if err := d.Trusted(); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(d.stack("*"))
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
