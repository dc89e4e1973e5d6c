package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// The shells' scripts only pass the words on to zlaunch __complete, which walks
// the command table; nothing in them needs to change with it.
//
//go:embed completion
var scripts embed.FS

var shells = []string{"bash", "fish", "zsh"}

var cmdCompletion = &command{
	usage:    "completion [OPTION]... SHELL",
	short:    "print the completion script for a shell",
	long:     `SHELL is bash, fish or zsh. The script asks zlaunch for the words, so that it knows every profile that is visible here.`,
	example:  []string{"source <(zlaunch completion bash)", "zlaunch completion fish > ~/.config/fish/completions/zlaunch.fish"},
	complete: func(*stdio, []string) []string { return shells },
	bind: func(*pflag.FlagSet) runFunc {
		return func(_ context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			script, err := fs.ReadFile(scripts, "completion/zlaunch."+args.words[0])
			if err != nil {
				return &usageError{hint.Errorf("zlaunch completion bash", "%q is none of %s", args.words[0], strings.Join(shells, ", "))}
			}
			_, err = std.out.Write(script)
			return err
		}
	},
}

var cmdComplete = &command{
	usage:   "__complete -- [WORD]...",
	short:   "print the words that can stand for the last one",
	long:    `For the completion scripts: prints the words, one a line, that can stand in the place of the last WORD. Nothing means that a file can.`,
	example: []string{"zlaunch __complete -- run tri"},
	hidden:  true,
	bind: func(*pflag.FlagSet) runFunc {
		return func(_ context.Context, std *stdio, args arguments) error {
			for _, w := range complete(std, args.workload) {
				if _, err := fmt.Fprintln(std.out, w); err != nil {
					return err
				}
			}
			return nil
		}
	},
}

// complete lists what can stand for the last of words, which may be empty: of the line
// as far as the command's name, or of what stands behind it.
func complete(std *stdio, words []string) []string {
	options, _ := newGlobal()
	named := slices.Index(roles(options, words, true), roleArgument)
	if named < 0 || named == len(words)-1 {
		first := &command{opaque: true, complete: func(*stdio, []string) []string { return commandNames() }}
		return first.completed(std, options, words)
	}
	c := find(words[named])
	if c == nil {
		return nil
	}
	options, _ = c.flags()
	return c.completed(std, options, words[named+1:])
}

// completed lists what can stand for the last of the words behind the command's name.
func (c *command) completed(std *stdio, options *pflag.FlagSet, words []string) []string {
	if len(words) == 0 {
		return nil
	}
	last := words[len(words)-1]
	kinds := roles(options, words, c.opaque)
	kind := kinds[len(kinds)-1]
	t := typing{std, argumentsOf(words, kinds), last}
	name, value, given := strings.Cut(strings.TrimPrefix(last, "--"), "=")
	switch f := options.Lookup(name); {
	case kind == roleValue:
		return beginning(last, t.valuesOf(awaitsValue(options, words[len(words)-2])))
	case kind == roleOption && given && f != nil:
		t.last = value
		return prefixed("--"+name+"=", beginning(value, t.valuesOf(f)))
	case kind == roleOption, last == "-", last == "--" && !slices.Contains(words[:len(words)-1], "--"):
		return beginning(last, optionNames(options))
	case kind == roleWorkload || c.complete == nil:
		return nil
	}
	return append(t.afterOption(options, words), beginning(last, c.complete(std, words))...)
}

// afterOption lists the values of an option before the last word that may have none.
func (t typing) afterOption(options *pflag.FlagSet, words []string) []string {
	if len(words) < 2 || !strings.HasPrefix(words[len(words)-2], "--") {
		return nil
	}
	f := options.Lookup(words[len(words)-2][2:])
	if f == nil || f.Value.Type() != anyValue {
		return nil
	}
	return beginning(t.last, t.valuesOf(f))
}

// argumentsOf are the arguments among words but the last, which is being typed.
func argumentsOf(words []string, kinds []role) []string {
	var out []string
	for i, w := range words[:len(words)-1] {
		if kinds[i] == roleArgument {
			out = append(out, w)
		}
	}
	return out
}

func prefixed(with string, words []string) []string {
	for i := range words {
		words[i] = with + words[i]
	}
	return words
}

func beginning(with string, words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, with) })
}

func optionNames(options *pflag.FlagSet) []string {
	names := []string{"--help"}
	visit(options, func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	slices.Sort(names)
	return names
}

// completeProfiles lists profiles: of a project file only once it is approved,
// and without a word about it. With a slash they are the exact names of locked ones.
func completeProfiles(std *stdio, words []string) []string {
	dirs := std.profileDirs()
	dirs.Bundles, _ = std.shelf().Sources(context.Background())
	if len(words) > 0 && strings.Contains(words[len(words)-1], "/") {
		return exactNames(dirs.Bundles)
	}
	sources, _, err := profile.Sources(dirs)
	if err != nil {
		return nil
	}
	return profile.AssembleFor(sources).Runnable() // a lock tells the names
}

func exactNames(bundled []profile.Source) []string {
	var out []string
	for _, src := range bundled {
		if src.Bundle != nil {
			for _, name := range src.Bundle.Profiles {
				out = append(out, src.Bundle.Name+"/"+name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out) // a bundle has a source for each of its files
}

// completeRuns lists the containers of an engine that answers at once, and without one
// those that records tell of.
func completeRuns(std *stdio, _ []string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	l, err := offline(std, nil)
	if err != nil {
		return nil
	}
	l.Engine, err = podman.Connect(ctx, podman.Target{Env: std.getenv, NoService: true, ThisHost: !l.Host.OtherEngine()})
	if err != nil {
		return completeKnown(std)
	}
	defer l.Engine.Close()
	list, err := l.Runs(ctx)
	if err != nil {
		return completeKnown(std)
	}
	var names []string
	for _, r := range list.Runs {
		names = append(names, r.Name)
	}
	return names
}
