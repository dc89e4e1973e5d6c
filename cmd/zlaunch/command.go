package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// A command is one zlaunch subcommand. Help, man pages and completion are all
// printed from this table; nothing else describes a command.
type command struct {
	usage   string   // synopsis without "zlaunch"; its first word is the name
	short   string   // one line, verb first, no full stop
	long    string   // the man page's DESCRIPTION, paragraphs parted by empty lines
	example []string // command lines

	// bind declares the command's options on fs and returns the function to run
	// once they are parsed. It does nothing else, so that help, man and
	// completion can call it just to see the options.
	bind func(fs *pflag.FlagSet) runFunc

	complete func(std *stdio, args []string) []string // words for the next argument; may be nil

	reaps     bool // launches or stops: it alone removes what killed launches left
	hidden    bool // not in help
	workload  bool // the exit status is a workload's
	shares    bool // the exit status tells drift from refusal
	strangers bool // the exit status tells what is refused of what strangers made
	opaque    bool // what follows the first argument is none of zlaunch's options
}

type runFunc func(ctx context.Context, std *stdio, args arguments) error

// arguments are what is left of a command line without its options.
type arguments struct {
	words    []string
	workload []string // what followed --
}

// commands is the table, in help order.
var commands []*command

func init() { // not an initializer: help reads the table it is in
	commands = []*command{
		cmdRun, cmdPlan, cmdAudit, cmdExplain, cmdDiff, cmdExposure, cmdScan, cmdDerive, cmdList, cmdShow, cmdInspect, cmdPs, cmdLogs, cmdStop, cmdExec, cmdPull, cmdDemo, cmdUp, cmdDown, cmdGateway, cmdToken, cmdModel, cmdExport, cmdInstall, cmdUpgrade, cmdRollback, cmdUninstall, cmdProve,
		cmdAdd, cmdUpdate, cmdRemove, cmdBundles, cmdPin, cmdOutdated, cmdVerify, cmdPush, cmdDoctor, cmdNew, cmdTrial, cmdValidate, cmdApprove, cmdPolicy, cmdVersion, cmdCompletion, cmdHelp, cmdComplete, cmdTry,
	}
}

func (c *command) name() string {
	name, _, _ := strings.Cut(c.usage, " ")
	return name
}

func (c *command) flags() (*pflag.FlagSet, runFunc) {
	fs := pflag.NewFlagSet(c.name(), pflag.ContinueOnError)
	fs.SortFlags = false // declaration order is reading order
	fs.Usage = func() {} // dispatch prints help, and only dispatch
	fs.SetInterspersed(!c.opaque)
	run := c.bind(fs)
	if !c.opaque && !c.hidden { // global options may stand behind the name, too; help tells of them once
		(new(colorChoice)).bind(fs)
		_ = fs.MarkHidden("color")
	}
	return fs, run
}

// find returns the command called name, nil for none.
func find(name string) *command {
	for _, c := range commands {
		if c.name() == name {
			return c
		}
	}
	return nil
}

// dispatch runs the command line args and returns the command it is one of.
func dispatch(ctx context.Context, std *stdio, args []string) (*command, error) {
	options, global := newGlobal()
	err := parse(options, args, true)
	rest := options.Args()
	std.engine = global.engine
	std.look(global.color)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return nil, overview(std.out, std.screen)
	case err != nil:
		return nil, &usageError{err}
	case global.version:
		rest = []string{"version"}
	case len(rest) == 0:
		_ = overview(std.err, std.errScreen)
		return nil, &usageError{errors.New("no command is given")}
	}
	c := find(rest[0])
	if c == nil {
		return nil, &usageError{unknownCommand(rest[0], rest[1:]...)}
	}
	return c, c.run(ctx, std, rest[1:])
}

func (c *command) run(ctx context.Context, std *stdio, args []string) error {
	std.reaps = c.reaps
	fs, run := c.flags()
	switch err := parse(fs, args, c.opaque); {
	case errors.Is(err, pflag.ErrHelp):
		return c.help(std.out, std.screen)
	case err != nil:
		next := cmp.Or(hint.Of(err), "zlaunch help "+c.name())
		if errors.Is(err, errUnknownOption) {
			next = cmp.Or(c.instead(std.dir, fs, args), next)
		}
		return &usageError{hint.Wrap(fmt.Errorf("reading the options of %s: %w", c.name(), err), next)}
	}
	if f := fs.Lookup("color"); f != nil && f.Changed {
		std.look(colorChoice(f.Value.String()))
	}
	if c.opaque {
		return c.hinted(run(ctx, std, arguments{words: fs.Args()}))
	}
	return c.hinted(run(ctx, std, split(fs)))
}

// hinted names the command's help to whoever typed it wrongly, and was told no better.
func (c *command) hinted(err error) error {
	if wrong, ok := err.(*usageError); ok && hint.Of(err) == "" {
		return &usageError{hint.Wrap(wrong.err, "zlaunch help "+c.name())}
	}
	return err
}

// split parts the arguments of a parsed line at --.
func split(fs *pflag.FlagSet) arguments {
	words := fs.Args()
	if dash := fs.ArgsLenAtDash(); dash >= 0 {
		return arguments{words[:dash], words[dash:]}
	}
	return arguments{words: words}
}

func unknownCommand(name string, args ...string) error {
	next := "zlaunch help"
	if near := hint.Nearest(name, commandNames()); near != "" {
		next = "zlaunch " + near
	}
	if instead := verbInstead(name, args); instead != "" {
		next = instead
	}
	if findTopic(name) != nil {
		next = "zlaunch help " + name
	}
	return hint.Errorf(next, "unknown command %q", name)
}

// none is the check of a command that takes no arguments.
func (a arguments) none() error { return a.count(0, 0) }

// count checks how many arguments there are; most < 0 is no bound. What stands
// behind -- is an error too, for it belongs to a workload.
func (a arguments) count(least, most int) error {
	switch {
	case len(a.workload) > 0:
		return &usageError{fmt.Errorf("reading %q: there is no workload to give it to", a.workload[0])}
	case len(a.words) < least:
		return &usageError{errors.New("an argument is missing")}
	case most >= 0 && len(a.words) > most:
		return &usageError{fmt.Errorf("unexpected argument %q", a.words[most])}
	}
	return nil
}
