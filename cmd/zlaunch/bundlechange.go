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
		old, err := shelf.Stored(ctx, *c.Old)
		if err != nil {
			return "", err
		}
		text, _ := report.Patch("what it decides", decided(filesOf(old, c.Old.Version), behind, profile.Archs), now, false)
		if now = text; now == "" {
			now = "  it decides what " + c.Old.Version + " did\n"
		}
	}
	out.WriteString(now)
	if strings.Contains(now, "  ! ") {
		out.WriteString(weakNote)
	}
	return out.String(), nil
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
