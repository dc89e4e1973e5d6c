// Package launcher turns a named profile into a hardened rootless Podman run
// and proves that what runs is what was planned.
//
// A program opens a [Launcher], asks it for a [Plan], and launches that:
//
//	l, err := launcher.Open(ctx)
//	plan, err := l.Plan(ctx, launcher.Options{Profile: "triton", Models: "./m", Detach: true})
//	run, err := l.Launch(ctx, plan)
//
// or, to judge any container of the engine:
//
//	a, err := l.Audits().Container(ctx, "triton")
//
// Plan creates nothing. Launch creates the container, has the runtime set it up
// without running the workload, holds the OCI configuration and the kernel's record
// against the plan, and only then starts it; whatever goes wrong before that leaves
// nothing behind.
//
// The rooms behind this door are launcher/record, launcher/plan, launcher/launch and
// launcher/subject.
package launcher

import (
	"context"
	"time"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// Launcher is what plans, launches and audits need to know. [Open] fills it in; what
// is missing for a call is an error of that call.
type Launcher struct {
	Catalog *profile.Catalog
	Host    *host.Facts
	Engine  *podman.Engine // nil: plans only, with what the image would tell left open
	Dirs    Dirs
	Version string                     // of the program, for the labels
	Now     func() time.Time           // nil: time.Now
	Policy  func() (policy.Set, error) // what has to hold of every run, read for each plan; nil: nothing
	Tell    func(string)               // a step worth a line of its own; nil: silence
	Passing func(string)               // what goes on meanwhile, gone with the next call; nil: silence
}

// What the rooms below make, under the names by which a program asks for it here. The
// fields stand in those, as each line says.
type (
	Dirs     = record.Dirs      // where records, locks and claims are; go doc ./launcher/record Dirs
	Record   = record.Record    // what is written down of a launch; go doc ./launcher/record Record
	Options  = plan.Options     // what is asked for; go doc ./launcher/plan Options
	Plan     = plan.Plan        // a run worked out; go doc ./launcher/plan Plan
	Run      = launch.Run       // a run that was launched; go doc ./launcher/launch Run
	Running  = launch.Running   // one that is there; go doc ./launcher/launch Running
	Listing  = launch.Listing   // all that are there; go doc ./launcher/launch Listing
	Audited  = subject.Audited  // a judged subject, with its findings; go doc ./launcher/subject Audited
	Observed = subject.Observed // what a container shows; go doc ./launcher/subject Observed
	Tried    = launch.Tried     // what a trial run came to; go doc ./launcher/launch Tried
	Held     = subject.Held     // a container held against a plan; go doc ./launcher/subject Held
)

// Plan works out the run that o asks for; see [plan.Planner.Plan].
func (l *Launcher) Plan(ctx context.Context, o Options) (*Plan, error) {
	if err := able(l, "planning "+o.Profile, l.Catalog != nil, "Catalog"); err != nil {
		return nil, err
	}
	return planner(l).Plan(ctx, o)
}

// Form is a plan as the writers of other forms see it; see launcher/export.
func (l *Launcher) Form(p *Plan) form.Run { return p.Written(planner(l).Judged(p)) }

// Launch carries a plan out; see [launch.Runner.Launch].
func (l *Launcher) Launch(ctx context.Context, p *Plan) (*Run, error) {
	if err := able(l, "launching "+p.Profile.Name, l.Catalog != nil, "Catalog"); err != nil {
		return nil, err
	}
	r, err := runner(l, "launching "+p.Profile.Name)
	if err != nil {
		return nil, err
	}
	return r.Launch(ctx, p)
}

// Trial runs a plan once to look at it; see [launch.Trial].
func (l *Launcher) Trial(ctx context.Context, p *Plan, long, most time.Duration) (*Tried, error) {
	r, err := runner(l, "trying "+p.Profile.Name)
	if err != nil {
		return nil, err
	}
	return launch.Trial(ctx, r, p, long, most)
}

// Pull fetches an image; see [launch.Runner.Pull].
func (l *Launcher) Pull(ctx context.Context, ref, policy string) error {
	r, err := runner(l, "pulling "+ref)
	if err != nil {
		return err
	}
	return r.Pull(ctx, ref, policy)
}

// Runs lists the containers that zlaunch made; see [launch.Runner.Runs].
func (l *Launcher) Runs(ctx context.Context) (Listing, error) {
	r, err := runner(l, "listing runs")
	if err != nil {
		return Listing{}, err
	}
	return r.Runs(ctx)
}

// Find returns the containers that name means; see [launch.Runner.Find].
func (l *Launcher) Find(ctx context.Context, name string) ([]Running, error) {
	r, err := runner(l, "finding "+name)
	if err != nil {
		return nil, err
	}
	return r.Find(ctx, name)
}

// One is Find for what takes a single run.
func (l *Launcher) One(ctx context.Context, name string) (Running, error) {
	r, err := runner(l, "finding "+name)
	if err != nil {
		return Running{}, err
	}
	return r.One(ctx, name)
}

// Serving finds a run that is p already; see [launch.Runner.Serving].
func (l *Launcher) Serving(ctx context.Context, p *Plan) (*Running, error) {
	r, err := runner(l, "listing runs")
	if err != nil {
		return nil, err
	}
	return r.Serving(ctx, p)
}

// Stop ends a run and removes it; see [launch.Runner.Stop].
func (l *Launcher) Stop(ctx context.Context, run Running) error {
	r, err := runner(l, "stopping "+run.Name)
	if err != nil {
		return err
	}
	return r.Stop(ctx, run)
}

// Reap removes what killed launches left; see [launch.Runner.Reap].
func (l *Launcher) Reap(ctx context.Context) error {
	r, err := runner(l, "removing what is left")
	if err != nil {
		return err
	}
	return r.Reap(ctx)
}

// Audits is where l judges: plans, the host, and containers, whoever made them.
func (l *Launcher) Audits() Audits { return Audits{l} }

// Services is what units of systemd need of l to run what it plans.
func (l *Launcher) Services() Services { return Services{l} }
