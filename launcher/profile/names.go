package profile

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Bounds on what a file may hold. They are far above any sensible profile and
// far below what could hurt.
const (
	maxFile   = bounded.MaxTOML
	maxString = bounded.MaxText // bytes of one string
	maxKeys   = 512             // keys of one table, elements of one list
	maxChain  = 16              // definitions a profile extends, one after the other
)

// pattern is what a text may be: an expression, compiled on its first use, and how many
// bytes at most. A bound of hundreds in the expression itself takes half a millisecond
// to compile.
type pattern struct {
	expr   func() *regexp.Regexp
	source string
	most   int // 0: any number that a string may have
}

func lazy(expr string, most int) pattern { return pattern{lazyregexp.New(expr), expr, most} }

func (p pattern) matches(s string) bool {
	return (p.most == 0 || len(s) <= p.most) && p.expr().MatchString(s)
}

var (
	profileName = lazy(`^[a-z0-9][a-z0-9_-]*$`, 63)
	extendable  = lazy(`^([a-z0-9][a-z0-9_-]*/)?[a-z0-9][a-z0-9_-]*$`, 127) // of a bundle exactly, too
	portName    = lazy(`^[a-z0-9][a-z0-9-]*$`, 15)                          // as IANA service names
	envName     = lazy(`^[A-Za-z_][A-Za-z0-9_]*$`, 128)
	objectName  = lazy(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`, 128) // podman's own rule for names
	knobName    = lazy(`^[A-Za-z-][A-Za-z0-9_.=/<>-]*$`, 64)
	sysctlName  = lazy(`^[a-z0-9_]+([./][a-zA-Z0-9_-]+)+$`, 0)
	labelName   = lazy(`^[a-zA-Z0-9][a-zA-Z0-9_./-]*$`, 128)
	imageRef    = lazy(`^[a-zA-Z0-9][a-zA-Z0-9._:/-]*(@sha256:[0-9a-f]{64}|@sha512:[0-9a-f]{128})?$`, 512)
	controlID   = lazy(`^ZL-[0-9]{3}$`, 0)
	modelSource = lazy(`^oci://[a-z0-9.:\[\]-]+(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$`, 1024)
	treeDigest  = lazy(`^sha256:[0-9a-f]{64}$`, 0)
)

func matching(re pattern, want string) func(string) error {
	return func(s string) error {
		if !re.matches(s) {
			return fmt.Errorf("%s is not %s", bounded.Shown(fmt.Sprintf("%q", s)), want)
		}
		return nil
	}
}

// rule is what the names of elements must be. A schema knows no more of it than its
// pattern.
type rule struct {
	check func(string) error
	like  pattern
}

func called(re pattern, want string) rule { return rule{matching(re, want), re} }

// paths are those that absolute takes, and some more: "/a/../b".
var paths = lazy(`^(/[^/:,]+)+$`, 0)

// absolute wants a clean absolute path below the root: no "..", no doubled
// slash, no ':' or ',', which podman-run's own syntax cannot carry.
func absolute(s string) error {
	if err := bounded.Printable(s); err != nil {
		return err
	}
	if !path.IsAbs(s) || path.Clean(s) != s || s == "/" || strings.ContainsAny(s, ":,") {
		return fmt.Errorf("%q is not a clean absolute path below /", s)
	}
	return nil
}
