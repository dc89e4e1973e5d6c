package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// about is zlaunch in one line.
const about = "run an AI framework as a hardened, proved, rootless Podman container"

var cmdHelp = &command{
	usage:   "help [OPTION]... [COMMAND [WORD]|TOPIC]",
	short:   "explain zlaunch, a command or a topic",
	long:    `Without an argument, lists the commands and the topics. What a command does by a word, as scan show, the help of the command tells. With --man, prints the manual page instead, as roff.`,
	example: []string{"zlaunch help run", "zlaunch help waivers", "zlaunch help --man run | man -l -"},
	complete: func(*stdio, []string) []string {
		names := commandNames()
		for _, t := range topics {
			names = append(names, t.name)
		}
		return names
	},
	bind: func(fs *pflag.FlagSet) runFunc {
		man := fs.Bool("man", false, "print the manual page")
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.count(0, 2); err != nil {
				return err
			}
			var c *command
			var t *topic
			if len(args.words) > 0 {
				c, t = find(args.words[0]), findTopic(args.words[0])
				if c == nil && t == nil {
					return &usageError{unknownTopic(args.words[0])}
				}
			}
			if len(args.words) == 2 && (c == nil || !slices.Contains(c.verbs(), args.words[1])) {
				return &usageError{hint.Errorf("zlaunch help "+args.words[0], "%s: there is no %q to explain", args.words[0], args.words[1])}
			}
			switch {
			case *man && t != nil:
				return t.man(std.out)
			case t != nil:
				return t.help(std)
			case *man && c == nil:
				return manual(std.out)
			case *man:
				return c.man(std.out)
			case c == nil:
				return overview(std.out, std.screen)
			}
			return c.help(std.out, std.screen)
		}
	},
}

// verbs are the words of a command that say what it does, as its usage has them: in lower case,
// where others are for the user to fill in. Its help explains each.
func (c *command) verbs() (out []string) {
	_, usage, _ := strings.Cut(c.usage, " ")
	for _, word := range strings.FieldsFunc(usage, func(r rune) bool { return r == ' ' || r == '|' || r == '[' || r == ']' }) {
		if word[0] >= 'a' && word[0] <= 'z' {
			out = append(out, word)
		}
	}
	return out
}

func unknownTopic(name string) error {
	var names []string
	for _, t := range topics {
		names = append(names, t.name)
	}
	if near := hint.Nearest(name, names); near != "" {
		return hint.Errorf("zlaunch help "+near, "unknown topic %q", name)
	}
	return unknownCommand(name)
}

// commandNames are those of the commands that help shows.
func commandNames() []string {
	var out []string
	for _, c := range visible() {
		out = append(out, c.name())
	}
	return out
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
func overview(w io.Writer, on report.Screen) error {
	on = readable(on)
	var b strings.Builder
	fmt.Fprintf(&b, "zlaunch - %s\n\nUsage: zlaunch [OPTION]... COMMAND [ARG]...\n", about)
	line := func(name, short string) { b.WriteString(on.Hang(fmt.Sprintf("  %-12s", name), short)) }
	for i, list := range grouped() {
		fmt.Fprintf(&b, "\n%s:\n", groups[i].title)
		for _, c := range list {
			line(c.name(), c.short)
		}
	}
	b.WriteString("\nTopics:\n")
	for _, t := range topics {
		line(t.name, t.short)
	}
	b.WriteString("\nOptions:\n" + globalOptions().FlagUsagesWrapped(on.Width))
	b.WriteString("\nExample:\n  zlaunch run triton --models ./m\n\nzlaunch help COMMAND or TOPIC tells more.\n")
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
func (c *command) help(w io.Writer, on report.Screen) error {
	on = readable(on)
	fs, _ := c.flags()
	var b strings.Builder
	fmt.Fprintf(&b, "%s - %s\n\nUsage: zlaunch %s\n\n", c.name(), c.short, c.usage)
	for para := range strings.SplitSeq(c.long, "\n\n") {
		b.WriteString(on.Hang("", para) + "\n")
	}
	if usages := fs.FlagUsagesWrapped(on.Width); usages != "" {
		b.WriteString("Options:\n" + mayBeLeftAway(usages) + "\n")
	}
	b.WriteString("Example:\n")
	for _, line := range c.example {
		b.WriteString("  " + line + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// readable is a screen for text of sentences: 80 columns, or fewer where there are
// fewer, for longer lines are hard to read.
func readable(on report.Screen) report.Screen {
	if on.Width == 0 || on.Width > 80 {
		on.Width = 80
	}
	return on
}
