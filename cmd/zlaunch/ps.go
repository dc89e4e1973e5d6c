package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdPs = &command{
	usage:   "ps [OPTION]...",
	short:   "list the containers that zlaunch made",
	long:    `Lists the containers of zlaunch in whatever state they are, by name. The URLs are those of the launch record.`,
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
			std.reap(ctx, l)
			return listRuns(ctx, std, l, *json)
		}
	},
}

func listRuns(ctx context.Context, std *stdio, l *launcher.Launcher, json bool) error {
	runs, err := l.List(ctx)
	if err != nil {
		return err
	}
	doc := psReport(runs)
	if json {
		return report.JSON(std.out, doc)
	}
	return doc.Text(std.out, std.width)
}
