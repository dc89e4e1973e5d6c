package launcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/claim"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/podman"
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
	Network   string   // a named network the run needs; "" none
	Open      []string // sentences: what is not known before the image is here
	Waivers   []audit.Waiver
	Problems  []Problem           // what stands against the run, waived ones included
	Seccomp   []byte              // the profile the filter is resolved from; nil: not known here
	Models    *model.Result       // nil: no models
	Dropped   []container.Setting // limits taken out under a waiver, since they would not hold
	Hash      string

	weak    []string // calls the resolved filter lets through that no default does
	filter  string   // digest of Seccomp resolved for this host
	trees   []preflight.Tree
	makeDir string // an output directory yet to be made

	backing map[string]map[string]string // by volume: what its driver mounts, as the engine keeps it
	sources map[string]model.Inode       // what was judged of each bind, by target
	print   *model.Print                 // of models that have a digest
}

// Problem is something that stands against a run.
type Problem struct {
	Control string         `json:"control,omitempty"` // "ZL-104"; empty: no waiver can permit it
	Setting container.Path `json:"setting"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
	Fatal   bool           `json:"fatal"`
	Waiver  *audit.Waiver  `json:"waiver,omitempty"`

	judged bool // found by the catalogue, and not by preflight
	grave  bool // graded critical, which no waiver here permits, whatever its control is
}

// Refusal returns the first problem that stops the run as an error that lists
// all such, or nil.
func (p *Plan) Refusal() error {
	var stop []Problem
	for _, pr := range p.Problems {
		if pr.Fatal && pr.Waiver == nil {
			stop = append(stop, pr)
		}
	}
	if len(stop) == 0 {
		return nil
	}
	var lines []string
	for _, pr := range stop {
		lines = append(lines, strings.TrimPrefix(pr.Control+": "+pr.Message, ": "))
	}
	hints := make([]string, 0, len(stop))
	for _, pr := range stop {
		if pr.Hint != "" && !slices.Contains(hints, pr.Hint) {
			hints = append(hints, pr.Hint)
		}
	}
	return hint.Wrap(&RefusedError{p.Profile.Name, lines}, strings.Join(hints, "\n"))
}

// RefusedError is a run that was refused before anything was created.
type RefusedError struct {
	Profile string
	Reasons []string
}

func (e *RefusedError) Error() string {
	if len(e.Reasons) == 1 {
		return fmt.Sprintf("running %s is refused: %s", e.Profile, e.Reasons[0])
	}
	return fmt.Sprintf("running %s is refused:\n  %s", e.Profile, strings.Join(e.Reasons, "\n  "))
}

// Plan works out the run that o asks for. It creates nothing. An error means
// that there is no such run; what merely stands against it is in Problems.
func (l *Launcher) Plan(ctx context.Context, o Options) (*Plan, error) {
	if err := l.Dirs.Trusted(); err != nil {
		return nil, err
	}
	arch := o.Arch
	if arch == "" {
		arch = l.Host.Arch
	}
	resolve := l.Catalog.Resolve
	if o.Image != "" {
		resolve = l.Catalog.ResolveBare
	}
	p, err := resolve(o.Profile, arch)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Profile: p, Options: o, Stated: container.Clone(p.Stated)}
	stages := []func(context.Context, *Plan) error{
		l.planNames, l.planData, l.planOptions, l.planImage, l.planSeccomp, l.planWaivers, l.planLimits, l.planEffective, l.planProblems,
	}
	for _, stage := range stages {
		if err := stage(ctx, plan); err != nil {
			return nil, err
		}
	}
	return plan, nil
}

// planNames gives the run its name, its network and its time-to-live.
func (l *Launcher) planNames(_ context.Context, p *Plan) error {
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

func (l *Launcher) planOptions(_ context.Context, p *Plan) error {
	if err := applyOptions(p.Stated, p.Profile, p.Options); err != nil {
		return err
	}
	nets, _, _ := container.Network.Get(p.Stated)
	if len(nets) == 1 && !reservedNetwork(nets[0]) {
		p.Network = nets[0]
	}
	return nil
}

// reservedNetwork tells the modes of podman-run --network from names.
func reservedNetwork(n string) bool {
	mode, _, _ := strings.Cut(n, ":")
	return slices.Contains([]string{"", "none", "host", "bridge", "private", "default", "pasta", "slirp4netns", "container", "ns"}, mode)
}

// planImage asks the engine for the image and derives the identity from it.
func (l *Launcher) planImage(ctx context.Context, p *Plan) error {
	ref, _, ok := container.Image.Get(p.Stated)
	if !ok || ref == "" {
		return hint.Errorf("give one with --image", "planning %s: the profile names no image", p.Profile.Name)
	}
	if l.Engine != nil {
		img, err := l.Engine.Image(ctx, ref)
		if err != nil && !errors.Is(err, podman.ErrNoImage) {
			return err
		}
		p.Image = img
	}
	l.planSteers(p)
	if err := l.planUser(ctx, p); err != nil {
		return err
	}
	planUserns(p.Stated)
	if p.Image == nil {
		p.Open = append(p.Open, "entrypoint, environment and working directory stand in the image, which is not here: zlaunch pull "+p.Profile.Name)
	}
	return nil
}

// planEffective derives what the engine will make of the stated spec, labels
// the run with the plan's hash, and derives again.
func (l *Launcher) planEffective(_ context.Context, p *Plan) error {
	p.Hash = hashOf(p.Stated)
	from := container.From(container.Origin{Layer: container.LayerDerived, Key: "zlaunch"})
	container.Labels.Set(p.Stated, LabelProfile, p.Profile.Name, from)
	container.Labels.Set(p.Stated, LabelPlan, p.Hash, from)
	container.Labels.Set(p.Stated, LabelVersion, l.Version, from)
	p.Effective = effective.Of(p.Stated, l.defaults(p))
	filter, err := l.filterOf(p)
	if err != nil {
		return err
	}
	p.filter = filter
	p.Effective = effective.Of(p.Stated, l.defaults(p))
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
