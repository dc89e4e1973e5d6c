// Package launcher turns a named profile into a hardened rootless Podman run
// and proves that what runs is what was planned.
//
// A program opens a [Launcher], asks it for a [Plan], and launches that:
//
//	l, err := launcher.Open(ctx)
//	plan, err := l.Plan(ctx, launcher.Options{Profile: "triton", Models: "./m", Detach: true})
//	run, err := l.Launch(ctx, plan)
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

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/launch"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/preflight"
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
	Version string           // of the program, for the labels
	Now     func() time.Time // nil: time.Now
	Tell    func(string)     // a step worth a line of its own; nil: silence
	Passing func(string)     // what goes on meanwhile, gone with the next call; nil: silence
}

// What the rooms below make, under the names by which a program asks for it here.
type (
	Dirs     = record.Dirs
	Record   = record.Record
	Options  = plan.Options
	Plan     = plan.Plan
	Run      = launch.Run
	Running  = launch.Running
	Listing  = launch.Listing
	Audited  = subject.Audited
	Observed = subject.Observed
)

// Plan works out the run that o asks for; see [plan.Planner.Plan].
func (l *Launcher) Plan(ctx context.Context, o Options) (*Plan, error) {
	if err := l.able("planning "+o.Profile, false, true); err != nil {
		return nil, err
	}
	return l.planner().Plan(ctx, o)
}

// Launch carries a plan out; see [launch.Runner.Launch].
func (l *Launcher) Launch(ctx context.Context, p *Plan) (*Run, error) {
	if err := l.able("launching "+p.Profile.Name, true, true); err != nil {
		return nil, err
	}
	return l.runner().Launch(ctx, p)
}

// Pull fetches an image; see [launch.Runner.Pull].
func (l *Launcher) Pull(ctx context.Context, ref, policy string) error {
	if err := l.able("pulling "+ref, true, false); err != nil {
		return err
	}
	return l.runner().Pull(ctx, ref, policy)
}

// Runs lists the containers that zlaunch made; see [launch.Runner.Runs].
func (l *Launcher) Runs(ctx context.Context) (Listing, error) {
	if err := l.able("listing runs", true, false); err != nil {
		return Listing{}, err
	}
	return l.runner().Runs(ctx)
}

// Find returns the containers that name means; see [launch.Runner.Find].
func (l *Launcher) Find(ctx context.Context, name string) ([]Running, error) {
	if err := l.able("finding "+name, true, false); err != nil {
		return nil, err
	}
	return l.runner().Find(ctx, name)
}

// One is Find for what takes a single run.
func (l *Launcher) One(ctx context.Context, name string) (Running, error) {
	if err := l.able("finding "+name, true, false); err != nil {
		return Running{}, err
	}
	return l.runner().One(ctx, name)
}

// Stop ends a run and removes it; see [launch.Runner.Stop].
func (l *Launcher) Stop(ctx context.Context, r Running) error {
	if err := l.able("stopping "+r.Name, true, false); err != nil {
		return err
	}
	return l.runner().Stop(ctx, r)
}

// Reap removes what killed launches left; see [launch.Runner.Reap].
func (l *Launcher) Reap(ctx context.Context) error {
	if err := l.able("removing what is left", true, false); err != nil {
		return err
	}
	return l.runner().Reap(ctx)
}

// AskEngine returns all the facts preflight knows to judge of the engine.
func (l *Launcher) AskEngine(ctx context.Context) (preflight.Engine, error) {
	if err := l.able("asking the engine", true, false); err != nil {
		return preflight.Engine{}, err
	}
	return l.planner().AskEngine(ctx)
}

// AuditPlan judges a plan; see [subject.Auditor.AuditPlan].
func (l *Launcher) AuditPlan(p *Plan) *Audited { return l.auditor().AuditPlan(p) }

// AuditHost judges engine and host; see [subject.Auditor.AuditHost].
func (l *Launcher) AuditHost(base *container.Spec) []audit.Finding {
	return l.auditor().AuditHost(base)
}

// AuditContainer judges a container of the engine; see [subject.Auditor.AuditContainer].
func (l *Launcher) AuditContainer(ctx context.Context, name string) (*Audited, error) {
	if err := l.able("auditing "+name, true, false); err != nil {
		return nil, err
	}
	return l.auditor().AuditContainer(ctx, name)
}

// AllContainers lists every container of the engine by name.
func (l *Launcher) AllContainers(ctx context.Context) ([]string, error) {
	if err := l.able("listing containers", true, false); err != nil {
		return nil, err
	}
	return l.auditor().AllContainers(ctx)
}

// Complete asks for what a record of evidence wants beside the audit.
func (l *Launcher) Complete(ctx context.Context, o *Observed) error {
	if err := l.able("recording "+o.Name, true, false); err != nil {
		return err
	}
	return l.auditor().Complete(ctx, o)
}

// planner works with what the launcher has. An engine that is not there must not
// become an interface that holds none.
func (l *Launcher) planner() *plan.Planner {
	pl := &plan.Planner{Catalog: l.Catalog, Host: l.Host, Dirs: l.Dirs, Version: l.Version, Now: l.Now, Tell: l.Tell}
	if l.Engine != nil {
		pl.Engine = l.Engine
	}
	return pl
}

func (l *Launcher) runner() *launch.Runner {
	return &launch.Runner{Planner: l.planner(), Engine: l.Engine, Host: l.Host, Dirs: l.Dirs, Version: l.Version, Now: l.Now, Tell: l.Tell, Passing: l.Passing}
}

func (l *Launcher) auditor() *subject.Auditor {
	return &subject.Auditor{Planner: l.planner(), Engine: l.Engine, Host: l.Host, Dirs: l.Dirs, Now: l.Now}
}
