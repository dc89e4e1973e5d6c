package plan

import (
	"path/filepath"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/records"
)

// scannedOf is what scanners found in the image of a plan, as far as it is kept here. An
// image that is not here is not known, and so is nothing of it.
func (pl *Planner) scannedOf(p *Plan) policy.Scanned {
	out := pl.Scanned(ImageOf(p.Image))
	out.Waivers = slices.Concat(p.Waivers, p.permits)
	return out
}

// Scanned is what scanners found in an image, as far as it is kept here.
func (pl *Planner) Scanned(image scan.Image) (out policy.Scanned) {
	out.Image = image
	if filepath.IsAbs(pl.Dirs.State) {
		out.Scans, out.Unread = records.Dir(filepath.Join(pl.Dirs.State, "scans")).Of(image)
	}
	return out
}

// ImageOf is which image it is that an engine has; nil is none.
func ImageOf(img *effective.Image) scan.Image {
	if img == nil {
		return scan.Image{}
	}
	return scan.ImageOf(img.ID, append([]string{img.Digest}, img.RepoDigests...)...)
}
