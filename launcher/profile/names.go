package profile

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// Bounds on what a file may hold. They are far above any sensible profile and
// far below what could hurt.
const (
	maxFile   = 1 << 20 // bytes of one file
	maxString = 4096    // bytes of one string
	maxKeys   = 512     // keys of one table, elements of one list
	maxNest   = 16      // brackets inside brackets, dots in one key
	maxChain  = 16      // definitions a profile extends, one after the other
)

var (
	profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	portName    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,14}$`) // as IANA service names
	envName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
	objectName  = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$`) // podman's own rule for names
	knobName    = regexp.MustCompile(`^[A-Za-z-][A-Za-z0-9_.=/<>-]{0,63}$`)
	sysctlName  = regexp.MustCompile(`^[a-z0-9_]+([./][a-zA-Z0-9_-]+)+$`)
	labelName   = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_./-]{0,127}$`)
	imageRef    = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._:/@-]{0,511}$`)
	controlID   = regexp.MustCompile(`^ZL-[0-9]{3}$`)
	treeDigest  = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// printable refuses what could change how a terminal, a unit file or a report
// shows a string: control and format characters (newlines, ANSI, bidirectional
// overrides) and strings beyond any use.
func printable(s string) error {
	if len(s) > maxString {
		return fmt.Errorf("longer than %d bytes", maxString)
	}
	for _, r := range s {
		if r == unicode.ReplacementChar || r != ' ' && !unicode.IsPrint(r) {
			return fmt.Errorf("holds the character %U, which does not print", r)
		}
	}
	return nil
}

// shown writes a hostile string for an error: as it is where it prints.
func shown(s string) string {
	if printable(s) == nil {
		return s
	}
	q := fmt.Sprintf("%+q", s)
	if len(q) > 200 {
		q = q[:200] + "…"
	}
	return q
}

func matching(re *regexp.Regexp, want string) func(string) error {
	return func(s string) error {
		if !re.MatchString(s) {
			return fmt.Errorf("%s is not %s", shown(fmt.Sprintf("%q", s)), want)
		}
		return nil
	}
}

// absolute wants a clean absolute path below the root: no "..", no doubled
// slash, no ':' or ',', which podman-run's own syntax cannot carry.
func absolute(s string) error {
	if err := printable(s); err != nil {
		return err
	}
	if !path.IsAbs(s) || path.Clean(s) != s || s == "/" || strings.ContainsAny(s, ":,") {
		return fmt.Errorf("%q is not a clean absolute path below /", s)
	}
	return nil
}
