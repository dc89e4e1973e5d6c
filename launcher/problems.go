package launcher

import (
	"context"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// planWaivers reads and checks the waivers of the profile and the command line.
func (l *Launcher) planWaivers(_ context.Context, p *Plan) error {
	for _, w := range p.Profile.Waivers {
		p.Waivers = append(p.Waivers, audit.Waiver{Control: w.Control, At: w.At, Reason: w.Reason, Owner: w.Owner, Expires: w.Expires, Origin: w.Origin})
	}
	for _, arg := range p.Options.Waive {
		w, err := audit.ParseWaiver(arg)
		if err != nil {
			return err
		}
		p.Waivers = append(p.Waivers, w)
	}
	for _, w := range p.Waivers {
		if err := w.Check(l.now()); err != nil {
			return err
		}
	}
	return nil
}

// waiver finds the one that covers a failure, nil when there is none.
func (p *Plan) waiver(control string, at container.Path) *audit.Waiver {
	for i := range p.Waivers {
		if p.Waivers[i].Covers(control, at) {
			return &p.Waivers[i]
		}
	}
	return nil
}

// defaults is what surrounds this run: the image, the caller, the host.
func (l *Launcher) defaults(p *Plan) effective.Defaults {
	d := effective.Defaults{Image: p.Image, UID: l.Host.UID, GID: l.Host.GID, SELinux: l.Host.SELinux.Enabled, Mounts: map[string]effective.Mount{}}
	if l.Engine != nil && !l.Engine.Local() {
		return effective.Defaults{Image: p.Image, UID: l.Host.UID, GID: l.Host.GID}
	}
	for _, m := range l.Host.Mounts {
		if !m.Missing && !m.Optional {
			d.Mounts[m.Target] = effective.Mount{Source: observe.MountsConf, File: m.File}
		}
	}
	d.SeccompFilter = p.filter
	return d
}

// planProblems collects what stands against the run: the host, the data, the
// catalogue.
func (l *Launcher) planProblems(ctx context.Context, p *Plan) error {
	subject, err := l.subject(ctx, p)
	if err != nil {
		return err
	}
	for _, f := range preflight.Check(subject) {
		p.add(Problem{Control: f.Control, Setting: f.Setting, Message: f.Message, Hint: f.Hint, Fatal: f.Fatal})
	}
	l.addFilter(p)
	l.addVolumes(p)
	for _, f := range audit.Failures(l.judged(p)) {
		pr := Problem{Control: f.Control.ID, Setting: f.At, Message: f.Message + " - " + f.Control.Why, Fatal: f.Severity >= p.Options.threshold(), Hint: waiveHint(f)}
		if p.dropped(f.Control) {
			pr.Waiver = p.waiver(limitsControl, container.Path{})
		}
		p.add(pr)
	}
	return nil
}

// addFilter judges what no row can say of the filter and the capabilities.
func (l *Launcher) addFilter(p *Plan) {
	if len(p.weak) > 0 {
		p.add(Problem{Control: "ZL-208", Setting: container.Path{Key: "seccomp_profile"}, Fatal: true,
			Message: "the seccomp profile lets through what no default does: " + strings.Join(p.weak[:min(5, len(p.weak))], ", "),
			Hint:    "leave it away, or --podman-arg=--security-opt=seccomp=inference"})
	}
	if _, _, known := container.Capabilities.Get(p.Effective); !known {
		p.add(Problem{Setting: container.Path{Key: "capabilities"}, Fatal: true,
			Message: "the capabilities would be the engine's choice, which nothing could be held against", Hint: "drop all, and add the ones that are needed: --podman-arg=--cap-add=NAME"})
	}
}

// addVolumes judges the sources that neither --models nor --output brought.
func (l *Launcher) addVolumes(p *Plan) {
	if l.Engine != nil && !l.Engine.Local() {
		return
	}
	for _, at := range container.VolumeAt.Keys(p.Stated) {
		v, m, _ := container.VolumeAt.Get(p.Stated, at)
		if !strings.HasPrefix(v.Source, "/") || len(m.Origin) > 0 && (m.Origin[0].Key == "--models" || m.Origin[0].Key == "--output") {
			continue
		}
		if _, bad := model.Resolve(v.Source, l.tree(p).Places); bad != nil {
			p.add(Problem{Control: bad.Control, Setting: container.Path{Key: "volume", Elem: at}, Message: bad.Message, Hint: bad.Hint, Fatal: true})
		}
	}
}

// limitsControl is the control that permits a run without its limits.
const limitsControl = "ZL-104"

// dropped tells whether a control fails only because the waived limits are not
// sent.
func (p *Plan) dropped(c *audit.Control) bool {
	for _, r := range c.Reads {
		for _, d := range p.Dropped {
			if d.Path.Key == r.Key() {
				return true
			}
		}
	}
	return false
}

func waiveHint(f audit.Finding) string {
	if f.Severity > audit.High {
		return ""
	}
	return fmt.Sprintf(`meet it, or permit it for this run: --waive %s="reason"`, f.Control.ID)
}

func (p *Plan) add(pr Problem) {
	if pr.Waiver == nil && pr.Control != "" {
		pr.Waiver = p.waiver(pr.Control, pr.Setting)
	}
	p.Problems = append(p.Problems, pr)
}

// planLimits takes out, under the waiver of ZL-104, the limits this host cannot
// enforce: what is sent to the engine is what will hold.
func (l *Launcher) planLimits(ctx context.Context, p *Plan) error {
	if p.waiver(limitsControl, container.Path{}) == nil {
		return nil
	}
	subject, err := l.subject(ctx, p)
	if err != nil {
		return err
	}
	for _, row := range preflight.Unenforceable(subject) {
		p.Dropped = append(p.Dropped, row.Settings(p.Stated)...)
		row.Clear(p.Stated)
	}
	return nil
}

// planData binds the model tree and the output directory.
func (l *Launcher) planData(ctx context.Context, p *Plan) error {
	if err := l.takes(p.Options.Models, "--models", p.Profile.Models != nil, p.Profile.Name); err != nil {
		return err
	}
	if err := l.takes(p.Options.Output, "--output", p.Profile.Output != nil, p.Profile.Name); err != nil {
		return err
	}
	if p.Options.Models != "" {
		l.bindModels(ctx, p)
	}
	if p.Options.Output != "" {
		l.bindOutput(p)
	}
	return nil
}

func (l *Launcher) tree(p *Plan) model.Tree {
	t := model.Tree{Path: p.Options.Models, Arch: p.Profile.Arch, SELinux: l.Host.SELinux.Enabled,
		Identity: model.Identity{UID: uint32(l.Host.UID), GID: uint32(l.Host.GID), Groups: l.Host.Groups},
		Places:   model.Places{Home: l.Host.Home, ConfigHome: l.Host.ConfigHome, RuntimeDir: l.Host.RuntimeDir.Path}}
	if p.Profile.Models != nil {
		t.Layout = model.Layout(p.Profile.Models.Layout)
	}
	return t
}

func (l *Launcher) bindModels(ctx context.Context, p *Plan) {
	res, problems := model.Check(ctx, l.tree(p))
	at := p.Profile.Models.At
	if res != nil {
		problems = append(problems, l.digestProblem(ctx, p, res)...)
	}
	p.trees = append(p.trees, preflight.Tree{Target: at, Result: res, Problems: problems, Disk: diskOf(res)})
	if res == nil {
		return
	}
	p.Models = res
	source := res.Path
	if res.File != "" {
		source += "/" + res.File
	}
	v := container.Volume{Source: source, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}
	m := typed("--models", container.Mark{})
	m.Why = "the model tree, read-only and labelled for containers"
	if l.Host.SELinux.Enabled && res.Unlabelled == 0 {
		v.Relabel, v.Labelled = "", true
		m.Why = "the model tree, read-only; everything in it is labelled for containers already"
	}
	container.VolumeAt.Set(p.Stated, at, v, m)
}

// digestProblem holds the tree against the digest the profile names, if any.
func (l *Launcher) digestProblem(ctx context.Context, p *Plan, res *model.Result) []model.Problem {
	want := p.Profile.Models.Digest
	if want == "" {
		return nil
	}
	l.tell(fmt.Sprintf("checking the digest of %d files", res.Files))
	got, err := model.Digest(ctx, res.Path, nil)
	switch {
	case err != nil:
		return []model.Problem{{Control: "ZL-935", Message: fmt.Sprintf("reading the models for their digest: %v", err), Fatal: true}}
	case got != want:
		return []model.Problem{{Control: "ZL-935", Message: fmt.Sprintf("the models are %s, the profile wants %s", got, want), Fatal: true,
			Hint: "get the reviewed models, or have the profile's owner review these"}}
	}
	return nil
}

func diskOf(res *model.Result) host.Disk {
	if res == nil {
		return host.Disk{}
	}
	d, _ := host.DiskOf(res.Path) // unknown where it cannot be read
	return d
}

func (l *Launcher) bindOutput(p *Plan) {
	models := ""
	if p.Models != nil {
		models = p.Models.Path
	}
	at := p.Profile.Output.At
	out, problems := model.CheckOutput(p.Options.Output, models, l.tree(p))
	p.trees = append(p.trees, preflight.Tree{Target: at, Problems: problems})
	if out == nil {
		return
	}
	if out.Create {
		p.makeDir = out.Path
	}
	m := typed("--output", container.Mark{})
	m.Why = "the job's results"
	v := container.Volume{Source: out.Path, Relabel: "z", NoSuid: true, NoDev: true, NoExec: true}
	container.VolumeAt.Set(p.Stated, at, v, m)
}

// takes refuses an option the profile has no use for.
func (l *Launcher) takes(path, option string, wanted bool, profile string) error {
	if path == "" || wanted {
		return nil
	}
	return hint.Errorf("zlaunch show "+profile, "using %s: profile %q takes none", option, profile)
}
