package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// about is zlaunch in one line.
const about = "run an AI framework as a hardened, proved, rootless Podman container"

var cmdHelp = &command{
	usage:   "help [OPTION]... [COMMAND]",
	short:   "explain zlaunch or a command",
	long:    `Without COMMAND, lists the commands. With --man, prints the manual page instead, as roff.`,
	example: []string{"zlaunch help run", "zlaunch help --man run | man -l -"},
	complete: func(*stdio, []string) []string {
		var names []string
		for _, c := range visible() {
			names = append(names, c.name())
		}
		return names
	},
	bind: func(fs *pflag.FlagSet) runFunc {
		man := fs.Bool("man", false, "print the manual page")
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.count(0, 1); err != nil {
				return err
			}
			var c *command
			if len(args.words) == 1 {
				if c = find(args.words[0]); c == nil {
					return &usageError{unknownCommand(args.words[0])}
				}
			}
			switch {
			case *man && c == nil:
				return manual(std.out)
			case *man:
				return c.man(std.out)
			case c == nil:
				return overview(std.out)
			}
			return c.help(std.out)
		}
	},
}

// visible lists the commands that help shows.
func visible() []*command {
	var out []*command
	for _, c := range commands {
		if !c.hidden {
			out = append(out, c)
		}
	}
	return out
}

// overview lists the commands.
func overview(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "zlaunch - %s\n\nUsage: zlaunch [OPTION]... COMMAND [ARG]...\n\nCommands:\n", about)
	for _, c := range visible() {
		fmt.Fprintf(&b, "  %-12s%s\n", c.name(), c.short)
	}
	b.WriteString("\nOptions:\n" + globalOptions().FlagUsagesWrapped(80))
	b.WriteString("\nExample:\n  zlaunch run triton --models ./m\n\nzlaunch help COMMAND tells more.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// globalOptions are those that stand before the command's name.
func globalOptions() *pflag.FlagSet {
	fs, _ := newGlobal()
	return fs
}

// globals are the values of the global options.
type globals struct {
	engine  engineOptions
	color   colorChoice
	version bool
}

// newGlobal declares the global options.
func newGlobal() (fs *pflag.FlagSet, global *globals) {
	fs, global = pflag.NewFlagSet("zlaunch", pflag.ContinueOnError), &globals{}
	fs.SortFlags = false
	fs.Usage = func() {}
	fs.SetInterspersed(false)
	global.engine.bind(fs)
	global.color.bind(fs)
	fs.BoolVar(&global.version, "version", false, "print the version")
	return fs, global
}

// help explains the command.
func (c *command) help(w io.Writer) error {
	fs, _ := c.flags()
	var b strings.Builder
	fmt.Fprintf(&b, "%s - %s\n\nUsage: zlaunch %s\n\n", c.name(), c.short, c.usage)
	for para := range strings.SplitSeq(c.long, "\n\n") {
		b.WriteString(fill(para, 80) + "\n\n")
	}
	if usages := fs.FlagUsagesWrapped(80); usages != "" {
		b.WriteString("Options:\n" + mayBeLeftAway(usages) + "\n")
	}
	b.WriteString("Example:\n")
	for _, line := range c.example {
		b.WriteString("  " + line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fill breaks text at spaces into lines of at most width columns.
func fill(text string, width int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		switch {
		case used == 0:
		case used+1+len(word) > width:
			b.WriteString("\n")
			used = 0
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += len(word)
	}
	return b.String()
}
