package plan

import (
	"cmp"
	"context"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model/store"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Engine is what a plan asks of an engine: nothing in it makes, starts or ends a
// container.
type Engine interface {
	Version() string
	URL() string
	Local() bool
	Private() bool
	Info(ctx context.Context) (*podman.Info, error)
	Image(ctx context.Context, ref string) (*effective.Image, error)
	LookupUser(ctx context.Context, img *effective.Image) (uid, gid int, home string, err error)
	SecretDriver(ctx context.Context, name string) (string, error)
	Volume(ctx context.Context, name string) (options map[string]string, exists bool, err error)
}

// Planner works out runs of the profiles of a catalogue on a host.
type Planner struct {
	Catalog    *profile.Catalog
	Host       *host.Facts
	Engine     Engine     // nil: what the image would tell is left open
	Containers Containers // of that engine; nil: what a run joins is not looked at
	Dirs       record.Dirs
	Version    string                     // of the program, for the labels
	Now        func() time.Time           // nil: time.Now
	Policy     func() (policy.Set, error) // read for each plan; nil: none
	Tell       func(string)               // a step worth a line of its own; nil: silence
	// Layers is how many bytes the layers of an image have, each counted once; nil: as the image
	// says, which has them again for each mapping of ids under which it was run.
	Layers func(context.Context, *effective.Image) int64

	early bool // what is not known yet breaks no check of the policy
}

func (pl *Planner) now() time.Time {
	if pl.Now != nil {
		return pl.Now()
	}
	return time.Now()
}

func (pl *Planner) tell(line string) {
	if pl.Tell != nil {
		pl.Tell(line)
	}
}

// away tells whether the engine runs on another host.
func (pl *Planner) away() bool { return pl.Engine != nil && !pl.Engine.Local() }

// Profile is what o runs, resolved for the architecture that it is planned for.
func (pl *Planner) Profile(o Options) (*profile.Profile, error) {
	resolve := pl.Catalog.Resolve
	if o.Image != "" {
		resolve = pl.Catalog.ResolveBare
	}
	return resolve(o.Profile, cmp.Or(o.Arch, pl.Host.Arch))
}

// Plan works out the run that o asks for. It creates nothing. An error means
// that there is no such run; what merely stands against it is in Problems.
func (pl *Planner) Plan(ctx context.Context, o Options) (*Plan, error) {
	if err := pl.Dirs.Trusted(); err != nil {
		return nil, err
	}
	p, err := pl.Profile(o)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Profile: p, Options: o, Stated: container.Clone(p.Stated)}
	dev := devicesOf(pl, plan)
	stages := []func(context.Context, *Plan) error{
		planNames,
		planOptions,
		planMember,
		planService,
		func(context.Context, *Plan) error { return accelerators{plan, dev.here, dev.registry}.choose() },
		pl.planImage, // who the workload is, on which depends what it can read
		pinService,
		func(_ context.Context, p *Plan) error { return planStored(p, store.In(pl.Dirs.Data)) },
		func(ctx context.Context, p *Plan) error { return data{p, pl.Host, pl.tell, pl.now}.bind(ctx) },
		func(context.Context, *Plan) error { dev.bring(); return nil },
		func(_ context.Context, p *Plan) error { return filter{p, pl.Host, pl.away(), pl.Dirs.Data}.state() },
		func(_ context.Context, p *Plan) error { return planWaivers(p, pl.now()) },
		func(_ context.Context, p *Plan) error { return planPolicy(pl, p) },
		func(_ context.Context, p *Plan) error { p.scanned = scannedOf(pl, p); return nil },
		pl.planLimits,
		pl.planEffective,
		pl.planProblems,
	}
	for _, stage := range stages {
		if err := stage(ctx, plan); err != nil {
			return nil, err
		}
	}
	return plan, nil
}
