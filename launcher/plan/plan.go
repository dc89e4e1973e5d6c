// Package plan works out runs: what is sent to the engine, what it will make of that,
// and what stands against it. It creates nothing, and sees the engine through an
// interface that has nothing to create with.
package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/preflight"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Labels of everything zlaunch creates. They are claims; the launch record is
// the reference.
const (
	LabelProfile = "io.zlaunch.profile"
	LabelPlan    = "io.zlaunch.plan"    // hash of the stated spec
	LabelVersion = "io.zlaunch.version" // of the program
	LabelLaunch  = claim.LaunchLabel    // of the launch that made it: where to look for claim and record
)

// Plan is a run worked out and not yet begun.
type Plan struct {
	Profile   *profile.Profile
	Options   Options
	Stated    *container.Spec // what is sent to the engine and printed as a podman line
	Effective *container.Spec // what the engine will make of it: what the proof compares
	Image     *effective.Image
	Networks  []Network // the named networks that the run needs
	Open      []string  // sentences: what is not known before the image is here
	Waivers   []audit.Waiver
	Problems  []audit.Problem     // what stands against the run, waived ones included
	Seccomp   []byte              // the profile the filter is resolved from; nil: not known here
	Models    *model.Result       // nil: no models
	Dropped   []container.Setting // limits taken out under a waiver, since they would not hold
	Hash      string

	weak    []string // calls the resolved filter lets through that no default does
	Filter  string   // digest of Seccomp resolved for this host
	trees   []preflight.Tree
	MakeDir string // an output directory yet to be made

	ownSeccomp string // where the embedded profile is to be written; "" it is not asked for

	devices []cdi.Part      // what the run's devices bring, as far as it is known
	against []audit.Problem // what stands against that

	policy  policy.Set
	scanned policy.Scanned
	permits []audit.Waiver // those of the policy that hold
	idle    []string       // what is said of waivers that permit nothing

	backing map[string]map[string]string // by volume: what its driver mounts, as the engine keeps it
	Sources map[string]model.Inode       // what was judged of each bind, by target
	Print   *model.Print                 // of models that are held against a digest or a signature

	stored     *stored     // models of the store; nil: they are at a path
	modelsHeld bool        // the models are what was asked for, or nothing was asked
	signed     *oms.Signed // who signed the models; nil: nobody was asked for
}

// OwnNetwork is the network of a run that has one of its own; "" it needs none.
func OwnNetwork(p *Plan) string {
	if len(p.Networks) == 0 {
		return ""
	}
	return p.Networks[0].Name
}

// Clone is a plan whose settings can be changed without those of p.
func (p *Plan) Clone() *Plan {
	c := *p
	c.Stated, c.Effective, c.Sources = container.Clone(p.Stated), container.Clone(p.Effective), maps.Clone(p.Sources)
	return &c
}

// planNames gives the run its name, its network and its time-to-live.
func planNames(_ context.Context, p *Plan) error {
	s, name := p.Stated, p.Profile.Name
	from := func(key string) container.Mark {
		return container.From(container.Origin{Layer: container.LayerDerived, Key: key})
	}
	container.Name.Set(s, "zlaunch-"+name, from("from the profile's name"))
	if _, _, ok := container.Network.Get(s); !ok {
		network, why := "zlaunch-"+name, "from the profile's name"
		if p.Profile.Kind == "job" {
			network, why = "none", "a job needs no network"
		}
		container.Network.Set(s, []string{network}, from(why))
	}
	if _, _, ok := container.Rm.Get(s); !ok {
		container.Rm.Set(s, !p.Options.Detach, from("attached runs leave no container"))
	}
	return nil
}

func planOptions(_ context.Context, p *Plan) error {
	if err := applyOptions(p.Stated, p.Profile, p.Options); err != nil {
		return err
	}
	for _, pr := range preflight.Sizes(p.Stated) {
		p.add(pr)
	}
	nets, _, _ := container.Network.Get(p.Stated)
	if len(nets) == 1 && !ReservedNetwork(nets[0]) {
		p.Networks = []Network{{Name: nets[0]}}
	}
	return nil
}

// ReservedNetwork tells the modes of podman-run --network from names.
func ReservedNetwork(n string) bool {
	mode, _, _ := strings.Cut(n, ":")
	return slices.Contains([]string{"", "none", "host", "bridge", "private", "default", "pasta", "slirp4netns", "container", "ns"}, mode)
}

// planImage asks the engine for the image and derives the identity from it.
func (pl *Planner) planImage(ctx context.Context, p *Plan) error {
	ref, _, ok := container.Image.Get(p.Stated)
	if !ok || ref == "" {
		return hint.Errorf("give one with --image", "planning %s: the profile names no image", p.Profile.Name)
	}
	if pl.Engine != nil {
		img, err := pl.Engine.Image(ctx, ref)
		if err != nil && !errors.Is(err, podman.ErrNoImage) {
			return err
		}
		p.Image = img
	}
	planSteers(p)
	if pl.Engine != nil {
		stateWorkdir(p, pl.Engine.Version())
	}
	if err := planUser(ctx, pl.Engine, p); err != nil {
		return err
	}
	planUserns(p.Stated)
	if p.Image == nil {
		p.Open = append(p.Open, "entrypoint, environment and working directory stand in the image, which is not here: "+toGet(p))
	}
	return nil
}

// planEffective derives what the engine will make of the stated spec, labels
// the run with the plan's hash, and derives again.
func (pl *Planner) planEffective(_ context.Context, p *Plan) error {
	p.Hash = hashOf(p.Stated)
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(p.Stated, LabelProfile, p.Profile.Name, from)
	container.Labels.Set(p.Stated, LabelPlan, p.Hash, from)
	container.Labels.Set(p.Stated, LabelVersion, pl.Version, from)
	p.Effective = effectiveOf(pl, p)
	digest, err := filterOf(p)
	if err != nil {
		return err
	}
	p.Filter = digest
	p.Effective = effectiveOf(pl, p)
	return podmanrun.Check(p.Stated)
}

// hashOf names a stated spec: the same settings give the same hash. Redacted
// values are not part of it.
func hashOf(s *container.Spec) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, set := range container.Settings(s) {
		_ = enc.Encode(set) // a hash does not fail, and settings are plain data
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
