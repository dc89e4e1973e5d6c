package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Fault is one thing that is wrong with a file of profiles.
type Fault struct {
	File    string
	Line    int    // the first is 1; 0 is the file as a whole
	Profile string // "" where it is none's
	Key     string // dotted, below the profile; "" where it is none's
	Err     error
}

func (f *Fault) Error() string { return "reading " + f.File + ": " + f.Message() }
func (f *Fault) Unwrap() error { return f.Err }

// Message is the fault without its file.
func (f *Fault) Message() string {
	var b strings.Builder
	if f.Profile != "" {
		b.WriteString("profile " + f.Profile + ": ")
	}
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	return b.String() + f.Err.Error()
}

// Place is where the fault stands, "profiles.toml:7".
func (f *Fault) Place() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// FileError is a file that cannot be used as it stands. It spoils the profiles that it
// defines, and, where it cannot be parsed, those that it may be meant to define; never
// does a farther file's profile of the same name take their place.
type FileError struct {
	File   string
	Names  []string // the profiles that it spoils, sorted
	Faults []*Fault // in the order of the file; at least one

	unread bool            // it could not be read, or not believed
	maybe  bool            // the names are those that it may be meant to define
	any    bool            // that may be any name at all
	tokens map[string]bool // of a file that does not parse: what may be a name in it
}

func (e *FileError) Error() string { return "reading " + e.File + ": " + e.message() }

// message is the error without its file.
func (e *FileError) message() string {
	if more := len(e.Faults) - 1; more > 0 {
		return fmt.Sprintf("%s (and %d more)", e.Faults[0].Message(), more)
	}
	return e.Faults[0].Message()
}

func (e *FileError) Unwrap() error { return e.Faults[0] }

// spoils tells whether the file defines name, or may be meant to.
func (e *FileError) spoils(name string) bool {
	return e.any || e.tokens[name] || slices.Contains(e.Names, name)
}

// Next is what to type about the file.
func (e *FileError) Next() string {
	if e.any || e.unread {
		return cmp.Or(hint.Of(e), "ls -ld "+e.File)
	}
	return "zlaunch validate " + e.File
}

// naming is the error of using a profile that the file spoils.
func (e *FileError) naming(name string) error {
	does := "defines it"
	if e.maybe {
		does = "may define it"
	}
	return hint.Wrap(&namingError{fmt.Sprintf("using profile %q: %s %s and cannot be used", name, e.Faults[0].Place(), does), e}, e.Next())
}

// namingError is that error: the file is named once.
type namingError struct {
	doing string
	file  *FileError
}

func (e *namingError) Error() string { return e.doing + ": " + e.file.message() }
func (e *namingError) Unwrap() error { return e.file }

// faultyFiles are those that cannot be used as they stand, in their order.
type faultyFiles []*FileError

// blame notes what is wrong with one definition of a file that is sound otherwise. What
// came of a file that is not, is noted with that.
func (ff *faultyFiles) blame(d *definition, fault *Fault) *FileError {
	i := slices.IndexFunc(*ff, func(e *FileError) bool { return e.File == fault.File })
	if i < 0 {
		i = len(*ff)
		*ff = append(*ff, &FileError{File: fault.File})
	}
	e := (*ff)[i]
	if !e.any && !slices.Contains(e.Faults, fault) {
		e.Faults, e.Names = append(e.Faults, fault), meant(append(e.Names, d.name))
	}
	return e
}

// naming is the error of using a profile that one of the files spoils, the nearest first;
// nil where none does.
func (ff faultyFiles) naming(name string) error {
	for _, e := range slices.Backward(ff) {
		if e.spoils(name) {
			return e.naming(name)
		}
	}
	return nil
}
