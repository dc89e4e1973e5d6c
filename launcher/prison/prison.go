// Package prison runs scanners of images as prisoners. A scanner is a stranger's program that
// reads whatever it is given, and in March 2026 one was the attacker: so it is planned,
// launched and proved as any other profile is, without a network, with two directories that
// it can read and none that it can write, and is heard only by what it prints.
//
// A scanner that does not work says so by finding nothing. Before it is believed, it is shown
// an image that is known to be bad, see package canary; its database is told by its digest
// and by its own day; and whatever is cut short, of another image or not readable is an error.
package prison

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/internal/scratch"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/canary"
)

// Prison runs scanners on one engine, which must be this host's: what a scanner reads lies
// here.
type Prison struct {
	Runner *launch.Runner // with its Planner
	Dir    string         // where the known-bad image is written, some kilobytes; "" as where images have room
}

// Scanner is who is to look, and with what.
type Scanner struct {
	Profile  string         // of the catalogue, which says scanner
	Database string         // directory of this host; "" where the profile has no scanner.database
	MaxAge   time.Duration  // of the database; 0: any, also one of no known day
	Memory   string         // as [launcher.Options]; "" the profile's own
	Waive    []string       // likewise
	FailOn   audit.Severity // likewise
}

// Target is the image that is looked at.
type Target struct {
	Dir   string     // an OCI image layout that has this image alone
	Image scan.Image // which it is
	Name  string     // what people call it; "" nothing
	// Manifest is the digest of the image's manifest in the layout, which is another one than a
	// registry's where the layout was written by an engine.
	Manifest string
	// Kept is what lies in its layers of its distribution, which a scanner must have seen.
	Kept *image.Kept
}

// job is one scanner at work.
type job struct {
	*Prison
	by       Scanner
	profile  *profile.Profile
	database database
}

// Scan has a scanner look at an image. The error says why what it found cannot be believed:
// there is no scan then.
func (p *Prison) Scan(ctx context.Context, t Target, by Scanner) (*scan.Scan, error) {
	s, err := p.scan(ctx, t, by)
	if err != nil {
		return nil, fmt.Errorf("scanning %s with %s: %w", t.called(), by.Profile, err)
	}
	return s, nil
}

func (t Target) called() string {
	if t.Name != "" {
		return t.Name
	}
	return t.Image.String()
}

// job is what a scanner has to do, where there is such a scanner.
func (p *Prison) job(by Scanner) (*job, error) {
	if !p.Runner.Engine.Local() {
		return nil, errors.New("the engine is another host's, and could not read what lies here")
	}
	of, err := p.Runner.Planner.Catalog.Resolve(by.Profile, p.Runner.Host.Arch)
	if err != nil {
		return nil, err
	}
	if of.Scanner == nil {
		return nil, hint.Errorf("zlaunch list", "the profile %q is no scanner", by.Profile)
	}
	return &job{Prison: p, by: by, profile: of}, nil
}

func (p *Prison) scan(ctx context.Context, t Target, by Scanner) (*scan.Scan, error) {
	j, err := p.job(by)
	if err != nil {
		return nil, err
	}
	if j.database, err = p.open(ctx, j.profile.Scanner, by); err != nil {
		return nil, err
	}
	first, err := j.try(ctx)
	if err != nil {
		return nil, err
	}
	if err := j.database.young(first.Built, by.MaxAge, p.now()); err != nil {
		return nil, err
	}
	s, err := j.look(ctx, t)
	if err != nil {
		return nil, err
	}
	s.Built = first.Built
	return s, j.database.same(ctx)
}

func (p *Prison) now() time.Time {
	if p.Runner.Now != nil {
		return p.Runner.Now()
	}
	return time.Now()
}

func (p *Prison) passing(line string) {
	if p.Runner.Passing != nil {
		p.Runner.Passing(line)
	}
}

// in does something in a directory for an image that zlaunch makes, which is gone afterwards.
func (p *Prison) in(kind string, do func(dir string) error) error {
	place := p.Runner.Dirs.Scratch()
	place.Below = cmp.Or(p.Dir, place.Below)
	room, err := place.Make(scratch.Claim{Kind: kind})
	if err != nil {
		return err
	}
	err = do(room.Path)
	if rerr := room.Remove(); err == nil {
		err = rerr
	}
	return err
}

// try shows the scanner the known-bad image.
func (j *job) try(ctx context.Context) (s *scan.Scan, err error) {
	err = j.in("canary", func(dir string) error {
		bad, err := canary.Write(dir, j.Runner.Host.Arch)
		if err != nil {
			return err
		}
		j.passing("trying " + j.by.Profile + " on an image that is known to be bad")
		if s, err = j.run(ctx, dir, bad); err != nil {
			return err
		}
		return canary.Sung(s, j.profile.Scanner.Finds)
	})
	if err != nil && ctx.Err() == nil {
		err = hint.Wrap(fmt.Errorf("trying it on an image that is known to be bad: %w", err), hint.Of(err))
	}
	if err == nil && !j.database.built.IsZero() {
		s.Built = j.database.built // as its files say, whatever the scanner does
	}
	return s, err
}

// look shows it the image itself.
func (j *job) look(ctx context.Context, t Target) (*scan.Scan, error) {
	j.passing(j.by.Profile + " looks at " + t.called())
	s, err := j.run(ctx, t.Dir, t.Image)
	if err == nil {
		s.Name = t.Name
		err = j.cover(ctx, t, s)
	}
	return s, err
}
