package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// prisonOptions say who is to scan, and with what.
type prisonOptions struct {
	scanners  []string
	databases []string // DIRECTORY, or SCANNER=DIRECTORY
	age       string
	memory    string
	waive     []string
	project   projectOptions
}

// databaseAge is how old a database may be unless somebody says otherwise: what grype takes
// by itself, 120 hours (grype/cmd/grype/cli/options/database.go).
const databaseAge = "5d"

// bind declares the options. They are of no other verb, see [prisonOptions.given].
func (o *prisonOptions) bind(fs *pflag.FlagSet) {
	fs.StringSliceVar(&o.scanners, "scanner", nil, "have the profile `SCANNER` look at the image, as often as there are (default those whose image is here)")
	fs.StringArrayVar(&o.databases, "db", nil, "give a scanner its database: `[SCANNER=]DIRECTORY`, read-only")
	fs.StringVar(&o.age, "db-max-age", databaseAge, "refuse a database that is older than `DAYS`, or of no known day; any takes each")
	fs.StringVar(&o.memory, "memory", "", "limit the scanner's memory to `SIZE`, as 8g, and its /tmp, where it unpacks the image, to a part of that")
	fs.StringArrayVar(&o.waive, "waive", nil, "let one control fail for the scanner, for a reason: `ID[@SETTING]=REASON`")
	o.project.bind(fs)
}

// given tells whether any of them was said.
func (o *prisonOptions) given() bool {
	return len(o.scanners)+len(o.databases)+len(o.waive) > 0 || o.age != databaseAge || o.memory != ""
}

// each is what one scanner is given. several tells that it is not the only one.
func (o *prisonOptions) each(name string, of *profile.Scanner, several bool) (launcher.Scanner, error) {
	by := launcher.Scanner{Profile: name, Memory: o.memory, Waive: o.waive}
	var err error
	if by.MaxAge, err = daysOf(o.age); err != nil {
		return by, err
	}
	for _, db := range o.databases {
		whose, dir, named := strings.Cut(db, "=")
		switch {
		case named && whose == name:
			by.Database = dir
		case !named && several && of.Database != "":
			return by, &usageError{hint.Errorf("--db "+name+"="+db, "--db %s: several scanners look, and it does not say whose database that is", db)}
		case !named && of.Database != "":
			by.Database = db
		}
	}
	return by, nil
}

// daysOf reads an age in days, "5d"; "any" is 0.
func daysOf(text string) (time.Duration, error) {
	var days int
	if text == "any" {
		return 0, nil
	}
	if _, err := fmt.Sscanf(text, "%dd", &days); err != nil || days < 1 || days > 366 || text != fmt.Sprintf("%dd", days) {
		return 0, &usageError{hint.Errorf(`--db-max-age 5d, or any`, "reading --db-max-age %q: it is no number of days from 1d to 366d", text)}
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

// jail is one call in which scanners look at an image.
type jail struct{ *scanning }

// run has them look, keeps what they found, and prints it. Whatever can be wrong without a look
// at the image is told before one: its words, files and databases here, the scanners' runs by
// [launcher.Scans.Ready].
func (x jail) run(ctx context.Context, args arguments) error {
	if err := args.count(1, 1); err != nil {
		return hint.Wrap(err, meantVerb(args.words[0]))
	}
	if _, err := daysOf(x.prison.age); err != nil {
		return err
	}
	of, err := x.stackAt(args.words[0])
	if err == nil {
		x.known, err = x.marks()
	}
	if err == nil && of != nil {
		err = x.ofOne(of)
	}
	if err != nil {
		return err
	}
	want := append(profilesOf(of), x.prison.scanners...)
	l, done, err := x.std.launcher(ctx, x.engine, func() (*profile.Catalog, error) { return x.std.catalog(x.prison.project, want...) })
	if err != nil {
		return err
	}
	defer done()
	defer reaping(ctx, x.std, l)()
	ss := launcher.Scans{Of: l}
	look, err := x.aim(ctx, ss, of, args.words[0])
	if err != nil {
		return err
	}
	by, err := x.guards(ctx, ss)
	if err != nil {
		return err
	}
	if of != nil {
		return x.stack(ctx, ss, of, by)
	}
	scans, err := look(by)
	x.std.progress.clear()
	if len(scans) == 0 {
		return err
	}
	if err := x.marked(ctx, scans); err != nil {
		return err
	}
	return cmp.Or(err, x.print(scans[0].Image, scans, report.Scan.Brief))
}

// stackAt is the stack in the file that a word names; nil where it names none, and may name an image.
func (x jail) stackAt(word string) (*stack.Stack, error) {
	if !stack.Holds(word) {
		return nil, astray("scanning", word)
	}
	return stack.Read(word)
}

// marked notes with scans what files know, and keeps them.
func (x jail) marked(ctx context.Context, scans []*scan.Scan) error {
	for _, s := range scans {
		for _, m := range x.known {
			m.Mark(s)
		}
	}
	return x.keep(ctx, scans...)
}

// guards are the scanners that are to look, each with what it is given.
func (x jail) guards(ctx context.Context, ss launcher.Scans) (out []launcher.Scanner, err error) {
	names := x.prison.scanners
	if len(names) == 0 {
		if names, err = ss.Here(ctx); err != nil {
			return nil, err
		}
	}
	for _, db := range x.prison.databases {
		if whose, _, named := strings.Cut(db, "="); named && !slices.Contains(names, whose) {
			return nil, &usageError{hint.Errorf("--scanner "+whose, "--db %s: no scanner %q looks at the image, of %s", db, whose, strings.Join(names, ", "))}
		}
	}
	for _, name := range names {
		p, err := ss.Of.Catalog.Resolve(name, ss.Of.Host.Arch)
		if err != nil {
			return nil, err
		}
		if p.Scanner == nil {
			return nil, hint.Errorf("zlaunch list", "scanning with %s: the profile is no scanner", name)
		}
		by, err := x.prison.each(name, p.Scanner, len(names) > 1)
		if err != nil {
			return nil, err
		}
		out = append(out, by)
	}
	return out, nil
}

// looking has scanners look at one image.
type looking func(by []launcher.Scanner) ([]*scan.Scan, error)

// aim finds what a word names: a layout, a profile's image, or an image. It comes before the
// scanners, which are none of the matter where nothing has that name. Of a stack each member is
// found by itself.
func (x jail) aim(ctx context.Context, ss launcher.Scans, of *stack.Stack, word string) (looking, error) {
	if of != nil {
		return nil, nil
	}
	if dir, ref, is := layoutOf(word); is {
		if ref != "" {
			return nil, hint.Errorf("skopeo copy oci:"+word+" oci:other", "scanning %s: a scanner is given a layout with one image", word)
		}
		return func(by []launcher.Scanner) ([]*scan.Scan, error) { return ss.Layout(ctx, dir, by...) }, nil
	}
	ref, whose, err := imageNamed(x.std, ss.Of, x.prison.project, word)
	if err != nil {
		return nil, err
	}
	img, err := ss.Of.Engine.Image(ctx, ref)
	switch {
	case err != nil && whose != "":
		return nil, unpulled(err, "scanning", whose)
	case err != nil:
		return nil, unheld(err, "scanning", word, strings.TrimSpace(meantVerb(word)+"\npodman pull "+ref))
	}
	return func(by []launcher.Scanner) ([]*scan.Scan, error) { return ss.Image(ctx, img, ref, by...) }, nil
}
