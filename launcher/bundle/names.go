package bundle

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

const (
	maxText    = 1024 // bytes of one line of text
	maxVersion = 64   // bytes of a version
)

// pattern is what a name may be, and how many bytes at most.
type pattern struct {
	expr func() *regexp.Regexp
	most int
}

func (p pattern) matches(s string) bool { return len(s) <= p.most && p.expr().MatchString(s) }

var (
	tomlName = pattern{lazyregexp.New(`^[a-z0-9][a-z0-9._-]*\.toml$`), 128}

	// As the distribution specification has them (spec.md, "Pulling manifests").
	repository = pattern{lazyregexp.New(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`), 255}
	tagName    = pattern{lazyregexp.New(`^[a-zA-Z0-9_][a-zA-Z0-9._-]*$`), 128}
	// What is written into a layout, and beside its place before.
	written  = pattern{lazyregexp.New(`^(\.?[0-9a-f]{64}|\.index\.json|\.oci-layout)[0-9]*$`), 255}
	hostName = pattern{lazyregexp.New(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`), 253}
)

// fileName tells why a name can be none of a file in a bundle. Names are in lower case,
// so that no two of them are one file on a disk that does not tell case apart.
func fileName(s string) error {
	switch {
	case s == DescriptionName:
		return fmt.Errorf("file %q is the description of a bundle, and no profile", s)
	case strings.Contains(s, ".."):
		return fmt.Errorf(`file %s has ".." in its name`, quoted(s))
	case strings.ToLower(s) != s && tomlName.matches(strings.ToLower(s)):
		return fmt.Errorf("file %s is not in lower case: on some disks two names that differ by case are one", quoted(s))
	case !tomlName.matches(s):
		return fmt.Errorf("file %s is not named by lower-case letters, digits, - . _ and .toml", quoted(s))
	}
	return nil
}

// printable refuses what could change how a terminal or a report shows a line.
func printable(s string) error {
	if len(s) > maxText {
		return fmt.Errorf("longer than %d bytes", maxText)
	}
	for _, r := range s {
		if r == unicode.ReplacementChar || r != ' ' && !unicode.IsPrint(r) {
			return fmt.Errorf("holds the character %U, which does not print", r)
		}
	}
	return nil
}

// quoted is a hostile text for an error: short, and in ASCII.
func quoted(s string) string {
	if len(s) > 100 {
		return strconv.QuoteToASCII(s[:100]) + "…"
	}
	return strconv.QuoteToASCII(s)
}
