package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// profilesFile is a file of profiles beside all that is behind it.
type profilesFile struct {
	src     profile.Source
	layer   container.Layer
	checked profile.Validated
	catalog *profile.Catalog
}

// openProfiles reads the file at path, together with those of all that are for its layer;
// "" is the layer that it looks like.
func openProfiles(std *stdio, path string, layer container.Layer, all []string, against profile.Against) (profilesFile, error) {
	dirs := std.profileDirs()
	of := func(p string) container.Layer { return cmp.Or(layer, dirs.LayerOf(std.absolute(p))) }
	var together []string
	for _, p := range all {
		if of(p) == of(path) {
			together = append(together, std.absolute(p))
		}
	}
	if of(path) != container.LayerSystem { // which stands behind them
		dirs.Bundles, _ = std.bundled(true, nil) // one that cannot be used spoils its own
	}
	sources, err := dirs.Rollout(of(path), together)
	if err != nil {
		return profilesFile{}, err
	}
	f := profilesFile{layer: of(path), checked: profile.Validate(sources, std.absolute(path), time.Now(), against), catalog: profile.Assemble(sources)}
	if i := slices.IndexFunc(sources, func(s profile.Source) bool { return s.File == std.absolute(path) }); i >= 0 {
		f.src = sources[i]
	}
	for _, fault := range f.checked.Faults {
		if errors.Is(fault.Err, fs.ErrNotExist) || errors.Is(fault.Err, fs.ErrPermission) {
			return f, hint.Errorf("ls -l "+path, "reading %s: %w", path, fault.Err)
		}
	}
	return f, nil
}

// anyPlan is one profile of the file on one architecture.
type anyPlan struct {
	name, arch string
	planner    *plan.Planner
	plan       *plan.Plan
	err        error // why there is none
}

// plans are those of every profile of the file that can be used.
func (f profilesFile) plans() (out []anyPlan) {
	for _, name := range f.checked.Profiles {
		p, err := f.catalog.ResolveBare(name, hostArch)
		if err != nil || p.File != f.src.File || name == "base" {
			continue
		}
		for _, arch := range p.Archs {
			one := anyPlan{name: name, arch: arch}
			one.planner, one.plan, one.err = plan.OnAnyHost(f.catalog, name, arch)
			out = append(out, one)
		}
	}
	return out
}

// imageByDigest is the id of the control of images without a digest.
const imageByDigest = "ZL-901"

// notes are what validate tells beside what is wrong: what has no effect, and images that
// can mean something else tomorrow.
func (f profilesFile) notes() []*profile.Fault {
	planned, archs := map[string]int{}, map[string][]string{} // of each profile, and of each note
	var found []*profile.Fault
	for _, one := range f.plans() {
		planned[one.name]++
		if one.err != nil {
			continue
		}
		for _, finding := range audit.Waive(audit.Judge(one.planner.Judged(one.plan)), one.plan.Waivers, time.Now()) {
			n := f.note(one.name, finding)
			if n != nil && archs[n.Error()] == nil {
				found = append(found, n)
			}
			if n != nil {
				archs[n.Error()] = append(archs[n.Error()], one.arch)
			}
		}
	}
	out := slices.Clone(f.checked.Notes)
	for _, n := range found {
		on := archs[n.Error()]
		switch waives := strings.Contains("."+n.Key, ".waiver["); {
		case waives && len(on) < planned[n.Profile]: // of use on another architecture
			continue
		case !waives:
			n.Err = hint.Wrap(fmt.Errorf("on %s: %w", strings.Join(on, ", "), n.Err), hint.Of(n.Err))
		}
		out = append(out, n)
	}
	slices.SortStableFunc(out, func(a, b *profile.Fault) int { return a.Line - b.Line })
	return out
}

// note is what a finding is as a note of this file; nil: none.
func (f profilesFile) note(name string, finding audit.Finding) *profile.Fault {
	if finding.Verdict != audit.Fail || len(finding.Origin) == 0 || finding.Origin[0].File != f.src.File {
		return nil
	}
	switch by := finding.Origin[0]; finding.Control.ID {
	case audit.WaiversAlive.ID:
		return f.src.Note(name, by, "%s", finding.Message)
	case imageByDigest:
		n := f.src.Note(name, by, "the image is named by a tag, which can mean another tomorrow")
		n.Err = hint.Wrap(n.Err, "zlaunch pin "+name)
		return n
	}
	return nil
}
