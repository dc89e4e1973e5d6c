// Package report writes plans, runs and lists: as tables for a person and as
// versioned JSON for a program.
//
// It is pure: what it prints comes in as the plain values below, and goes to the
// writer it is given. Values that may be secrets are hidden before they get here
// ([container.Settings]); text from profiles, images and the engine is escaped
// here ([Escape]), so that no cell of a table can hold a line break or a
// terminal's control sequence.
package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes v as indented JSON, with a line break behind it. v is one of the
// document types of this package, which carry their schema.
func JSON(w io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	_, err = w.Write(append(data, '\n'))
	return err
}
