package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/service"
)

var cmdProve = &command{
	usage: "prove [OPTION]... NAME",
	short: "hold the container of a service against its plan, or stop it",
	long: `Reads what inspect, the OCI configuration and the kernel show of the container of the service NAME, and holds it against the plan that the service was installed or upgraded with, as zlaunch-diff(1) does. Where anything differs, or not all evidence is in reach, the container is removed, and the status is not 0: the unit of every service runs this once its container has started (ExecStartPost=), and its start then fails. What differs is in the journal.

With --ready it waits then until the service answers.`,
	example:  []string{"zlaunch prove triton"},
	complete: completeServices,
	bind: func(fs *pflag.FlagSet) runFunc {
		ready := fs.Bool("ready", false, "wait until it serves")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.count(1, 1); err != nil {
				return err
			}
			sv, done, err := serviceCommand(ctx, std, nil)
			if err != nil {
				return err
			}
			defer done()
			return sv.told(ctx, args.words[0], sv.prove(ctx, args.words[0], *ready))
		}
	},
}

// told keeps why a start fails: the journal may be root's.
func (sv *serving) told(ctx context.Context, name string, err error) error {
	if service.CheckName(name) != nil || errors.Is(err, service.ErrNone) || ctx.Err() != nil {
		return err
	}
	why := ""
	if err != nil {
		why = err.Error()
	}
	return errors.Join(err, sv.store.Fault(name, why))
}

func (sv *serving) prove(ctx context.Context, name string, ready bool) error {
	s, err := sv.store.Load(name)
	if err != nil {
		return err
	}
	c, err := sv.l.Engine.Containers.Inspect(ctx, name)
	if err != nil {
		return ended(name, err)
	}
	v := s.Of(c.Labels[plan.LabelLaunch])
	if v == nil && c.Labels[plan.LabelUnit] != s.Unit() {
		return &statusError{exitFindings, hint.Errorf("podman inspect "+name, "proving %s: the container of that name is not of its unit, and stays: label %s is %q", name, plan.LabelUnit, c.Labels[plan.LabelUnit])}
	}
	if v == nil {
		err = &statusError{exitFindings, hint.Errorf("zlaunch uninstall --force "+name+", and install it anew", "proving %s: its container is of no plan of it: the label %s says %q", name, plan.LabelLaunch, c.Labels[plan.LabelLaunch])}
	} else {
		err = sv.held(ctx, c, v)
	}
	if err != nil {
		gone := sv.l.Engine.Containers.Remove(context.WithoutCancel(ctx), c.ID, podman.RemoveOptions{Force: true, Volumes: true})
		if errors.Is(gone, podman.ErrNoContainer) {
			gone = nil
		}
		return errors.Join(ended(name, err), gone)
	}
	if !ready || v.Ready == "" {
		return nil
	}
	begun := time.Now()
	if err := sv.l.Services().Serves(ctx, c.ID, v.Ready, v.Within); err != nil {
		return err
	}
	sv.note("%s serves at %s after %s", name, v.URL, time.Since(begun).Round(100*time.Millisecond))
	return nil
}

// ended is an error of looking at a container, told of one whose workload ended meanwhile, or
// that no start made: systemd's units leave none of those.
func ended(name string, err error) error {
	if !errors.Is(err, podman.ErrNoContainer) {
		return err
	}
	return hint.Errorf("zlaunch logs "+name+"; systemctl --user start "+name, "proving %s: there is no container of it: its workload has ended, or it was not started", name)
}

// held holds a container against the plan of a version. The launch record of that is from
// here on the record of this container.
func (sv *serving) held(ctx context.Context, c *podman.Container, v *service.Version) error {
	rec, err := sv.l.Dirs.Load(v.Launch)
	if err != nil {
		return err
	}
	if c.ImageID != v.ImageID {
		return &statusError{exitFindings, fmt.Errorf("proving %s: its image is %.12s, and %.12s was planned", c.Name, c.ImageID, v.ImageID)}
	}
	rec.ID, rec.Time = c.ID, time.Now().UTC()
	if err := sv.l.Dirs.Save(rec); err != nil {
		return err
	}
	a, err := sv.l.Audits().Container(ctx, c.ID)
	if err != nil {
		return err
	}
	h, err := a.Held()
	if err != nil {
		return err
	}
	return sv.judge(rec, h, heldReport(a, h))
}

// judge lets pass what is as planned in all that could be seen, and nothing else.
func (sv *serving) judge(rec *launcher.Record, h *launcher.Held, told report.Held) error {
	if !told.AsPlanned() {
		if told.Same() {
			return &statusError{exitOpen, fmt.Errorf("proving %s: not all evidence is in reach: %s", rec.Name, strings.Join(h.Open, "; "))}
		}
		return &statusError{exitFindings, &launch.MismatchError{Profile: rec.Name, Differences: h.Drift, Notes: h.Also, Started: true}}
	}
	sv.note("%s is as planned: %d settings proved", rec.Name, len(h.Proof))
	rec.Proof, rec.Unproved = h.Proof, h.Unproved
	return sv.l.Dirs.Save(rec)
}
