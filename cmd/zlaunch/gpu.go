package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// gpus is the value of --gpu, which may be left away: then the next word is its value
// only where it is no profile's name: VENDOR/CLASS=NAME, all, or a number.
type gpus struct{ names *[]string }

func (g gpus) Set(v string) error { *g.names = append(*g.names, v); return nil }
func (g gpus) Type() string       { return anyValue }

func (g gpus) String() string {
	if g.names == nil {
		return ""
	}
	return strings.Join(*g.names, ",")
}

func (g gpus) takes(next string) bool {
	return cdi.Named(next) || next == "all" || next != "" && strings.Trim(next, "0123456789") == ""
}

// anyValue is the type of an option whose value may be left away.
const anyValue = "any"

// mayBeLeftAway writes in pflag's usages that the value may, as manual pages do.
func mayBeLeftAway(usages string) string {
	return strings.ReplaceAll(usages, "NAME[="+plan.AnyGPU+"]", "[NAME]    ")
}

func bindGPU(fs *pflag.FlagSet, names *[]string) {
	fs.Var(gpus{names}, "gpu", "give it the accelerator `NAME` of the Container Device Interface, as nvidia.com/gpu=0, or without NAME the only one there is")
	fs.Lookup("gpu").NoOptDefVal = plan.AnyGPU
}

// mayTake tells whether next is the value of an option that needs none.
func mayTake(fs *pflag.FlagSet, word, next string) bool {
	name, long := strings.CutPrefix(word, "--")
	f := fs.Lookup(name)
	if !long || f == nil {
		return false
	}
	v, ok := f.Value.(interface{ takes(next string) bool })
	return ok && v.takes(next)
}
