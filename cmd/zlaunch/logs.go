package main

import (
	"context"
	"io"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

var cmdLogs = &command{
	usage:    "logs [OPTION]... NAME",
	short:    "print what a workload wrote",
	long:     `Prints the log of a run, its standard output and its standard error each to zlaunch's own. NAME is a container's name, the beginning of its id, or a profile of which one run is there. On a terminal, control sequences of the workload are shown and not obeyed; elsewhere the log is copied as it is.`,
	example:  []string{"zlaunch logs -f triton", "zlaunch logs --tail 50 zlaunch-triton"},
	complete: completeRuns,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		var o podman.LogOptions
		fs.BoolVarP(&o.Follow, "follow", "f", false, "go on until the workload ends")
		fs.Var(lines(&o.Tail), "tail", "begin with the last `N` lines (default all)")
		fs.BoolVar(&o.Timestamps, "timestamps", false, "begin each line with its time")
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			r, err := l.One(ctx, args.words[0])
			if err != nil {
				return err
			}
			return l.Engine.Containers.Logs(ctx, r.ID, o, shown(std.out, std.exact, std.tty.out), shown(std.err, std.exactErr, std.tty.err))
		}
	},
}

// shown is where a workload's own output goes: escaped to a terminal, else as it
// is.
func shown(escaping, exact io.Writer, terminal bool) io.Writer {
	if terminal {
		return escaping
	}
	return exact
}
