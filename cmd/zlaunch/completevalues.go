package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// typing is a command line that is being completed.
type typing struct {
	std   *stdio
	words []string // arguments so far, without options
	last  string   // the beginning of the value
}

// values list what the options of that name can take; those that are not here take a file
// or what nobody can list. Nothing here asks an engine. Treat it as a constant.
var values = map[string]func(typing) []string{
	"arch":      fixed(profile.Archs...),
	"pull":      fixed("always", "missing", "never", "newer"),
	"color":     fixed("always", "auto", "never"),
	"layer":     fixed("project", "system", "user"),
	"format":    fixed("json", "{{.ID}}", "{{.Names}}", "table {{.Names}} {{.Status}}"),
	"fail-on":   fixed("critical", "high", "low", "medium"),
	"severity":  fixed("critical", "high", "info", "low", "medium"),
	"catalogue": fixed(audit.Version),
	"models-as": fixed(export.ModelKinds...),
	"to":        func(typing) []string { return export.Names() },
	"standard":  func(typing) []string { return standardNames() },
	"scope":     fixed("admin", "inference", "metrics"),
	"only":      func(typing) []string { return controlIDs("") },
	"waive":     func(typing) []string { return controlIDs("=") },
	"container": func(t typing) []string { return completeRuns(t.std, nil) },
	"network":   typing.networks,
	"publish":   typing.ports,
	"gpu":       typing.accelerators,
	"env":       typing.variables,
}

func fixed(words ...string) func(typing) []string { return func(typing) []string { return words } }

// valuesOf lists the values an option can take, where they can be listed.
func (t typing) valuesOf(f *pflag.Flag) []string {
	if list := values[f.Name]; list != nil {
		return list(t)
	}
	return nil
}

// accelerators are those that the specifications of this host define.
func (t typing) accelerators() []string {
	l, _ := offline(t.std, nil) // with what could be read
	if l.Host == nil {
		return nil
	}
	found := l.Host.CDI("")
	var out []string
	for _, kind := range found.Accelerators() {
		out = append(out, found.Of(kind)...)
	}
	return out
}

func controlIDs(end string) []string {
	var out []string
	for _, c := range audit.Catalogue() {
		out = append(out, c.ID+end)
	}
	return out
}

// profile is the one that is named; nil none.
func (t typing) profile() *profile.Profile {
	sources, _, err := profile.Sources(t.std.profileDirs())
	if err != nil || len(t.words) == 0 {
		return nil
	}
	p, err := profile.Assemble(sources).ResolveBare(t.words[0], hostArch)
	if err != nil {
		return nil
	}
	return p
}

// ports are the profile's, behind the host's port as far as it is typed.
func (t typing) ports() []string {
	p := t.profile()
	if p == nil {
		return nil
	}
	var out []string
	for _, port := range p.Ports {
		if colon := strings.LastIndexByte(t.last, ':'); colon >= 0 {
			out = append(out, t.last[:colon+1]+port.Name)
		} else {
			out = append(out, fmt.Sprintf("%d:%s", port.Number, port.Name))
		}
	}
	return out
}

// variables are those that the profile sets or thinks worth knowing.
func (t typing) variables() []string {
	p := t.profile()
	if p == nil {
		return nil
	}
	out := container.Env.Keys(p.Stated)
	for _, k := range p.Knobs {
		if strings.ToUpper(k.Name) == k.Name && !strings.HasPrefix(k.Name, "-") {
			out = append(out, k.Name)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for i := range out {
		out[i] += "="
	}
	return out
}

// networks are the profile's and those of the runs that are there.
func (t typing) networks() []string {
	var out []string
	for _, k := range recorded(t.std) {
		if k.Network != "" {
			out = append(out, k.Network)
		}
	}
	if p := t.profile(); p != nil {
		names, _, _ := container.Network.Get(p.Stated)
		out = append(out, names...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// recorded are the runs that records tell of.
func recorded(std *stdio) []record.Known {
	l, err := offline(std, nil)
	if err != nil {
		return nil
	}
	return l.Dirs.Known()
}

// completeKnown lists the runs that records tell of, by name.
func completeKnown(std *stdio) []string {
	var out []string
	for _, k := range recorded(std) {
		out = append(out, k.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
