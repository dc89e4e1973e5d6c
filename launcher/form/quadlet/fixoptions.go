package quadlet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// options are the changed settings as options of podman run.
func (f *fixer) options() ([]command.Option, error) {
	out, err := command.Write(f.part(), "podman")
	if err != nil {
		return nil, hint.Wrap(fmt.Errorf("mending %s: %w", shown(f.r.Subject), err), hint.Of(err))
	}
	for _, t := range f.filledVolumes() {
		v := f.mended.Volume[t]
		if v.Backed() {
			return nil, hint.Errorf("change it by hand", "mending %s: no option says the volume at %s", shown(f.r.Subject), clipped(t))
		}
		_, options, _ := strings.Cut(v.String()[len(v.Source):], " ")
		if v.Overlay { // takes no other options
			options = "O"
		}
		out = append(out, command.Option{Name: "volume", Value: v.Source + ":" + t + ":" + options, Open: true})
	}
	return out, nil
}

// filledVolumes are the changed volumes whose source systemd fills in.
func (f *fixer) filledVolumes() []string {
	return slices.DeleteFunc(container.VolumeAt.Keys(f.mended), func(t string) bool {
		return !f.mended.Volume[t].Open || !f.changed[container.Path{Key: container.VolumeAt.Key(), Elem: t}]
	})
}

// part is a spec with nothing but the changed settings.
func (f *fixer) part() *container.Spec {
	s := &container.Spec{}
	for _, row := range fixable() {
		if row.Key() != container.Restart.Key() && f.touches(row) && len(values(row, f.mended)) > 0 {
			row.Copy(s, f.mended)
		}
	}
	for _, t := range f.filledVolumes() {
		container.VolumeAt.Delete(s, t)
	}
	prune(f, s, container.Env)
	prune(f, s, container.SecretOf)
	prune(f, s, container.TmpfsAt)
	prune(f, s, container.VolumeAt)
	prune(f, s, container.Publish)
	prune(f, s, container.Sysctl)
	prune(f, s, container.UlimitOf)
	prune(f, s, container.LogOpt)
	prune(f, s, container.Labels)
	prune(f, s, container.Annotation)
	return s
}

func (f *fixer) touches(row container.Row) bool {
	for p := range f.changed {
		if p.Key == row.Key() {
			return true
		}
	}
	return false
}

// prune leaves the changed elements of a collection.
func prune[T any](f *fixer, s *container.Spec, row container.Map[T]) {
	for _, k := range row.Keys(s) {
		if !f.changed[container.Path{Key: row.Key(), Elem: k}] {
			row.Delete(s, k)
		}
	}
}
