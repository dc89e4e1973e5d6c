package subject

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/trust"
)

// Baseline is what was accepted of each subject before, by its name.
type Baseline map[string][]audit.Known

// baselineFile is a baseline as a file.
type baselineFile struct {
	Schema    string        `json:"schema"` // "zlaunch.dev/baseline/v1"
	Catalogue string        `json:"catalogue"`
	Known     []audit.Known `json:"known"`
}

const baselineSchema = "zlaunch.dev/baseline/v1"

// ReadBaseline reads a baseline that nobody but the caller and root can write.
func ReadBaseline(path string) (Baseline, error) {
	known, err := readBaseline(path)
	if err != nil {
		return nil, err
	}
	out := Baseline{}
	for _, k := range known {
		out[k.Subject] = append(out[k.Subject], k)
	}
	return out, nil
}

func readBaseline(path string) ([]audit.Known, error) {
	if err := trust.Caller().Path(path); err != nil {
		return nil, err
	}
	data, err := readFile(path)
	if err != nil {
		return nil, hint.Wrap(err, "write one: --write-baseline "+path)
	}
	var b baselineFile
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("reading baseline %s: %w", path, err)
	}
	if b.Schema != baselineSchema {
		return nil, fmt.Errorf("reading baseline %s: schema %q is not %q", path, b.Schema, baselineSchema)
	}
	return b.Known, nil
}

// Remember puts what was found of the subjects into the baseline in a file; those of
// others in it stay.
func Remember(path string, found []audit.Known, subjects []string) error {
	old, err := readBaseline(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	merged := audit.Merge(old, found, subjects)
	data, err := json.MarshalIndent(baselineFile{baselineSchema, audit.Version, slices.Clip(merged)}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing baseline: %w", err)
	}
	if err := WriteFile(path, append(data, '\n')); err != nil {
		return fmt.Errorf("writing baseline %s: %w", path, cause(err))
	}
	return nil
}
