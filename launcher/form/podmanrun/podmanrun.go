// Package podmanrun writes a container spec as the arguments of podman-run(1)
// and reads such arguments back into a spec.
//
// One ordered table (see [All]) holds, for each row of the spec, the option,
// how its value is written and how it is read. The written line is equivalent
// to the request that zlaunch sends to the engine; docs/parity.md says how that
// is proved and up to what.
package podmanrun

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Option is how podman-run states one row of the spec.
type Option struct {
	Row  container.Row
	Name string // the long option without its dashes; "" for what follows the options
	Word string // in --security-opt, the word before "="

	write func(*container.Spec) []string
	read  func(*reading, string) error
}

// Keys is where the row stands in a line, as a person writes it: "--security-opt label=".
func (o Option) Keys() string {
	switch {
	case o.Word != "" && o.Row.Key() == container.NoNewPrivileges.Key():
		return "--" + o.Name + " " + o.Word
	case o.Word != "":
		return "--" + o.Name + " " + o.Word + "="
	case o.Name != "":
		return "--" + o.Name
	case o.Row.Key() == container.Image.Key():
		return "the first word behind the options"
	}
	return "the words behind the image"
}

// Options is a table of options, in the order in which they are written.
type Options []Option

// Args writes s as the arguments that follow "podman run": the options in the
// order of the rows, each as one argument, then the image, then the workload's
// own arguments. Every known row is written, also where it equals Podman's
// default; an unknown row, an empty text and an empty collection are not, and
// are left to Podman. It fails where [Check] does.
func Args(s *container.Spec) ([]string, error) { return All().Args(s) }

// Args is as the function [Args], with the options of this table only.
func (o Options) Args(s *container.Spec) ([]string, error) {
	if err := Check(s); err != nil {
		return nil, err
	}
	var options, rest []string
	for _, opt := range o {
		if opt.Name == "" {
			rest = append(rest, opt.write(s)...)
		} else {
			options = append(options, opt.write(s)...)
		}
	}
	return append(options, rest...), nil
}

// Redacted returns argv with the values of environment variables hidden. It
// takes the form that [Args] writes, "--env=NAME=VALUE"; a workload's own
// argument that looks the same is hidden as well.
func Redacted(argv []string) []string {
	out := slices.Clone(argv)
	for i, a := range out {
		if pair, ok := strings.CutPrefix(a, "--env="); ok {
			name, _, _ := strings.Cut(pair, "=")
			out[i] = "--env=" + name + "=" + container.Redacted
		}
	}
	return container.MaskArgs(out)
}
