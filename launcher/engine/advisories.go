package engine

import (
	"slices"
	"strings"
)

// Advisory is a mistake of Podman's by which an image does what no option says.
type Advisory struct {
	ID       string  // "CVE-2026-57231", or what names it where it has no number
	Does     string  // what the image can do
	Affected []Range // ascending, none overlapping
	Held     string  // what holds it in a run by zlaunch; "" nothing does
	By       Part    // what it comes by
}

// Part is what a run trusts that an advisory concerns; each has a control of its own.
type Part uint8

// The parts.
const (
	ByImage     Part = iota // what an image carries
	BySignature             // the check of who built it
	ByEngine                // the engine's own code
)

// Range is the releases from From, which counts, to Fixed, which does not.
type Range struct{ From, Fixed Version }

func (r Range) holds(v Version) bool { return !v.Before(r.From) && v.Before(r.Fixed) }

// In tells whether a release has the mistake, by its number. Distributions mend old
// releases and keep the number.
func (a Advisory) In(v Version) bool {
	return slices.ContainsFunc(a.Affected, func(r Range) bool { return r.holds(v) })
}

// Name is what a sentence calls it: what has no number of its own, by the release that
// mended it.
func (a Advisory) Name() string {
	if strings.HasPrefix(a.ID, "podman ") {
		return "what " + a.ID + " mended"
	}
	return a.ID
}

// Of lists the advisories that a version falls for by its number, in the order of
// [Advisories]; none where the version is not known.
func Of(version string) []Advisory {
	v, ok := ParseVersion(version)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(Advisories), func(a Advisory) bool { return !a.In(v) })
}

// Annotated is the first release that no longer gives an image's annotations to its
// containers (release notes of 4.5.1).
var Annotated = Version{4, 5, 1}

// Advisories are those of images, the gravest first. Ranges are those of the records
// and release notes of November 2026; where a line of releases is not named there, the
// range goes on to the release that is.
var Advisories = []Advisory{
	{
		ID:       "CVE-2026-94603",
		Does:     "an annotation of the image makes podman run restore it as a checkpoint, without any of the sandbox asked for",
		Affected: []Range{{Version{4, 4, 0}, Version{6, 1, 3}}},
		Held:     "zlaunch creates containers and never restores one, and refuses such an image: its podman line would",
		By:       ByImage,
	},
	{
		ID:       "podman 4.5.1",
		Does:     "annotations of the image reach the OCI runtime, which obeys run.oci., org.systemd.property. and others",
		Affected: []Range{{Version{}, Annotated}},
		Held:     "such an image is refused, and the proof compares the annotations the runtime was given",
		By:       ByImage,
	},
	{
		ID:       "CVE-2026-57231",
		Does:     "a variable without a value in the image's Env takes the engine's own variable of that name, or all by a *",
		Affected: []Range{{Version{1, 8, 1}, Version{5, 8, 4}}},
		Held:     "such an image is refused, and the proof compares the variables",
		By:       ByImage,
	},
	{
		ID:       "CVE-2026-55686",
		Does:     "a WORKDIR through a symbolic link of the image makes a directory on the host",
		Affected: []Range{{Version{}, Version{5, 7, 1}}},
		Held:     "a run by zlaunch states the directory, and podman makes only what the image names",
		By:       ByImage,
	},
	{
		ID:       "CVE-2026-121885",
		Does:     "labels of the image make podman auto-update restart any unit of the user",
		Affected: []Range{{Version{}, Version{5, 8, 10}}, {Version{6, 0, 0}, Version{6, 2, 0}}},
		Held:     "a run by zlaunch states those labels itself",
		By:       ByImage,
	},
	{
		ID:       "CVE-2026-111361",
		Does:     "an image passes the check of digest and signature when it is pulled",
		Affected: []Range{{Version{}, Version{5, 8, 10}}, {Version{6, 0, 0}, Version{6, 2, 0}}},
		By:       BySignature,
	},
	{
		ID:       "CVE-2025-11395",
		Does:     "podman load of a crafted archive overwrites files of the user",
		Affected: []Range{{Version{}, Version{6, 1, 2}}},
		By:       ByEngine,
	},
	{
		ID:       "CVE-2024-9341",
		Does:     "links in the image mount directories of a FIPS host into the container",
		Affected: []Range{{Version{}, Version{5, 2, 4}}},
		Held:     "the proof compares the mounts",
		By:       ByEngine,
	},
	{
		ID:       "CVE-2024-9676",
		Does:     "with --userns=auto, /etc/passwd as a link of the image is read on the host, and may hang the engine",
		Affected: []Range{{Version{}, Version{5, 2, 5}}},
		Held:     "a profile maps the image's user by keep-id",
		By:       ByEngine,
	},
}
