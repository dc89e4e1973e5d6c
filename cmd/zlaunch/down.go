package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/stack"
)

var cmdDown = &command{
	usage: "down [OPTION]... [STACK|FILE]",
	short: "end a stack: its members and their networks",
	long: `Ends the members of a stack, those that started last first, and removes their containers and the networks that nothing else uses. STACK is the name of one that is up; a word with a slash or that ends in .toml is the file of one, ./stack.toml where nothing is named. The names of what was ended go to standard output.

A zlaunch down that is killed leaves no stack: the next zlaunch run, stop, up or down removes the rest.`,
	example:  []string{"zlaunch down", "zlaunch down fraud"},
	reaps:    true,
	complete: completeStacks,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(0, 1); err != nil {
				return err
			}
			name := stack.Name
			if len(args.words) == 1 {
				name = args.words[0]
			}
			if isFile(name) {
				s, err := stack.Read(name)
				if err != nil {
					return err
				}
				name = s.Name
			}
			l, done, err := std.launcher(ctx, engine, nil)
			if err != nil {
				return err
			}
			defer done()
			reap(ctx, std, l)
			ended, err := l.Stacks().Down(ctx, name)
			for _, n := range ended {
				fmt.Fprintln(std.out, n)
			}
			return err
		}
	},
}

// isFile tells the file of a stack from the name of one.
func isFile(word string) bool {
	return strings.Contains(word, "/") || strings.HasSuffix(word, ".toml") || word == "." || word == ".."
}

// membersOf are the containers of a stack that is up; nil: there is none of that name.
func membersOf(std *stdio, name string) []string {
	l, err := offline(std, nil)
	if err != nil {
		return nil
	}
	all, _ := l.Dirs.Stacks().All() // what cannot be read is no stack that is up
	var out []string
	for _, s := range all {
		for _, m := range s.Members {
			if s.Name == name {
				out = append(out, m.Container)
			}
		}
	}
	return out
}

// completeStacks are the stacks that are up.
func completeStacks(std *stdio, _ []string) []string {
	l, err := offline(std, nil)
	if err != nil {
		return nil
	}
	all, _ := l.Dirs.Stacks().All()
	var out []string
	for _, s := range all {
		out = append(out, s.Name)
	}
	return out
}
