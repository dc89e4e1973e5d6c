package subject

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// Evidence is the record of one audit: what was seen, how, and what was found, so
// that somebody elsewhere can judge it again without the container. It holds no
// secret: values that may be one are hidden, and the facts controls judge stand
// beside them.
type Evidence struct {
	Schema    string    `json:"schema"`    // "zlaunch.dev/evidence/v1"
	Time      time.Time `json:"time"`      // of the observation, UTC
	Tool      string    `json:"tool"`      // version of zlaunch
	Catalogue string    `json:"catalogue"` // version of the controls

	Policy string `json:"policy,omitempty"` // digest of the policy that was applied, "sha256:…"; "" none

	Subject  EvidenceSubject  `json:"subject"`
	Platform EvidencePlatform `json:"platform"`
	Models   []ModelDigest    `json:"models,omitempty"`

	Plan     []container.Encoded `json:"plan,omitempty"` // as the launch record has it
	Settings []container.Encoded `json:"settings"`       // effective, each with the rung that shows it

	Drift    []EvidenceDifference `json:"drift,omitempty"`
	Disagree []EvidenceDifference `json:"disagree,omitempty"`
	Findings []EvidenceFinding    `json:"findings"`
	Waivers  []audit.Waiver       `json:"waivers,omitempty"`
	Notes    []string             `json:"notes,omitempty"`
	Blind    string               `json:"blind,omitempty"`
	Doubted  []string             `json:"doubted,omitempty"` // as [Audited] has it

	// Signed is false in every record that this zlaunch writes, and absent in those of
	// older ones: a signature stands around a record, in an envelope of launcher/signoff,
	// and a record that itself claims one is refused.
	Signed *bool `json:"signed,omitempty"`
	// Digest is the SHA-256 of all the rest. It shows an accident, not an attack:
	// whoever can edit the file can make the digest anew.
	Digest string `json:"digest"`
}

// EvidenceSubject is what was audited.
type EvidenceSubject struct {
	Kind        string `json:"kind"` // container, plan, line or unit
	Name        string `json:"name"`
	File        string `json:"file,omitempty"`
	ID          string `json:"id,omitempty"`
	State       string `json:"state,omitempty"`
	Image       string `json:"image,omitempty"`
	ImageID     string `json:"image_id,omitempty"`
	ImageDigest string `json:"image_digest,omitempty"`
	Profile     string `json:"profile,omitempty"`
	Launch      string `json:"launch,omitempty"`
	Plan        string `json:"plan,omitempty"` // hash of the stated spec
	Identity    string `json:"identity,omitempty"`
}

// EvidencePlatform is where it ran. Facts of the host that controls judge stand
// among the settings.
type EvidencePlatform struct {
	Engine  string `json:"engine,omitempty"` // "podman 5.4.2 rootless"
	Runtime string `json:"runtime,omitempty"`
	Kernel  string `json:"kernel,omitempty"`
	Arch    string `json:"arch,omitempty"`
}

// ModelDigest names the content of a model tree.
type ModelDigest struct {
	Target string `json:"target"` // in the container
	Digest string `json:"digest"` // see [model.Print]
}

// EvidenceDifference is a [container.Difference] as a record keeps it.
type EvidenceDifference struct {
	Setting  container.Path     `json:"setting"`
	Planned  json.RawMessage    `json:"planned"`
	Got      json.RawMessage    `json:"got"`
	Evidence container.Evidence `json:"evidence"`
}

// EvidenceFinding is an [audit.Finding] as a record keeps it.
type EvidenceFinding struct {
	Control  string             `json:"control"`
	Verdict  audit.Verdict      `json:"verdict"`
	Severity audit.Severity     `json:"severity"`
	Setting  container.Path     `json:"setting"`
	Message  string             `json:"message,omitempty"`
	Evidence container.Evidence `json:"evidence"`
	Brought  bool               `json:"brought,omitempty"` // from outside the settings: the plan, the host, the reader
	Waiver   *audit.Waiver      `json:"waiver,omitempty"`
}

// evidenceSchema is the version of the record's JSON.
const evidenceSchema = "zlaunch.dev/evidence/v1"

// NewEvidence makes the record of an audit. findings are those to record, waivers
// applied; tool is zlaunch's version, at the time of an audit that has none itself.
func NewEvidence(a *Audited, findings []audit.Finding, tool string, at time.Time) (*Evidence, error) {
	e := &Evidence{Schema: evidenceSchema, Signed: new(bool), Time: at.UTC().Truncate(time.Second), Tool: tool, Catalogue: audit.Version, Policy: a.Policy, Waivers: a.Waivers, Notes: a.Notes, Doubted: a.Doubted,
		Subject: EvidenceSubject{Kind: a.Kind, Name: a.Subject, File: a.File, Identity: a.Identity}, Platform: EvidencePlatform{Engine: a.Engine}}
	arch, _, _ := container.HostArch.Get(a.Spec)
	e.Platform.Arch = arch
	e.Platform.Runtime, _, _ = container.Runtime.Get(a.Spec)
	var err error
	if e.Settings, err = container.Encode(a.Spec); err != nil {
		return nil, fmt.Errorf("writing the evidence: %w", err)
	}
	if e.Drift, err = differences(a.Drift); err != nil {
		return nil, err
	}
	if o := a.Observed; o != nil {
		if err := e.observed(o); err != nil {
			return nil, err
		}
	}
	e.Findings = recorded(a.Spec, findings)
	for i := range e.Findings {
		e.Findings[i].Message = container.MaskText(e.Findings[i].Message)
	}
	e.Notes = slices.Clone(e.Notes)
	for i, n := range e.Notes {
		e.Notes[i] = container.MaskText(n)
	}
	e.Digest, err = e.digest()
	return e, err
}

// observed adds what only a container has.
func (e *Evidence) observed(o *Observed) (err error) {
	s := &e.Subject
	s.ID, s.State, s.Image, s.ImageID, s.Profile, s.Launch = o.ID, o.State, o.Image, o.ImageID, o.Profile, o.Launch
	s.Plan = o.labels[plan.LabelPlan]
	if o.image != nil {
		s.ImageDigest = o.image.Digest
	}
	e.Time, e.Blind, e.Models = o.Time.Truncate(time.Second), o.Blind, o.Models
	if o.Runtime != "" {
		e.Platform.Runtime = o.Runtime
	}
	e.Platform.Kernel = o.Kernel
	if e.Disagree, err = differences(o.Disagree); err != nil || o.Plan == nil {
		return err
	}
	e.Plan, err = container.Encode(o.Plan)
	return err
}

func differences(in []container.Difference) ([]EvidenceDifference, error) {
	var out []EvidenceDifference
	for _, d := range in {
		planned, err := json.Marshal(d.Planned)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", d.Path, err)
		}
		got, err := json.Marshal(d.Got)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", d.Path, err)
		}
		out = append(out, EvidenceDifference{d.Path, planned, got, d.Evidence})
	}
	return out, nil
}

// digest is the SHA-256 of the document without its digest, as it is written.
func (e *Evidence) digest() (string, error) {
	bare := *e
	bare.Digest = ""
	data, err := json.Marshal(&bare)
	if err != nil {
		return "", fmt.Errorf("writing the evidence: %w", err)
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Complete asks for what a record wants beside the audit: the versions of runtime
// and kernel, and the digests of the trees the container reads, which takes as long
// as reading them does.
func (au *Auditor) Complete(ctx context.Context, o *Observed) error {
	info, err := au.Engine.Info(ctx)
	if err != nil {
		return err
	}
	o.Runtime, o.Kernel = info.Runtime.Name+" "+info.Runtime.Version, info.Kernel
	if !au.Engine.Local() {
		return nil
	}
	for _, at := range container.VolumeAt.Keys(o.Spec) {
		v, m, _ := container.VolumeAt.Get(o.Spec, at)
		if !v.ReadOnly || !v.Bind() || plan.HostMade(m) || o.digested(at) {
			continue
		}
		digest, err := au.digestMounted(ctx, o, at, v.Source)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			o.Notes = append(o.Notes, "the content of "+at+" is not recorded: "+err.Error())
			continue
		}
		o.Models = append(o.Models, ModelDigest{at, digest})
	}
	return nil
}

// digestMounted digests the tree at source, which must be what the container has
// mounted at target: its path may have been given to another one.
func (au *Auditor) digestMounted(ctx context.Context, o *Observed, target, source string) (string, error) {
	print, err := model.Take(ctx, source)
	if err != nil {
		return "", err
	}
	c, err := au.Engine.Containers.Inspect(ctx, o.ID)
	if err != nil || c.State.Pid <= 1 {
		return print.Digest, err
	}
	at, err := model.Mounted(fmt.Sprintf("/proc/%d/root", c.State.Pid), target)
	if errors.Is(err, fs.ErrPermission) {
		at.Dev, at.Ino, err = au.Engine.Evidence.Mounted(ctx, c.State.Pid, target)
	}
	if err == nil && at != print.Root {
		err = fmt.Errorf("%s is another tree than the one that is mounted", source)
	}
	return print.Digest, err
}
