package share

import (
	"errors"
	"fmt"
	"slices"

	"github.com/blang/semver/v4"

	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Waiting is a project's lock that nobody approved and that does not count by itself, or not
// all of it.
type Waiting struct {
	profile.Pending
	Counts   bool     // by the signers of its bundles, but for what it says of images
	Profiles []string // that have no effect, by short and by exact name; nil where it cannot be parsed
	Why      error    // it does not count by itself
}

// foreign is what of a lock that nobody approved counts, and why the rest waits.
func foreign(here []Locked, behind []entry, wait Waiting) ([]entry, *Waiting) {
	if wait.Why = uncounted(here, behind); wait.Why != nil {
		return nil, &wait
	}
	some := unpinned(here)
	var out []entry
	for _, l := range here {
		out = append(out, settled(l))
	}
	if !some {
		return out, nil
	}
	return out, &Waiting{Pending: wait.Pending, Counts: true, Why: errors.New("nobody signed what it says of images")}
}

// unpinned takes away what a lock says of images, which its signers did not sign, and tells
// whether it said anything.
func unpinned(out []Locked) (some bool) {
	for i := range out {
		some = some || len(out[i].Bundle.Images) > 0
		out[i].Bundle.Images = nil
	}
	return some
}

func pending(at Place, data []byte) profile.Pending {
	return profile.Pending{Path: at.Path, Hash: profile.Hash(data), Data: data}
}

// uncounted tells why a lock that nobody approved does not count by itself: every one of its
// bundles must be here, by a signer whom the lists name, and take nobody's place who has
// another signer or is newer.
func uncounted(here []Locked, behind []entry) error {
	for _, l := range here {
		if l.Err != nil {
			return l.Err
		}
		if l.Bundle.Signer == nil {
			return fmt.Errorf("nobody signed bundle %s", l.Bundle.Name)
		}
		i := slices.IndexFunc(behind, func(far entry) bool { return far.Bundle.Name == l.Bundle.Name })
		if i < 0 {
			continue
		}
		far := behind[i]
		if !sameKey(far.Bundle.Signer, l.Bundle.Signer) || older(l.Bundle.Version, far.Bundle.Version) {
			return fmt.Errorf("%s has bundle %s %s, which is newer or of another signer", far.Place.Path, far.Bundle.Name, far.Bundle.Version)
		}
	}
	return nil
}

func older(version, than string) bool {
	a, err1 := semver.Parse(version)
	b, err2 := semver.Parse(than)
	return err1 != nil || err2 != nil || a.LT(b)
}

func profilesOf(file *lockfile.File) []string {
	var out []string
	for _, b := range file.Bundles {
		for _, name := range b.Profiles {
			out = append(out, name, b.Name+"/"+name)
		}
	}
	return out
}
