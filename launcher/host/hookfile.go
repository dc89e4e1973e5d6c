package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// when holds the conditions of a hook, compiled.
type when struct {
	always      *bool
	binds       *bool
	annotations [][2]*regexp.Regexp // key, value
	commands    []*regexp.Regexp
	or          bool // schema 0.1.0: one condition is enough
	broken      bool // could not be read: taken to apply
}

// match follows common/pkg/hooks/1.0.0, When.Match. The order of annotations
// does not matter to its result.
func (w when) match(r Run) bool {
	if w.broken {
		return true
	}
	conditions := w.conditions(r)
	if w.or {
		if slices.Contains(conditions, true) {
			return true
		}
	} else if slices.Contains(conditions, false) {
		return false
	}
	if len(w.commands) > 0 {
		return r.Command == "" || slices.ContainsFunc(w.commands, func(c *regexp.Regexp) bool { return c.MatchString(r.Command) })
	}
	return !w.or && len(conditions) > 0
}

func (w when) conditions(r Run) []bool {
	var out []bool
	if w.always != nil {
		out = append(out, *w.always)
	}
	if w.binds != nil {
		out = append(out, *w.binds && r.Binds)
	}
	for _, a := range w.annotations {
		found := false
		for k, v := range r.Annotations {
			found = found || a[0].MatchString(k) && a[1].MatchString(v)
		}
		out = append(out, found)
	}
	return out
}

var hookStages = []string{"createContainer", "createRuntime", "prestart", "poststart", "poststop", "startContainer", "precreate"}

// ParseHook reads a hook file of schema 1.0.0 or 0.1.0, see oci-hooks(5). A hook
// returned with an error applies to everything.
func ParseHook(b []byte) (Hook, error) {
	broken := Hook{when: when{broken: true}}
	var v struct{ Version string }
	if err := json.Unmarshal(b, &v); err != nil {
		return broken, err
	}
	var h Hook
	var err error
	switch v.Version {
	case "1.0.0":
		h, err = parseHook1(b)
	case "0.1.0", "":
		h, err = parseHook0(b)
	default:
		err = fmt.Errorf("unrecognized hook version %q", v.Version)
	}
	if err == nil {
		err = h.validate()
	}
	if err != nil {
		return broken, err
	}
	return h, nil
}

func (h Hook) validate() error {
	if h.Path == "" {
		return errors.New("missing required property: hook.path")
	}
	if h.Stages == nil {
		return errors.New("missing required property: stages")
	}
	for _, s := range h.Stages {
		if !slices.Contains(hookStages, s) {
			return fmt.Errorf("unknown stage %q", s)
		}
	}
	return nil
}

func parseHook1(b []byte) (Hook, error) {
	var raw struct {
		Hook struct {
			Path string
			Args []string
		}
		When struct {
			Always        *bool
			Annotations   map[string]string
			Commands      []string
			HasBindMounts *bool
		}
		Stages []string
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return Hook{}, err
	}
	h := Hook{Path: raw.Hook.Path, Args: raw.Hook.Args, Stages: raw.Stages}
	h.when = when{always: raw.When.Always, binds: raw.When.HasBindMounts}
	return h, h.when.compile(raw.When.Annotations, raw.When.Commands)
}

func parseHook0(b []byte) (Hook, error) {
	var raw struct {
		Hook                    string
		Arguments               []string
		Stages, Stage           []string
		Cmds, Cmd               []string
		Annotations, Annotation []string
		HasBindMounts           *bool
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return Hook{}, err
	}
	h := Hook{Path: raw.Hook, Stages: either(raw.Stages, raw.Stage)}
	if raw.Arguments != nil {
		h.Args = append([]string{raw.Hook}, raw.Arguments...)
	}
	h.when = when{binds: raw.HasBindMounts, or: true}
	var annotations map[string]string
	if values := either(raw.Annotations, raw.Annotation); values != nil {
		annotations = map[string]string{".*": strings.Join(values, "|")}
	}
	return h, h.when.compile(annotations, either(raw.Cmds, raw.Cmd))
}

func either(a, b []string) []string {
	if a != nil {
		return a
	}
	return b
}

func (w *when) compile(annotations map[string]string, commands []string) error {
	for key, value := range annotations {
		k, err := regexp.Compile(key)
		if err != nil {
			return err
		}
		v, err := regexp.Compile(value)
		if err != nil {
			return err
		}
		w.annotations = append(w.annotations, [2]*regexp.Regexp{k, v})
	}
	for _, command := range commands {
		c, err := regexp.Compile(command)
		if err != nil {
			return err
		}
		w.commands = append(w.commands, c)
	}
	return nil
}
