package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdPs = &command{
	usage: "ps [OPTION]...",
	short: "list the runs and services of zlaunch",
	long: `Lists the containers of zlaunch in whatever state they are, by name: those whose id a launch record or a claim of this user's on this host holds. What only bears zlaunch's labels, as a copy does, is named on standard error and is no run. The URLs are those of the launch record. Services that zlaunch-install(1) wrote are among them, also those that have no container now, with what systemd says of their units.

--format takes json, or a text with podman's fields in it, as {{.Names}} and {{.Status}}: one line for each run. \\t and \\n stand for a tab and a newline, and a text that begins with table has a line of titles.

It removes nothing. What a killed launch left goes with the next zlaunch run or zlaunch stop.`,
	example: []string{"zlaunch ps", "zlaunch ps --json", `zlaunch ps --format "{{.Names}} {{.URL}}"`},
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		json := fs.Bool("json", false, "print JSON")
		quiet := fs.BoolP("quiet", "q", false, "print the ids alone")
		format := fs.String("format", "", "print each run by `FORMAT`: json, or a text with {{.FIELD}} in it")
		quietly(fs, "all", "a", false, "list every run in whatever state, as it does anyway")
		whole := quietly(fs, "no-trunc", "", false, "with --quiet and --format: print whole ids")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			if *quiet && *format == "" {
				*format = "{{.ID}}"
			}
			*json = *json || *format == "json"
			line, err := psLine(*format, *whole)
			if err != nil {
				return err
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			if *json || *format == "" {
				line = nil
			}
			return listRuns(ctx, std, l, line, *json)
		}
	},
}

// listRuns lists the runs: by line where it is not nil.
func listRuns(ctx context.Context, std *stdio, l *launcher.Launcher, line func(report.Ps) string, json bool) error {
	list, unlisted := l.Runs(ctx)
	of := servicesOf(ctx, std, l)
	if unlisted != nil && len(of) == 0 {
		return unlisted
	}
	return errors.Join(printRuns(std, list, of, line, json), unlisted) // the services are known to systemd, whatever the engine says
}

func printRuns(std *stdio, list launcher.Listing, of map[string]*running, line func(report.Ps) string, json bool) error {
	for _, name := range list.Foreign {
		if of[name] != nil {
			continue // its unit is about to hold it against its plan
		}
		std.note("container %s bears zlaunch's labels, but no claim and no record here knows it", name)
	}
	doc := psReport(list.Runs, of)
	switch {
	case line != nil: // of containers, as podman's own
		doc.Runs = slices.DeleteFunc(doc.Runs, func(r report.Running) bool { return r.ID == "" })
		_, err := io.WriteString(std.out, line(doc))
		return err
	case json:
		return report.JSON(std.out, doc)
	}
	for _, r := range doc.Runs {
		if s := of[r.Name]; s != nil && s.state.Active == "failed" { // systemd refuses to start one that failed too often
			std.note("%s failed, and zlaunch logs %[1]s says why; again: systemctl --user reset-failed %[1]s && systemctl --user start %[1]s", r.Name)
		}
	}
	return doc.Text(std.page, std.screen)
}
