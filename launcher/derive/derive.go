// Package derive mends an image by what scanners found in it: it works out which packages
// a newer version mends, writes the Containerfile of an image with only those upgraded, and
// says in what two images, or what two servers answer, differ.
//
// Every word that comes from a scanner, an image or a registry is held to a list of what it
// may be made of before it stands in a Containerfile; what is not on it is left, and said.
// The package does no input or output.
package derive

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Base is the image that is to be mended.
type Base struct {
	Ref      string           // as somebody named it
	Image    *effective.Image // as its engine tells of it
	Size     int64            // of its layers, in bytes
	OnBuild  []string         // what it has every build from it do
	Programs []string         // those of [Programs] that it has
}

// Wish is what somebody wants of it.
type Wish struct {
	Keep      []string // packages that are not to be changed, by the name of their own or of their source
	Languages bool     // packages of Python are upgraded too
	Version   string   // of zlaunch, for a label
}

// Plan is how an image is mended.
type Plan struct {
	From     string `json:"from"` // NAME@DIGEST, or the id of an image that has no such name
	Base     string `json:"base"` // digest of its manifest; of its configuration where it is built from an id
	User     string `json:"user"` // as the base has it; "" none
	Docker   bool   `json:"docker"`
	Manager  string `json:"manager,omitempty"` // of the packages of its distribution; "" it has none that is known
	Packages []Fix  `json:"packages"`
	Python   []Fix  `json:"python"`
	Left     []Left `json:"left"` // what a newer version mends, and this does not

	keep    []string // of a distribution, as a command may name them
	version string
}

// Fix is the upgrade of one package.
type Fix struct {
	Package   string   `json:"package"`
	Installed string   `json:"installed,omitempty"`
	Fixed     []string `json:"fixed,omitempty"`  // versions that mend, each by somebody's word
	To        string   `json:"to,omitempty"`     // of Python: the version that is installed
	Python    string   `json:"python,omitempty"` // of Python: the interpreter of its environment
	IDs       []string `json:"ids"`              // what it mends
}

// Left is a finding that a newer version mends and the plan leaves.
type Left struct {
	ID      string `json:"id"`
	Package string `json:"package"`
	Why     string `json:"why"`
}

// Bounds of a plan. The largest public images have some hundreds of packages that a newer
// version mends; a label of a thousand names of vulnerabilities has some 16 KiB.
const (
	maxFixes = 2000
	maxIDs   = 1000
)

// ErrNothing is the error of [Make] where no newer version mends anything.
var ErrNothing = errors.New("no newer version is known to mend anything in it")

// Make plans how an image is mended by what scanners found in it. The error is [ErrNothing],
// or says why nothing can be built from it: there is no usable scan, or it is a base that
// no Containerfile can be written for.
func Make(b Base, scans []*scan.Scan, w Wish) (*Plan, error) {
	if err := Usable(scans); err != nil {
		return nil, err
	}
	p, err := from(b)
	if err != nil {
		return nil, err
	}
	p.version = w.Version
	if !version().MatchString(p.version) {
		p.version = "unknown"
	}
	s := sorter{plan: p, wish: w, packages: map[string]*Fix{}, python: map[[2]string]*Fix{}}
	found := false
	for _, f := range scan.Union(scans...) {
		if f.Fixable() && !f.Suppressed() {
			found = true
			s.sort(&f)
		}
	}
	if !found {
		return nil, ErrNothing
	}
	p.Packages, p.Python = inOrder(s.packages), inOrder(s.python)
	if len(p.Packages)+len(p.Python) > maxFixes {
		return nil, fmt.Errorf("mending %s: %d packages are to be upgraded, more than %d", p.From, len(p.Packages)+len(p.Python), maxFixes)
	}
	p.keep = s.kept()
	return p, nil
}

// Empty tells that there is nothing to build: all that a newer version mends is left.
func (p *Plan) Empty() bool { return len(p.Packages)+len(p.Python) == 0 }

// Same tells that a plan upgrades what another one does, for the same reasons and no further
// one: the build of that one did not bring what it was to bring.
func (p *Plan) Same(o *Plan) bool {
	of := func(q *Plan) map[string]bool {
		out := map[string]bool{}
		for _, f := range slices.Concat(q.Packages, q.Python) {
			for _, id := range f.IDs {
				out[f.Python+" "+f.Package+" "+f.Installed+" "+id] = true
			}
		}
		return out
	}
	known := of(o)
	for key := range of(p) {
		if !known[key] {
			return false
		}
	}
	return true
}

// IDs are what a build of the plan mends by what scanners say, in order.
func (p *Plan) IDs() (out []string) {
	for _, f := range slices.Concat(p.Packages, p.Python) {
		out = append(out, f.IDs...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Usable refuses scans that prove nothing: none, one that failed, one that is not whole.
func Usable(scans []*scan.Scan) error {
	if len(scans) == 0 {
		return hint.Errorf("zlaunch scan --import FILE", "there is no record of a scan of it")
	}
	for _, s := range scans {
		if why := s.Failed + s.Partial; why != "" {
			return hint.Errorf("zlaunch scan --import FILE", "the scan by %s cannot be used: %s", s.Tool.Name, why)
		}
	}
	return nil
}

// from judges the base: its name, its user, and what it would have the build do.
func from(b Base) (*Plan, error) {
	img := b.Image
	p := &Plan{From: img.ByDigest(b.Ref), Base: img.Digest, User: img.User, Docker: img.Docker, Packages: []Fix{}, Python: []Fix{}, Left: []Left{}}
	if !reference().MatchString(p.From) {
		p.From, p.Base = img.ID, "sha256:"+img.ID
	}
	switch {
	case !imageID().MatchString(img.ID):
		return nil, fmt.Errorf("mending %.80q: the engine names its image neither by a digest nor by an id", b.Ref)
	case !user().MatchString(p.User):
		return nil, hint.Errorf("zlaunch inspect --no-files "+b.Ref, "mending %s: its user is %.60q, which no Containerfile can name", p.From, p.User)
	case len(b.OnBuild) > 0:
		return nil, hint.Errorf("an image of the same without ONBUILD", "mending %s: it has every build from it do %.80q (ONBUILD), also outside of a container", p.From, b.OnBuild[0])
	}
	for _, m := range managers {
		if slices.Contains(b.Programs, m.program) {
			p.Manager = m.name
			break
		}
	}
	return p, nil
}

// ByID tells that the plan builds from an id: the engine has no name of the base by digest.
func (p *Plan) ByID() bool { return !strings.Contains(p.From, "@") }
