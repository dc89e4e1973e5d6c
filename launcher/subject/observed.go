package subject

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Observed is what a container of the engine really is, as far as the evidence
// within reach shows it.
type Observed struct {
	Name, ID, Image, ImageID string
	Profile, Launch          string // what its labels claim; "" nothing
	State                    string // created, running, exited …
	Time                     time.Time

	// Spec is the best evidence of every setting, and the facts controls ask for.
	// What no rung shows is not marked: nothing is assumed.
	Spec *container.Spec
	// Plan is what its launch record says was planned; nil without one.
	Plan     *container.Spec
	Drift    []container.Difference // plan against reality (ZL-002)
	Disagree []container.Difference // what a lower rung claims and a higher one refutes

	Notes []string
	Blind string // why the kernel's record is out of reach; "" it is not

	Processes int      // how many of its processes the kernel showed; 0 nobody could look
	Unread    []string // why not all of them could be read: then no wall is known to hold

	Engine   string // "podman 4.3.1 rootless"
	Identity string // "uid 1000 in the container = uid 1001 (you) on the host"

	// What [Auditor.Complete] adds for a record.
	Runtime, Kernel string
	Models          []ModelDigest

	otherModels string // a sentence: the models are not those of the launch; "" they are, or nobody held them

	record  *record.Record
	doubt   string   // why the record may not be what its launch wrote; "" it is
	claims  []string // labels of zlaunch's that the record does not bear out
	unasked []string // what runs and no setting can hold, such as a hook
	labels  map[string]string

	unreadable error // why there is a launch record and nobody can read it
	texts      *observe.Texts
	made       *container.Spec // what the command says that made it; nil: it is not known
	proof      *observe.Proof  // of Plan

	image *effective.Image // nil: the engine has it no more
}

// notes are what a report says of the observation as a whole.
func (o *Observed) notes() []string {
	out := slices.Clone(o.Notes)
	if o.Blind != "" {
		out = append(out, "no evidence of the kernel: "+o.Blind)
	}
	if o.Processes > 0 {
		out = append(out, fmt.Sprintf("judged by the worst of %d processes and of what the runtime was told to grant", o.Processes))
	}
	for _, why := range o.Unread {
		out = append(out, "not all processes could be read: "+why)
	}
	for _, d := range o.Disagree {
		out = append(out, fmt.Sprintf("%s: a lower rung claims %s, the %s shows %s", d.Path, observe.Told(d.Planned), d.Evidence, observe.Told(d.Got)))
	}
	return out
}

// settle lays the rungs over each other, each read in the words of the one below.
func (o *Observed) settle(t *observe.Texts, made, brought *container.Spec) error {
	words := wordsOf(made)
	for _, row := range []container.Row{container.DeviceNodeAt, container.HookAt} {
		row.Copy(words, brought)
	}
	rungs, notes, err := t.Read(words)
	if err != nil {
		return err
	}
	o.unasked = notes
	settled, disagree := observe.Settle(rungs.All()...)
	for _, d := range disagree {
		if slices.ContainsFunc(container.FactRows, func(r container.Row) bool { return r.Key() == d.Path.Key }) {
			continue // worked out of each rung by itself
		}
		o.Disagree = append(o.Disagree, d)
	}
	o.Spec = settled
	container.Explain(settled, brought)
	subMounts(settled, rungs)
	fromHost(settled)
	if made != nil {
		o.Spec, _ = observe.Settle(onlyMade(made), settled)
		complement(o.Spec, made)
		asMade(o.Spec, made)
	}
	limitsInForce(o.Spec, rungs.Kernel)
	return nil
}

// asMade gives the volumes that the command tells of its origin: what is not said
// of their labels and owners was not asked for.
func asMade(s, made *container.Spec) {
	for _, at := range container.VolumeAt.Keys(made) {
		_, said, _ := container.VolumeAt.Get(made, at)
		if v, m, ok := container.VolumeAt.Get(s, path.Clean("/"+at)); ok && len(m.Origin) == 0 {
			m.Origin = said.Origin
			container.VolumeAt.Set(s, path.Clean("/"+at), v, m)
		}
	}
}

// asWellKnown marks the facts that are worked out of other settings as they are
// known.
func asWellKnown(s *container.Spec) {
	env, ok := s.MarkOf(container.Path{Key: container.Env.Key()})
	if !ok {
		return
	}
	for _, row := range []container.Field[[]string]{container.Secrets, container.ProxySecrets, container.EnvNames, container.Injections, container.Fetches} {
		if v, m, ok := row.Get(s); ok {
			m.Evidence = env.Evidence
			row.Set(s, v, m)
		}
	}
}
