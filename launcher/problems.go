package launcher

import (
	"context"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
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
	d := effective.Defaults{Image: p.Image, UID: l.Host.UID, GID: l.Host.GID}
	if l.Engine != nil {
		d.EngineVersion = l.Engine.Version()
	}
	if l.Engine != nil && !l.Engine.Local() {
		d.UID, d.GID = -1, -1 // whose account the engine's is there is not known here
		return d
	}
	d.SELinux, d.Mounts = l.Host.SELinux.Enabled, map[string]effective.Mount{}
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
	if p.backing, err = l.backing(ctx, p.Effective); err != nil {
		return err
	}
	l.addFilter(p)
	l.addVolumes(p)
	if err := l.addSecrets(ctx, p); err != nil {
		return err
	}
	failures := audit.Failures(l.judged(p))
	failing, refused := map[string]bool{}, map[string]bool{}
	for _, f := range failures {
		failing[f.Control.ID] = true
	}
	for _, f := range preflight.Check(subject) {
		if f.Fatal || !failing[f.Control] { // the catalogue says it with its severity
			p.add(Problem{Control: f.Control, Setting: f.Setting, Message: f.Message, Hint: f.Hint, Fatal: f.Fatal})
			refused[f.Control] = true
		}
	}
	for _, f := range failures {
		if refused[f.Control.ID] { // preflight says it with its next step
			continue
		}
		pr := Problem{Control: f.Control.ID, Setting: f.At, Message: f.Message + " - " + f.Control.Why, Fatal: f.Severity >= p.Options.threshold(), judged: true, grave: f.Severity >= audit.Critical}
		if pr.Fatal {
			pr.Hint = waiveHint(f)
		}
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
		inode, err := model.InodeOf(v.Source)
		p.hold(at, inode, err)
	}
}

// addSecrets refuses a secret that a program of the host has to be run for: the
// drivers shell and pass run what whoever made the secret wrote, before the proof.
func (l *Launcher) addSecrets(ctx context.Context, p *Plan) error {
	for _, name := range container.SecretOf.Keys(p.Effective) {
		if l.Engine == nil {
			return nil
		}
		driver, err := l.Engine.SecretDriver(ctx, name)
		if err != nil {
			return err
		}
		if driver != "" && driver != "file" {
			p.add(Problem{Control: "ZL-108", Setting: container.Path{Key: container.SecretOf.Key(), Elem: name}, Fatal: true,
				Message: fmt.Sprintf("the engine would run a program on its host for secret %q: its driver is %q", name, driver),
				Hint:    fmt.Sprintf("podman secret rm %s; podman secret create %s FILE; or permit it for this run: --waive ZL-108=\"reason\"", name, name)})
		}
	}
	return nil
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
	if pr.Waiver == nil && pr.Control != "" && !pr.grave {
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
