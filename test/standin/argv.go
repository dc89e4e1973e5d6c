package main

import (
	"fmt"
	"slices"
	"strings"
)

// style is how a program takes an option's value.
type style int

const (
	joined style = 1 << iota // --name=value
	spaced                   // --name value
)

// options are the options of one program: known lists their names, those that
// take a value with = behind; must are the values that serve what is to be served.
type options struct {
	style style
	known string
	must  map[string]string
	may   map[string]string // values that must be these where they are given
	words []string          // what stands beside the options
}

// check reads args as the program would.
func (o options) check(args []string) error {
	known := strings.Fields(o.known)
	got, words := map[string]string{}, []string(nil)
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			words = append(words, args[i])
			continue
		}
		name, value, has := strings.Cut(args[i], "=")
		takes := slices.Contains(known, name+"=")
		switch {
		case !takes && !slices.Contains(known, name):
			return fmt.Errorf("it knows no option %s", name)
		case has && o.style&joined == 0:
			return fmt.Errorf("%s takes its value as the next word", name)
		case takes && !has && (o.style&spaced == 0 || i+1 == len(args)):
			return fmt.Errorf("%s needs a value", name)
		case takes && !has:
			i++
			value = args[i]
		}
		if _, twice := got[name]; twice && got[name] != value {
			return fmt.Errorf("%s is given twice, as %q and %q", name, got[name], value)
		}
		got[name] = value
	}
	if !slices.Equal(words, o.words) {
		return fmt.Errorf("it is started with the words %q, and must with %q", words, o.words)
	}
	return o.complete(got)
}

func (o options) complete(got map[string]string) error {
	for _, name := range sortedKeys(o.must) {
		value, ok := got[name]
		if !ok {
			return fmt.Errorf("the option %s is missing; it must be there as %q", name, strings.TrimSuffix(name+"="+o.must[name], "="))
		}
		if value != o.must[name] {
			return fmt.Errorf("%s is %q, and must be %q", name, value, o.must[name])
		}
	}
	for _, name := range sortedKeys(o.may) {
		if value, ok := got[name]; ok && value != o.may[name] {
			return fmt.Errorf("%s is %q, and its port is %s", name, value, o.may[name])
		}
	}
	return nil
}

// exactly accepts these arguments and no others.
func exactly(lines ...[]string) func([]string) error {
	return func(args []string) error {
		for _, line := range lines {
			if slices.Equal(args, line) {
				return nil
			}
		}
		return fmt.Errorf("it is started with %q, and must with %q", args, lines[0])
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
