package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/service"
	"github.com/zlaunch/zlaunch/launcher/systemd"
)

// serving is a command about services, and what it works with.
type serving struct {
	*stdio
	l     *launcher.Launcher
	store *service.Store
}

// serviceCommand opens what a command about services works with. The caller calls done.
func serviceCommand(ctx context.Context, s *stdio, load loader) (sv *serving, done func(), err error) {
	l, done, err := s.launcher(ctx, engineOptions{}, load)
	if err != nil {
		return nil, nil, err
	}
	sv = &serving{s, l, serviceStore(s, l)}
	return sv, done, nil
}

// serviceStore is where the services are that zlaunch installed for this user.
func serviceStore(s *stdio, l *launcher.Launcher) *service.Store {
	return &service.Store{Records: service.Records{Dirs: l.Dirs}, Units: service.Units(filepath.Join(l.Host.ConfigHome, "containers/systemd")), Manager: systemd.User{}, Keeper: kept{l}, Tell: s.progress.tell}
}

// dropins is the first Podman whose generator reads drop-ins of its units (release notes
// of 5.0).
var dropins = engine.Version{Major: 5}

// able refuses to install or change a service where units would not be run as they are written.
func (sv *serving) able(ctx context.Context, name string) error {
	version := sv.l.Engine.Version()
	if v, ok := engine.ParseVersion(version); !ok || v.Before(dropins) {
		next := "zlaunch run -d, which needs no unit"
		if f, _ := export.Find("quadlet"); f.Here(version) != "" {
			next += "; or a unit without the gate, to put there yourself: zlaunch export --to quadlet"
		}
		return hint.Errorf(next,
			"serving %s: Podman %s cannot run it: its units have drop-ins, which Podman reads since 5.0", name, version)
	}
	if !sv.l.Engine.Local() {
		return hint.Errorf("zlaunch, on that host", "serving %s: the engine is on another host, and so is its service manager", name)
	}
	env, err := systemd.User{}.Environment(ctx)
	if err != nil {
		return err
	}
	return sameSurroundings(sv.lookup, env)
}

// leading are the variables by which zlaunch and Podman find their files, and what they are
// below the home where nobody sets them: a service gets those of its manager.
var leading = []struct{ name, unset string }{
	{"XDG_CONFIG_HOME", ".config"}, {"XDG_STATE_HOME", ".local/state"}, {"XDG_DATA_HOME", ".local/share"},
	{"CONTAINERS_CONF", ""}, {"CONTAINERS_STORAGE_CONF", ""}, {"CONTAINERS_CONF_OVERRIDE", ""},
}

// sameSurroundings refuses where services would look for their files elsewhere than this command.
func sameSurroundings(lookup func(string) (string, bool), manager map[string]string) error {
	for _, v := range leading {
		mine, _ := lookup(v.name)
		theirs := manager[v.name]
		if v.unset != "" {
			home, _ := lookup("HOME")
			mine, theirs = cmp.Or(mine, filepath.Join(home, v.unset)), cmp.Or(theirs, filepath.Join(home, v.unset))
		}
		switch {
		case mine == theirs:
		case manager[v.name] == "":
			return hint.Errorf("unset "+v.name+"; or for good: a line "+v.name+"="+mine+" in ~/.config/environment.d/zlaunch.conf, and log in again",
				"looking after services: %s is set here, and not for them: they would look elsewhere", v.name)
		default:
			return hint.Errorf("export "+v.name+"="+theirs+"; or systemctl --user unset-environment "+v.name,
				"looking after services: %s is %q for them, and %q here: they would look elsewhere", v.name, theirs, mine)
		}
	}
	return nil
}

// units writes the unit files of a plan that is to be the version v.
func (sv *serving) units(p *launcher.Plan, v *service.Version, allow []string, program string) ([]service.File, error) {
	r := sv.l.Form(p)
	r.Name = p.Options.Service
	doc, err := quadletOf(r, sv.l.Engine.Version(), allow)
	if err != nil {
		return nil, err
	}
	gate, err := service.Gate(r.Name, program, v.Within, trusts(sv.l.Engine.Version()))
	if err != nil {
		return nil, err
	}
	return service.NewFiles(doc, gate), nil
}

// quadletOf writes a run as a unit for the newest target that a release of Podman reads.
func quadletOf(r form.Run, version string, allow []string) (*form.Document, error) {
	f, ok := export.Find("quadlet")
	if !ok {
		return nil, errors.New("writing units: this zlaunch has no form for them")
	}
	return export.Write(f, r, export.Options{Target: f.Here(version), Allow: allow})
}

// trusts says in a unit what the gate cannot hold: what Podman itself does before there is
// a container to look at.
func trusts(version string) []string {
	out := []string{
		"Once the container runs, zlaunch holds the kernel's record of it against the plan, and stops the",
		"service where they differ. The moments before, its workload runs unproved: podman run starts it at once.",
	}
	for _, a := range engine.Of(version) {
		if a.ID == "CVE-2026-94603" {
			out = append(out, fmt.Sprintf("Podman %s falls for %s: %s.", version, a.ID, a.Does),
				"The image was looked at and has no such annotation; it is named by digest, and never pulled.")
		}
	}
	return out
}

// kept keeps images and removes networks by podman's command line.
type kept struct{ l *launcher.Launcher }

func (k kept) Keep(ctx context.Context, imageID, tag string) error {
	return k.podman(ctx, "", "tag", imageID, tag)
}

func (k kept) LetGo(ctx context.Context, tag string) error {
	return k.podman(ctx, "image not known", "untag", tag, tag)
}

func (k kept) RemoveNetwork(ctx context.Context, name string) error {
	return k.podman(ctx, "network not found", "network", "rm", name)
}

// podman runs a command; what it says is no error where it says that there is nothing left
// to do.
func (k kept) podman(ctx context.Context, fine string, args ...string) error {
	out, err := k.l.Engine.CLI(ctx, args...).CombinedOutput()
	said := strings.Join(strings.Fields(string(out)), " ")
	switch {
	case err == nil, fine != "" && strings.Contains(said, fine):
		return nil
	case errors.As(err, new(*exec.ExitError)):
		return fmt.Errorf("podman %s: %s", args[0], said)
	}
	return err
}

// running is a service and what systemd says of its unit.
type running struct {
	*service.Service
	state  systemd.State
	listed bool // with its container
}

func (r *running) image() string {
	if r.Now == nil {
		return ""
	}
	return r.Now.Image
}

// servicesOf are the services of this user by name. One whose record cannot be read is
// named; where systemd does not answer, the state is not known.
func servicesOf(ctx context.Context, std *stdio, l *launcher.Launcher) map[string]*running {
	out := map[string]*running{}
	store := serviceStore(std, l)
	for _, name := range store.Names() {
		s, err := store.Load(name)
		if err != nil {
			std.note("%v", err)
			continue
		}
		state, err := systemd.User{}.State(ctx, s.Unit())
		if err != nil {
			state = systemd.State{Load: "unknown", Active: "unknown"}
		}
		out[name] = &running{Service: s, state: state}
	}
	return out
}

// completeServices lists the services.
func completeServices(std *stdio, _ []string) []string {
	l, err := offline(std, (*profile.Catalog)(nil))
	if err != nil {
		return nil
	}
	return serviceStore(std, l).Names()
}
