package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// role is what a word of a command line is.
type role int

const (
	roleArgument role = iota
	roleOption
	roleValue // of the option before it
	roleWorkload
)

// roles tells what each of args is to fs. opaque: see [command].
func roles(fs *pflag.FlagSet, args []string, opaque bool) []role {
	out := make([]role, len(args))
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--":
			for ; i < len(args); i++ {
				out[i] = roleWorkload
			}
		case len(a) > 1 && a[0] == '-':
			out[i] = roleOption
			if i+1 < len(args) && (awaitsValue(fs, a) != nil || mayTake(fs, a, args[i+1])) {
				i++
				out[i] = roleValue
			}
		case opaque:
			return out // and all that follows is an argument
		}
	}
	return out
}

// awaitsValue returns the option that word leaves without a value it needs: the
// next word is its value.
func awaitsValue(fs *pflag.FlagSet, word string) *pflag.Flag {
	if name, long := strings.CutPrefix(word, "--"); long {
		f := fs.Lookup(name)
		if strings.Contains(name, "=") || f == nil || f.NoOptDefVal != "" {
			return nil
		}
		return f
	}
	for i, r := range word[1:] {
		if r > 127 {
			return nil
		}
		f := fs.ShorthandLookup(string(r))
		if f == nil {
			return nil
		}
		if f.NoOptDefVal == "" { // the rest of the word is its value
			if i == len(word)-2 {
				return f
			}
			return nil
		}
	}
	return nil
}

// parse reads args into fs. Words like -test.x are refused first: pflag would
// ignore them without a word (flag.go, parseSingleShortArg).
func parse(fs *pflag.FlagSet, args []string, opaque bool) error {
	var joined []string
	for i, r := range roles(fs, args, opaque) {
		switch {
		case r == roleOption && strings.HasPrefix(args[i], "-test."):
			return fmt.Errorf("unknown option %s", args[i])
		case r == roleValue && mayTake(fs, args[i-1], args[i]):
			joined[len(joined)-1] += "=" + args[i]
		default:
			joined = append(joined, args[i])
		}
	}
	err := fs.Parse(joined)
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownOption(fs, unknown)
	case errors.As(err, &missing):
		return fmt.Errorf("option --%s needs a value", missing.GetFlag().Name)
	case errors.As(err, &invalid):
		err = fmt.Errorf("option --%s does not take %q", invalid.GetFlag().Name, invalid.GetValue())
		if takes := cmp.Or(hint.Of(invalid), taken[invalid.GetFlag().Value.Type()]); takes != "" {
			return hint.Wrap(err, "--"+invalid.GetFlag().Name+" is "+takes)
		}
		return err
	}
	return err
}

// choice is the value of an option that takes one of a few words.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string {
	if c.value == nil { // as pflag asks for what no option has
		return ""
	}
	return *c.value
}

// Type is what pflag calls it where help names no other word.
func (c choice) Type() string { return "string" }

// Set reads the value. The hint of its error is the words.
func (c choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return hint.Errorf("one of "+strings.Join(c.words, ", "), "%q is not one of them", word)
	}
	*c.value = word
	return nil
}

// errUnknownOption is in the error of an option that there is not.
var errUnknownOption = errors.New("unknown option")

func unknownOption(fs *pflag.FlagSet, e *pflag.NotExistError) error {
	if e.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%w -%s", errUnknownOption, e.GetSpecifiedName())
	}
	var names []string
	visit(fs, func(f *pflag.Flag) { names = append(names, f.Name) })
	err := fmt.Errorf("%w --%s", errUnknownOption, e.GetSpecifiedName())
	if near := hint.Nearest(e.GetSpecifiedName(), names); near != "" {
		return hint.Wrap(err, "did you mean --"+near+"?")
	}
	return err
}

// visit calls f for each option that help shows.
func visit(fs *pflag.FlagSet, f func(*pflag.Flag)) {
	fs.VisitAll(func(o *pflag.Flag) {
		if !o.Hidden {
			f(o)
		}
	})
}

// quietly declares an option that is accepted and says nothing new.
func quietly(fs *pflag.FlagSet, name, short string, value bool, usage string) *bool {
	out := fs.BoolP(name, short, value, usage)
	fs.Lookup(name).Hidden = true
	return out
}
