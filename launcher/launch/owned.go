package launch

import (
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// owner tells of the containers of an engine which are zlaunch's.
type owner struct {
	dirs    record.Dirs
	claimed map[string]bool // by id
}

// ownership reads what is claimed. A claim that cannot be read claims nothing.
func ownership(dirs record.Dirs) owner {
	o := owner{dirs, map[string]bool{}}
	list, _ := dirs.Claims().All(claim.Container) // Reap tells of what cannot be read
	for _, c := range list {
		if c.ID != "" {
			o.claimed[c.ID] = true
		}
	}
	return o
}

// has tells whether a container is zlaunch's: its id stands in a claim or in a
// launch record, which it has here if it has one. Its label says which record to
// look into, and proves nothing.
func (o owner) has(c podman.Listed) (*record.Record, bool) {
	rec, err := o.dirs.Load(c.Labels[plan.LabelLaunch])
	if err != nil || rec.ID != c.ID {
		return nil, o.claimed[c.ID]
	}
	return rec, true
}
