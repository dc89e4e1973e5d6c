package service

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/observe"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// NewVersion makes of the plan of a service a version that has no files yet. The plan's
// labels name its launch from then on.
func NewVersion(pl *plan.Planner, p *plan.Plan, at time.Time) (*Version, error) {
	launch := claim.NewToken()
	plan.Serve(pl, p, launch)
	judged := pl.Judged(p)
	v := &Version{Named: Named{Launch: launch, Plan: p.Hash}, ImageID: p.Image.ID, Made: at.UTC(), Ready: p.ReadyURL()}
	v.Image, _, _ = container.Image.Get(p.Stated)
	v.Main = v.Named
	v.Keep = keptAs(v.Image, p.Options.Service, launch)
	if ready := p.Profile.Ready; ready != nil {
		v.URL, v.Within = strings.TrimSuffix(v.Ready, ready.Path), ready.Wait(p.Options.ReadyTimeout)
	}
	var err error
	if v.Judged, err = container.Encode(judged); err != nil {
		return nil, err
	}
	if v.Options, err = json.Marshal(p.Options); err != nil {
		return nil, err
	}
	if v.record, err = recordOf(pl, p, v); err != nil {
		return nil, err
	}
	return v, v.record.Keep(p.Effective, judged)
}

// keptAs is a tag that keeps the image of a version: in the repository of its name, for
// podman finds an image by name and digest only while it has a tag of that name (libimage,
// lookupImageInDigestsAndRepoTags).
func keptAs(image, service, launch string) string {
	name, _, named := strings.Cut(image, "@")
	if !named {
		name = "localhost/zlaunch-service"
	}
	return fmt.Sprintf("%s:zlaunch-%s-%.8s", name, service, launch)
}

// recordOf is the record of a launch that systemd will do: of nothing yet is it known that
// it holds.
func recordOf(pl *plan.Planner, p *plan.Plan, v *Version) (*record.Record, error) {
	run := p.Run(pl.Engine)
	line, err := p.RunLine()
	if err != nil {
		return nil, err
	}
	r := &record.Record{
		Schema: record.Schema, Launch: v.Launch, Name: p.Options.Service, Profile: run.Profile, Layer: run.Layer, Signers: (*record.Signers)(run.Signers),
		Plan: v.Plan, User: pl.Host.Username, Time: v.Made, Image: v.Image, ImageID: v.ImageID, Engine: "podman " + pl.Engine.Version(), Version: pl.Version,
		Command: podmanrun.Redacted(line), Network: plan.OwnNetwork(p), URLs: p.URLs(), Settings: container.Settings(p.Effective), Waivers: p.Waivers, Models: plan.ModelTree(p),
	}
	for _, s := range r.Settings {
		r.Unproved = append(r.Unproved, observe.Unproved{Setting: s.Path, Why: "the service has not been started yet"})
	}
	r.Options, err = p.Options.Recorded()
	return r, err
}
