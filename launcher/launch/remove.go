package launch

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// claimContainer claims the container that the launch is about to ask for, or, once
// the engine has named it, that one and no other.
func (b *box) claimContainer(name, id string) error {
	if b.claim.Token == "" {
		b.claim = claim.Claim{Kind: claim.Container, Token: b.run.Launch, Engine: b.r.Engine.Place(), Stack: b.stack}
		b.tx.undo(b.remove)
	}
	if id == "" {
		b.claim.Time = time.Now() // for [claim.Claim.Over], which asks the same clock
	}
	b.claim.Name, b.claim.ID = name, id
	if err := b.r.Dirs.Claims().Put(b.claim); err != nil {
		return record.WritingTo(b.r.Dirs.Runtime, err)
	}
	return nil
}

// remove takes away the container of this launch, started or not, and the claim on
// it. Where the service itself is gone, podman is asked directly.
func (b *box) remove(ctx context.Context) error {
	if b.claim.Token == "" {
		return nil
	}
	if b.lost {
		defer b.removeStorage(ctx)
	}
	if b.claim.ID == "" {
		found, err := b.r.Engine.Containers.Claimed(ctx, b.claim) // the answer may have been lost
		switch {
		case err == nil:
			b.claim.ID = found.ID
		case errors.Is(err, podman.ErrNoContainer):
			return b.unclaim()
		default:
			b.claim.ID = b.idByCLI(ctx)
		}
	}
	if b.claim.ID == "" {
		return b.unclaim()
	}
	err := b.r.Engine.Containers.Remove(ctx, b.claim.ID, podman.RemoveOptions{Force: true, Volumes: true})
	if err != nil && !errors.Is(err, podman.ErrNoContainer) {
		if out, rerr := b.r.Engine.CLI(ctx, "rm", "-f", "-i", "-t", "0", b.claim.ID).CombinedOutput(); rerr != nil {
			return hint.Errorf("podman rm -f "+b.claim.ID, "removing the container: %s", strings.TrimSpace(string(out)))
		}
	}
	b.r.Engine.Evidence.EndOrphans(b.claim.ID)
	return b.unclaim()
}

// unclaim takes the claim back, unless the engine may still be at work on what it
// did not answer for: then the next call that reaps looks again.
func (b *box) unclaim() error {
	if b.lost && b.claim.ID == "" {
		return nil
	}
	b.run.ID, b.claim.ID = "", ""
	return b.r.Dirs.Claims().Drop(claim.Container, b.claim.Token)
}

// idByCLI finds the container where no service answers: one of the name and the
// label of this launch, which only it has before the engine names it.
func (b *box) idByCLI(ctx context.Context) string {
	out, err := b.r.Engine.CLI(ctx, "ps", "-a", "--no-trunc", "--filter", "label="+plan.LabelLaunch+"="+b.claim.Token,
		"--format", "{{.ID}} {{.Names}}").Output()
	if err != nil {
		return "" // the claim stays where the answer was lost
	}
	for line := range strings.Lines(string(out)) {
		if id, name, _ := strings.Cut(strings.TrimSpace(line), " "); name == b.claim.Name {
			return id
		}
	}
	return ""
}

// removeStorage takes away what a service that was killed in the middle of a create
// leaves: a storage under the name this launch had reserved, made since, without a
// container and without labels.
func (b *box) removeStorage(ctx context.Context) {
	out, err := b.r.Engine.CLI(ctx, "ps", "-a", "--external", "--filter", "name=^"+regexp.QuoteMeta(b.claim.Name)+"$", "--format", "json").Output()
	var list []struct {
		ID      string `json:"Id"`
		State   string
		Status  string
		Names   []string
		Created int64 // seconds since 1970
	}
	if err != nil || json.Unmarshal(out, &list) != nil {
		return // the name is then passed over by the next launch
	}
	for _, c := range list {
		storage := strings.EqualFold(c.State, "storage") || strings.EqualFold(c.Status, "storage")
		if storage && slices.Equal(c.Names, []string{b.claim.Name}) && c.Created >= b.claim.Time.Unix() {
			_ = b.r.Engine.CLI(ctx, "rm", "-f", c.ID).Run()
		}
	}
}
