package prison

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/scan/trivy"
)

// database is what a scanner knows vulnerabilities from.
type database struct {
	dir    string    // "" the scanner brings it
	digest string    // as zlaunch model digest prints it
	built  time.Time // as its own files say; zero: they do not
}

// update is how each tool gets a database where there is a network. Treat it as a constant.
var update = map[string]string{
	"trivy": "where there is a network: trivy image --download-db-only\nzlaunch scan --db ~/.cache/trivy/db IMAGE",
	"grype": "where there is a network: grype db update\nzlaunch scan --db ~/.cache/grype/db IMAGE",
}

// find looks whether there is the database that a scanner is to be given, and whether it is
// young enough, as far as its files say. Its digest is not taken yet.
func (p *Prison) find(of *profile.Scanner, by Scanner) (database, error) {
	next := update[of.Tool]
	switch {
	case of.Database == "" && by.Database == "":
		return database{}, nil
	case of.Database == "":
		return database{}, hint.Errorf("leave --db away", "it brings its own database, and takes none")
	case by.Database == "":
		return database{}, hint.Errorf(next, "there is no database for it: no directory was named")
	}
	info, err := os.Stat(by.Database)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return database{}, hint.Errorf(next, "there is no database for it: %s is not there", by.Database)
	case err != nil:
		return database{}, fmt.Errorf("reading its database: %w", err)
	case !info.IsDir():
		return database{}, hint.Errorf(next, "there is no database for it: %s is no directory", by.Database)
	}
	d := database{dir: by.Database}
	if d.built, err = ageOf(of.Tool, d.dir); err != nil {
		return database{}, hint.Wrap(err, next)
	}
	if !d.built.IsZero() {
		err = d.young(d.built, by.MaxAge, p.now())
	}
	return d, err
}

// open finds the database that a scanner is to be given, and reads it for its digest.
func (p *Prison) open(ctx context.Context, of *profile.Scanner, by Scanner) (database, error) {
	d, err := p.find(of, by)
	if err != nil || d.dir == "" {
		return database{}, err
	}
	p.passing("reading the database " + d.dir + " for its digest")
	print, err := model.Take(ctx, d.dir)
	if err != nil {
		return database{}, fmt.Errorf("reading its database: %w", err)
	}
	d.digest = print.Digest
	return d, nil
}

// trivyMetadata is the file beside trivy's database that says of which day it is.
const trivyMetadata = "metadata.json"

// ageOf is when a database was built, where files beside it say so. Of grype's the file of
// the database alone tells, which grype reads; its report has it.
func ageOf(tool, dir string) (time.Time, error) {
	if tool != trivy.Name {
		return time.Time{}, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading its database: %w", err)
	}
	defer root.Close()
	f, err := root.Open(trivyMetadata)
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, fmt.Errorf("there is no database for it: %s has no %s, which says of which day it is", dir, trivyMetadata)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the age of its database: %w", err)
	}
	defer f.Close()
	built, err := trivy.Age(f)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the age of its database, %s: %w", trivyMetadata, err)
	}
	return built, nil
}

// skew is how far ahead of this host's clock the one of who built a database may be.
const skew = 10 * time.Minute

// young refuses a database that is too old, or of no known day.
func (d database) young(built time.Time, most time.Duration, now time.Time) error {
	const next = "update it and scan again, or take it as it is, which the record says: --db-max-age any"
	switch old := now.Sub(built); {
	case most <= 0:
		return nil
	case built.IsZero():
		return hint.Errorf(next, "its database is of no known day, and at most %s is allowed", days(most))
	case old < -skew:
		return hint.Errorf("set the clock of this host", "its database is of %s, which is still to come", built.UTC().Format(time.DateTime))
	case old > most:
		return hint.Errorf(next, "its database is stale: it is of %s, %s ago, and at most %s is allowed", built.UTC().Format(time.DateTime), days(old), days(most))
	}
	return nil
}

// days says how long something is.
func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// same refuses a database that is another one than before: what was found with which half of
// it, nobody knows.
func (d database) same(ctx context.Context) error {
	if d.dir == "" {
		return nil
	}
	print, err := model.Take(ctx, d.dir)
	if err != nil {
		return fmt.Errorf("reading its database once more: %w", err)
	}
	if print.Digest != d.digest {
		return hint.Errorf("scan again once its update is over", "its database changed meanwhile, from %s to %s", d.digest, print.Digest)
	}
	return nil
}
