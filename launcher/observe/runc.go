package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

// runcState is the part of runc's state.json that tells what it was really given
// (libcontainer/configs/config.go, runc 1.0 to 1.3). It has no arguments and no
// environment.
type runcState struct {
	ID     string `json:"id"`
	Config struct {
		ReadonlyFs      bool                     `json:"readonlyfs"`
		NoNewPrivileges bool                     `json:"no_new_privileges"`
		Capabilities    *specs.LinuxCapabilities `json:"capabilities"`
		MaskPaths       []string                 `json:"mask_paths"`
		ReadonlyPaths   []string                 `json:"readonly_paths"`
		Sysctl          map[string]string        `json:"sysctl"`
		Seccomp         *struct {
			DefaultAction int `json:"default_action"`
		} `json:"seccomp"`
		Hooks map[string][]json.RawMessage `json:"hooks"`
	} `json:"config"`
}

// runcAllow is the number of "allow" among runc's actions
// (libcontainer/configs/config.go).
const runcAllow = 4

// Runc reads the state that runc keeps of a container at [container.OCI]: what came
// to the runtime, whatever lies in the bundle now. notes are its hooks, and a filter
// that lets everything through.
func Runc(state []byte, in Context) (s *container.Spec, notes []string, err error) {
	if err := bounded("runc's state", len(state), maxConfig); err != nil {
		return nil, nil, err
	}
	var c runcState
	if err := json.NewDecoder(bytes.NewReader(state)).Decode(&c); err != nil {
		return nil, nil, fmt.Errorf("reading runc's state: %w", err)
	}
	if c.ID != in.ID {
		return nil, nil, fmt.Errorf("reading runc's state: it is of another container")
	}
	s, mark := &container.Spec{}, seen(container.OCI)
	container.ReadOnly.Set(s, c.Config.ReadonlyFs, mark)
	container.NoNewPrivileges.Set(s, c.Config.NoNewPrivileges, mark)
	container.Capabilities.Set(s, capabilities(c.Config.Capabilities), mark)
	fillMasks(s, &specs.Linux{MaskedPaths: c.Config.MaskPaths, ReadonlyPaths: c.Config.ReadonlyPaths}, &in)
	fillSysctl(s, c.Config.Sysctl, &in)
	switch {
	case c.Config.Seccomp == nil:
		container.SeccompFilter.Set(s, seccomp.None, mark)
	case c.Config.Seccomp.DefaultAction == runcAllow:
		notes = append(notes, "the runtime was given a seccomp filter that allows by default")
	}
	for stage, hooks := range c.Config.Hooks {
		for i, h := range hooks {
			notes = append(notes, runcHook(s, container.HookKey(stage, i+1), h, &in)...)
		}
	}
	slices.Sort(notes)
	return s, slices.Compact(notes), nil
}

// runcHook reads one hook. Its timeout is that of the configuration, in another unit.
func runcHook(s *container.Spec, key string, text json.RawMessage, in *Context) (notes []string) {
	var hook struct {
		Path      string
		Args, Env []string
	}
	_ = json.Unmarshal(text, &hook) // whatever it is, it is one
	want, _ := plannedAt(in, container.HookAt, key)
	return setHook(s, key, container.Hook{Path: hook.Path, Args: hook.Args, Env: hook.Env, Timeout: want.Timeout}, in)
}
