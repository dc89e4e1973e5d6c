package plan

import (
	"context"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/preflight"
)

// planProblems collects what stands against the run: the host, the data, the
// catalogue.
func (pl *Planner) planProblems(ctx context.Context, p *Plan) error {
	subject, err := pl.subject(ctx, p)
	if err != nil {
		return err
	}
	if p.backing, err = Backing(ctx, pl.Engine, p.Effective); err != nil {
		return err
	}
	p.add(p.against...)
	p.add(filterProblems(p)...)
	p.add(modelProblems(p)...)
	if why := p.Profile.Deprecated; why != "" {
		p.add(audit.Problem{Message: "profile " + p.Profile.Name + " is deprecated: " + why})
	}
	if !pl.away() {
		p.addVolumes(placesOf(pl.Host))
	}
	if pl.Engine != nil {
		secrets, err := secretProblems(ctx, pl.Engine, p.Effective)
		if err != nil {
			return err
		}
		p.add(secrets...)
	}
	if pl.Containers != nil {
		joined, err := joinedProblems(ctx, pl.Containers, p.Effective)
		if err != nil {
			return err
		}
		p.add(joined...)
	}
	failures := audit.Failures(pl.Judged(p))
	failing, refused := map[string]bool{}, map[string]bool{}
	for _, f := range failures {
		failing[f.Control.ID] = true
	}
	for _, f := range preflight.Check(subject) {
		if f.Fatal || !failing[f.Control] { // the catalogue says it with its severity
			p.add(f)
			refused[f.Control] = true
		}
	}
	for _, f := range failures {
		if refused[f.Control.ID] { // preflight says it with its next step
			continue
		}
		pr := audit.Problem{Control: f.Control.ID, Setting: f.At, Message: f.Message + " - " + f.Control.Why, Fatal: f.Severity >= p.Options.threshold(), Judged: true, Grave: f.Severity >= audit.Critical}
		if pr.Fatal {
			pr.Hint = waiveHint(f)
		}
		if readsAny(f.Control, p.Dropped) {
			pr.Waiver = p.LimitsWaiver()
		}
		p.add(pr)
	}
	p.add(frontProblems(pl, p)...)
	p.add(policyProblems(pl, p)...)
	for _, pr := range idleProblems(pl, p) {
		p.idle = append(p.idle, pr.Message)
		p.add(pr)
	}
	return nil
}

// filterProblems judges what no row can say of the filter and the capabilities.
func filterProblems(p *Plan) (out []audit.Problem) {
	if len(p.weak) > 0 {
		out = append(out, audit.Problem{Control: audit.SeccompOn.ID, Setting: container.Path{Key: "seccomp_profile"}, Fatal: true,
			Message: "the seccomp profile lets through what no default does: " + strings.Join(p.weak[:min(5, len(p.weak))], ", "),
			Hint:    "leave it away, or --podman-arg=--security-opt=seccomp=inference"})
	}
	if _, _, known := container.Capabilities.Get(p.Effective); !known {
		out = append(out, audit.Problem{Setting: container.Path{Key: "capabilities"}, Fatal: true,
			Message: "the capabilities would be the engine's choice, which nothing could be held against", Hint: "drop all, and add the ones that are needed: --podman-arg=--cap-add=NAME"})
	}
	return out
}

// modelProblems refuses a run whose workload has nothing to serve without models.
func modelProblems(p *Plan) []audit.Problem {
	m := p.Profile.Models
	if m == nil || !m.Required || modelsPath(p) != "" {
		return nil
	}
	return []audit.Problem{{Setting: container.Path{Key: container.VolumeAt.Key(), Elem: m.At}, Fatal: true,
		Message: "the workload of " + p.Profile.Name + " ends without models", Hint: "--models PATH; zlaunch show " + p.Profile.Name + " tells what is wanted there"}}
}

// addVolumes judges the sources that neither --models nor --output brought.
func (p *Plan) addVolumes(places model.Places) {
	for _, at := range container.VolumeAt.Keys(p.Stated) {
		v, m, _ := container.VolumeAt.Get(p.Stated, at)
		if !strings.HasPrefix(v.Source, "/") || m.Walked() || toBeReadied(p.Options.InStack, at, v) {
			continue
		}
		if _, bad := model.Resolve(v.Source, places); bad != nil {
			p.add(audit.Problem{Control: bad.Control, Setting: container.Path{Key: "volume", Elem: at}, Message: bad.Message, Hint: bad.Hint, Fatal: true})
		}
		inode, err := model.InodeOf(v.Source)
		p.Hold(at, inode, err)
	}
}

func waiveHint(f audit.Finding) string {
	if f.Severity > audit.High {
		return ""
	}
	return fmt.Sprintf(`meet it, or permit it for this run: --waive %s="reason"`, f.Control.ID)
}

// add notes what stands against the plan, with the waivers that cover it.
func (p *Plan) add(problems ...audit.Problem) {
	for _, pr := range problems {
		if pr.Waiver == nil && pr.Control != "" {
			pr.Waiver = p.permit(pr)
		}
		p.Problems = append(p.Problems, pr)
	}
}

// secretProblems refuses a secret that is not there, and one that a program of the host has
// to be run for: the drivers shell and pass run what whoever made the secret wrote, before
// the proof.
func secretProblems(ctx context.Context, engine Engine, s *container.Spec) (out []audit.Problem, err error) {
	for _, name := range container.SecretOf.Keys(s) {
		driver, err := engine.SecretDriver(ctx, name)
		if err != nil {
			return nil, err
		}
		switch driver {
		case "file":
		case "":
			out = append(out, audit.Problem{Setting: container.Path{Key: container.SecretOf.Key(), Elem: name}, Fatal: true,
				Message: fmt.Sprintf("the engine holds no secret %q", name), Hint: createSecret(name) + "\npodman secret ls"})
		default:
			out = append(out, audit.Problem{Control: audit.RuntimeAndHooks.ID, Setting: container.Path{Key: container.SecretOf.Key(), Elem: name}, Fatal: true,
				Message: fmt.Sprintf("the engine would run a program on its host for secret %q: its driver is %q", name, driver),
				Hint:    fmt.Sprintf("podman secret rm %s; podman secret create %s FILE; or permit it for this run: --waive ZL-108=\"reason\"", name, name)})
		}
	}
	return out, nil
}

// createSecret is the line that makes a secret; its value is typed, or comes from a pipe.
func createSecret(name string) string {
	line, err := podmanrun.Line([]string{"podman", "secret", "create", name, "-"})
	if err != nil { // the name is not to be pasted
		return "podman secret create NAME FILE"
	}
	return line + ", or a FILE instead of -"
}
