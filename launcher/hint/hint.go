// Package hint carries the next thing to type beside an error.
//
// Errors of zlaunch are sentences: lower case, the action as a gerund, its
// object, the cause, no full stop. A hint is shown on a line of its own after
// the error and is something the user can type or do.
package hint

import (
	"errors"
	"fmt"
)

// hinted is an error with its next step.
type hinted struct {
	err  error
	hint string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// Wrap gives err the next step hint. A nil err stays nil, and an empty hint
// leaves err as it is.
func Wrap(err error, hint string) error {
	if err == nil || hint == "" {
		return err
	}
	return &hinted{err, hint}
}

// Errorf makes an error from a format, with its next step.
func Errorf(hint, format string, args ...any) error {
	return Wrap(fmt.Errorf(format, args...), hint)
}

// Of returns the outermost hint of err, or "".
func Of(err error) string {
	var h *hinted
	if errors.As(err, &h) {
		return h.hint
	}
	return ""
}
