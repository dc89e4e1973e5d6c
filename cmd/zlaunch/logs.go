package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

var cmdLogs = &command{
	usage:    "logs [OPTION]... NAME",
	short:    "print what a workload wrote",
	long:     `Prints the log of a run, its standard output and its standard error each to zlaunch's own. NAME is a container's name, the beginning of its id, or a profile of which one run is there. Of a service it is what the journal has of its unit, in the order of its starts, and goes to standard output. On a terminal, control sequences of the workload are shown and not obeyed; elsewhere the log is copied as it is.`,
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
			if cmd := serviceLog(ctx, std, args.words[0], o); cmd != nil {
				return journal(std, args.words[0], cmd)
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

// serviceLog is the command that prints the journal of a service; nil: name is none.
func serviceLog(ctx context.Context, std *stdio, name string, o podman.LogOptions) *exec.Cmd {
	l, err := offline(std, nil)
	if err != nil {
		return nil
	}
	s, err := serviceStore(std, l).Load(name)
	if err != nil {
		return nil
	}
	options := []string{"--output=cat"}
	if o.Timestamps {
		options[0] = "--output=short-iso"
	}
	if o.Follow {
		options = append(options, "--follow")
	}
	if o.Tail > 0 {
		options = append(options, "--lines="+strconv.Itoa(o.Tail))
	} else {
		options = append(options, "--lines=all")
	}
	return systemd.User{}.Journal(ctx, s.Unit(), options...)
}

// journal runs a command of the journal's until it ends. One that is in memory alone
// (journald.conf(5), Storage=) root and the group systemd-journal can read.
func journal(s *stdio, name string, cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = shown(s.out, s.exact, s.tty.out), &said
	err := cmd.Run()
	switch {
	case strings.Contains(said.String(), "insufficient permissions"):
		return hint.Errorf("sudo usermod -aG systemd-journal "+s.getenv("USER")+", and log in again; or sudo "+strings.Join(cmd.Args, " "), "reading the journal of %s: it is root's here", name)
	case err != nil:
		return fmt.Errorf("reading the journal of %s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return nil
}
