package preflight

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// trees passes on what package model found.
func trees(s Subject) []audit.Problem {
	var out []audit.Problem
	for _, t := range s.Trees {
		for _, p := range t.Problems {
			p.Setting = t.setting()
			out = append(out, p)
		}
	}
	return out
}

func (t Tree) setting() container.Path {
	return container.Path{Key: container.VolumeAt.Key(), Elem: t.Target}
}

// relabel judges whether SELinux labels can be set where they are missing. It
// also announces a relabel, with its count.
func relabel(s Subject) []audit.Problem {
	if !s.local() || !s.Host.SELinux.Enabled {
		return nil
	}
	var out []audit.Problem
	for _, t := range s.Trees {
		if t.Result == nil || t.Result.Unlabelled == 0 {
			continue
		}
		if v, _, ok := container.VolumeAt.Get(s.Plan, t.Target); ok && v.Relabel == "" {
			continue
		}
		out = append(out, t.relabel())
	}
	return out
}

func (t Tree) relabel() audit.Problem {
	r := t.Result
	path := model.Quote(r.Path)
	switch {
	case t.Disk.FSType != "" && !t.Disk.Labels():
		return audit.Problem{Control: audit.VolumesLabelled.ID, Setting: t.setting(), Fatal: true,
			Message: fmt.Sprintf("%q lies on %s, where files have no SELinux labels of their own, and containers may not read it", r.Path, t.Disk.FSType),
			Hint:    "copy the models to a local disk, or mount it with -o context=system_u:object_r:container_file_t:s0"}
	case r.Foreign > 0:
		return audit.Problem{Control: audit.NoHarmfulRelabel.ID, Setting: t.setting(), Fatal: true,
			Message: fmt.Sprintf("%d entries of %q need an SELinux label, and %d are not yours to relabel", r.Unlabelled, r.Path, r.Foreign),
			Hint:    fmt.Sprintf("as root, once for all users: semanage fcontext -a -t container_ro_file_t %s && restorecon -R %s", model.Quote(r.Path+"(/.*)?"), path)}
	}
	return audit.Problem{Control: audit.VolumesLabelled.ID, Setting: t.setting(),
		Message: fmt.Sprintf("%d entries of %q get the SELinux label container_file_t, once", r.Unlabelled, r.Path), Hint: "ls -Zd " + path}
}
