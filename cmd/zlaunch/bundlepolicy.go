package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// asking gives what a policy forbids of a profile on one architecture.
type asking func(c *profile.Catalog, set policy.Set, name, arch string) ([]audit.Problem, error)

// scanned asks for the scans that a policy wants of the images of profiles.
func scanned(std *stdio) asking {
	return func(c *profile.Catalog, set policy.Set, name, arch string) ([]audit.Problem, error) {
		dirs := std.recordDirs(&host.Facts{UID: os.Getuid()}) // no engine is asked
		return plan.Unscanned(&plan.Planner{Catalog: c, Policy: func() (policy.Set, error) { return set, nil }, Dirs: dirs}, name, arch)
	}
}

// underPolicy refuses a bundle that has a profile no run of which the policies would let
// through, or of which more forbids. What only image, host and proof tell, each run is asked.
func underPolicy(std *stdio, bundle string, files []profile.Source, more ...asking) error {
	set, err := std.policy.Read(std.policies...)
	if err != nil || len(set) == 0 {
		return err
	}
	behind, err := std.behindBundles()
	if err != nil {
		return err
	}
	c := profile.Assemble(append(slices.Clip(behind), files...))
	var said, next []string
	for _, name := range c.Runnable(container.LayerBundle) {
		lines, fixes, err := forbidden(c, set, name, append(more, plan.Forbidden))
		if err != nil {
			return err
		}
		said, next = append(said, lines...), append(next, fixes...)
	}
	if len(said) == 0 {
		return nil
	}
	refusal := &share.RefusedError{Bundle: bundle, Err: errors.New("the policy forbids it:\n  " + strings.Join(said, "\n  "))}
	slices.Sort(next)
	return hint.Wrap(refusal, strings.Join(slices.Compact(next), "\n"))
}

// lockedUnderPolicy is [underPolicy] of a bundle that a lock has already: the policy is newer,
// or the lock is somebody else's. Who is refused can still change the lock.
func lockedUnderPolicy(std *stdio, at share.Place, b lockfile.Bundle, o share.Offer) error {
	err := underPolicy(std, b.Name, share.FilesOf(o, share.BundleOf(b, o)))
	if !refusedBundle(err) {
		return err
	}
	return hint.Wrap(err, hint.Of(err)+"\na newer version may meet it: "+at.Next("update", b.Name)+"\nwithout it: "+at.Next("remove", b.Name))
}

// forbidden tells what a policy forbids of a profile, once where it is the same on all
// architectures that the profile names an image for.
func forbidden(c *profile.Catalog, set policy.Set, name string, asked []asking) (said, next []string, err error) {
	p, err := c.ResolveBare(name, hostArch)
	if err != nil {
		return nil, nil, err
	}
	on := map[string][]string{}
	archs := p.Archs
	if len(archs) == 0 {
		archs = profile.Archs // it is for others to extend
	}
	var order []string
	for _, arch := range archs {
		var problems []audit.Problem
		for _, ask := range asked {
			found, err := ask(c, set, name, arch)
			if err != nil {
				return nil, nil, fmt.Errorf("on %s: %w", arch, err)
			}
			problems = append(problems, found...)
		}
		for _, pr := range problems {
			if on[pr.Message] == nil {
				order, next = append(order, pr.Message), append(next, pr.Hint)
			}
			on[pr.Message] = append(on[pr.Message], arch)
		}
	}
	for _, message := range order {
		where := ""
		if len(on[message]) < len(archs) {
			where = " on " + strings.Join(slices.Compact(on[message]), ", ")
		}
		said = append(said, fmt.Sprintf("profile %s%s: %s", name, where, message))
	}
	return said, next, nil
}
