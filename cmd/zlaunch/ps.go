package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdPs = &command{
	usage: "ps [OPTION]...",
	short: "list the containers that zlaunch made",
	long: `Lists the containers of zlaunch in whatever state they are, by name: those whose id a launch record or a claim of this user's on this host holds. What only bears zlaunch's labels, as a copy does, is named on standard error and is no run. The URLs are those of the launch record.

It removes nothing. What a killed launch left goes with the next zlaunch run or zlaunch stop.`,
	example: []string{"zlaunch ps", "zlaunch ps --json"},
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		json := fs.Bool("json", false, "print JSON")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			return listRuns(ctx, std, l, *json)
		}
	},
}

func listRuns(ctx context.Context, std *stdio, l *launcher.Launcher, json bool) error {
	list, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	for _, name := range list.Foreign {
		std.note("container %s bears zlaunch's labels, but no claim and no record here knows it", name)
	}
	doc := psReport(list.Runs)
	if json {
		return report.JSON(std.out, doc)
	}
	return doc.Text(std.out, std.width)
}
