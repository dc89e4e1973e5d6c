package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// bundleChange says what locking a bundle lets in: every setting that its profiles decide
// on each architecture, marked where it weakens what they extend; of one that is locked
// already, the change.
func bundleChange(ctx context.Context, std *stdio, shelf *share.Shelf, c share.Change) (string, error) {
	behind, err := std.behindBundles()
	if err != nil {
		return "", err
	}
	b := c.Offer.Artifact.Bundle
	files := filesOf(c.Offer, c.New.Version)
	if faulty := profile.Assemble(append(behind, files...)).Faulty(); len(faulty) > 0 {
		return "", fmt.Errorf("reading bundle %s: %w", b.Name, faulty[0])
	}
	var out strings.Builder
	fmt.Fprintf(&out, "bundle %s %s, signed by %s\n", report.Escape(b.Name), report.Escape(b.Version), signedBy(c.New))
	if b.Changelog != "" {
		fmt.Fprintf(&out, "  its team says: %s\n", report.Escape(b.Changelog))
	}
	now := decided(files, behind, profile.Archs)
	if c.Old != nil {
		now = since(ctx, shelf, c, behind, now)
	}
	out.WriteString(now)
	if strings.Contains(now, "  ! ") {
		out.WriteString(weakNote)
	}
	return out.String(), nil
}

// since is the change from what is locked, of which now is told. What cannot be shown any
// more, for its key was taken back, say, is no hindrance to what takes its place.
func since(ctx context.Context, shelf *share.Shelf, c share.Change, behind []profile.Source, now string) string {
	old, err := shelf.Stored(ctx, c.Place, *c.Old)
	if err != nil {
		return "  " + report.Escape("what is locked cannot be compared with it: "+err.Error()) + "\n" + now
	}
	text, _ := report.Patch("what it decides", decided(filesOf(old, c.Old.Version), behind, profile.Archs), now, false)
	if text == "" {
		return "  it decides what " + c.Old.Version + " did\n"
	}
	return text
}

func signedBy(b lockfile.Bundle) string {
	if b.Signer == nil {
		return "nobody: " + report.Escape(b.Unsigned)
	}
	return report.Escape(share.SignerText(b.Signer))
}

func filesOf(o share.Offer, version string) []profile.Source {
	return share.FilesOf(o, &profile.Bundle{Name: o.Artifact.Bundle.Name, Version: version})
}
