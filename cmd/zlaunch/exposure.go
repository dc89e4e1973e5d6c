package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/exposure/seen"
	"github.com/zlaunch/zlaunch/launcher/exposure/tried"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdExposure = &command{
	usage: "exposure [OPTION]... [NAME]...",
	short: "show who can reach what, and what gets out",
	long: `Shows every port that listens in the containers of this user's engine, whoever started them, or in those named: by container, id, pod or profile. For each port it says who reaches it: the LAN, other local users (this host's loopback address is open to all of them), you, other containers; and whether it speaks TLS and asks who is calling, where that is known. For each container it says what gets out of it: addresses outside, outside names, services on this host's loopback address and on its other ones, the metadata address of clouds, networks of other containers.

It is read from the kernel first: sockets, routes and processes of each container's network and of this host; what the engine says is held against that. A ? is what cannot be read, and counts as yes. A firewall of this host is not seen.

--probe also tries it: this host's ports over its loopback address, its other addresses by asking the kernel whether they are taken, every port from a throw-away container in each network, and from within each container's own network the routes, this host's loopback address, and TLS and HTTP without credentials. Nothing is sent to any address but 127.0.0.1, [::1] and those of the containers. Where the probe and the table disagree there is a !, and what was reached is open.

--assert takes rules, and the status is 1 where a row violates one, which is then named. ` + exposure.Grammar + ` NAME is a container, and PORT the port by which the subject gets there: of this host, or of the container. A subject without a rule may reach anything. What is not known violates a rule.

--diff takes a document that --json wrote, and says what opened and what closed until now, or until the document NEW.json; the status is 1 where anything did.`,
	example: []string{
		"zlaunch exposure",
		"zlaunch exposure zlaunch-triton --probe",
		`zlaunch exposure --assert "lan: none; egress: none"`,
		`zlaunch exposure --assert "lan: 8443; containers: zlaunch-shop-server:8000; egress: zlaunch-shop-front"`,
		"zlaunch exposure --json > old.json && zlaunch exposure --diff old.json",
		"zlaunch exposure --svg exposure.svg",
	},
	complete: func(std *stdio, _ []string) []string { return completeKnown(std) },
	bind: func(fs *pflag.FlagSet) runFunc {
		var x exposing
		var engine engineOptions
		fs.BoolVar(&x.json, "json", false, "print JSON")
		fs.StringVar(&x.svg, "svg", "", "draw it into `FILE`")
		fs.BoolVar(&x.probe, "probe", false, "try what the table says")
		fs.StringVar(&x.assert, "assert", "", "end with status 1 where `RULES` do not hold")
		fs.StringVar(&x.diff, "diff", "", "say what changed since the document in `OLD.json`")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			x.std, x.engine = std, engine
			return x.run(ctx, args)
		}
	},
}

// exposing is one call of zlaunch exposure.
type exposing struct {
	std               *stdio
	engine            engineOptions
	json, probe       bool
	svg, assert, diff string
}

func (x *exposing) run(ctx context.Context, args arguments) error {
	if len(args.workload) > 0 {
		return args.none()
	}
	var rules exposure.Rules
	var err error
	if x.assert != "" {
		if rules, err = exposure.ParseRules(x.assert); err != nil {
			return &usageError{err}
		}
	}
	if x.diff != "" {
		return x.compare(ctx, args.words)
	}
	d, err := x.document(ctx, args.words)
	if err != nil {
		return err
	}
	r := report.Exposure{Document: d, Asserted: rules != nil, Violations: rules.Check(d)}
	return x.print(r)
}

// print writes the document, and decides the status.
func (x *exposing) print(r report.Exposure) error {
	if x.svg != "" {
		var b bytes.Buffer
		if err := r.SVG(&b); err != nil {
			return err
		}
		if err := os.WriteFile(x.svg, b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("writing the drawing: %w", err)
		}
	}
	var err error
	switch {
	case x.json:
		err = report.JSON(x.std.out, r.Document)
		for _, v := range r.Violations {
			x.std.note("violated: %s", v)
		}
	default:
		err = r.Text(x.std.page, x.std.screen)
	}
	if err == nil && (len(r.Violations) > 0 || len(r.Disagree()) > 0) {
		err = &statusError{status: exitFindings}
	}
	return err
}

// document reads what there is now, and with --probe tries it.
func (x *exposing) document(ctx context.Context, names []string) (exposure.Document, error) {
	l, done, err := x.std.launcher(ctx, x.engine, nil)
	if err != nil {
		return exposure.Document{}, err
	}
	defer done()
	own, err := x.own(ctx, l)
	if err != nil {
		return exposure.Document{}, err
	}
	facts, err := seen.Read(ctx, l.Engine, own)
	if err != nil {
		return exposure.Document{}, err
	}
	if err := allThere(facts, names); err != nil {
		return exposure.Document{}, err
	}
	d := exposure.Join(facts, func(m exposure.Member) bool {
		return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return means(n, m) })
	})
	if x.probe {
		for _, why := range tried.Probe(ctx, l.Engine, &d, exposure.Plan(facts, d)) {
			x.std.note("%s", why)
		}
	}
	return d, ctx.Err()
}

// own is which containers are runs of zlaunch's, by its records and claims, and where its
// gateways have what they read.
func (x *exposing) own(ctx context.Context, l *launcher.Launcher) (seen.Own, error) {
	list, err := l.Runs(ctx)
	out := seen.Own{Runs: map[string]string{}, Gateways: filepath.Join(l.Dirs.State, "gateways")}
	for _, r := range list.Runs {
		out.Runs[r.ID] = r.Profile
	}
	return out, err
}

// means tells whether a word names a container: by its name, its pod's, its profile's, or
// the beginning of its id.
func means(word string, m exposure.Member) bool {
	return word == m.Name || m.Pod != "" && word == m.Pod || m.Profile != "" && word == m.Profile || len(word) >= 12 && strings.HasPrefix(m.ID, word)
}

// allThere refuses a word that names no container: nothing would be asserted of it.
func allThere(f exposure.Facts, names []string) error {
	for _, n := range names {
		if !slices.ContainsFunc(f.Members, func(m exposure.Member) bool { return means(n, m) }) {
			return hint.Errorf("podman ps -a", "finding %q: no container, pod or profile of a run is called so", n)
		}
	}
	return nil
}

// compare says what changed since a document, until now or until another.
func (x *exposing) compare(ctx context.Context, words []string) error {
	before, err := readDocument(x.diff)
	if err != nil {
		return err
	}
	var after exposure.Document
	switch {
	case len(words) == 1 && strings.HasSuffix(words[0], ".json"):
		after, err = readDocument(words[0])
	case x.svg != "" || x.assert != "":
		return &usageError{errors.New("--diff goes with neither --svg nor --assert")}
	default:
		after, err = x.document(ctx, words)
		before = only(before, after, words)
	}
	if err != nil {
		return err
	}
	d := exposure.Compare(before, after)
	if x.json {
		err = report.JSON(x.std.out, d)
	} else {
		err = report.ExposureDiff{Difference: d}.Text(x.std.page, x.std.screen)
	}
	if err == nil && len(d.Changes) > 0 {
		err = &statusError{status: exitFindings}
	}
	return err
}

// only leaves of a document what has the names of another, where names were asked for.
func only(d, as exposure.Document, names []string) exposure.Document {
	if len(names) > 0 {
		d.Containers = slices.DeleteFunc(d.Containers, func(c exposure.Container) bool {
			return !slices.ContainsFunc(as.Containers, func(o exposure.Container) bool { return o.Name == c.Name })
		})
	}
	return d
}

func readDocument(file string) (exposure.Document, error) {
	f, err := os.Open(file)
	if err != nil {
		return exposure.Document{}, hint.Wrap(err, "zlaunch exposure --json > "+file+" writes it")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, exposure.MaxDocument+1))
	if err != nil {
		return exposure.Document{}, fmt.Errorf("reading %s: %w", file, err)
	}
	d, err := exposure.Decode(data)
	if err != nil {
		return d, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}
