package plan

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Inspection is what inspections saw of an image, as far as it is kept here.
type Inspection struct {
	Image  scan.Image
	Record *inspected.Record // nil: nobody inspected it
	Unread error             // why the record cannot be read
}

// InspectionsDir is where the records of inspections are.
func InspectionsDir(dirs record.Dirs) inspected.Dir {
	return inspected.Dir(filepath.Join(dirs.State, "inspections"))
}

// Inspected is what inspections saw of an image, as far as it is kept in the state directory.
func Inspected(dirs record.Dirs, image scan.Image) (out Inspection) {
	out.Image = image
	if filepath.IsAbs(dirs.State) {
		out.Record, out.Unread = InspectionsDir(dirs).Of(image)
	}
	return out
}

// InspectionFindings are those of the controls of inspections, by the record of an image.
func InspectionFindings(i Inspection) []audit.Finding {
	switch {
	case i.Unread != nil:
		why := "the record of its inspections cannot be read: " + i.Unread.Error()
		return []audit.Finding{openOf(audit.Attested, why), openOf(audit.NoSetuidFiles, why)}
	case !i.Image.Known():
		return []audit.Finding{openOf(audit.Attested, "the image is not here"), openOf(audit.NoSetuidFiles, "the image is not here")}
	}
	return []audit.Finding{i.attested(), i.setuid()}
}

// attested judges what is attached. A list of packages that a scanner made is no attestation.
func (i Inspection) attested() audit.Finding {
	var have, unread, asked []string
	looks := i.looks()
	for _, l := range looks {
		if l.Partial != "" {
			unread = append(unread, l.Partial)
		}
		for _, t := range l.Things {
			attests := t.Kind == inspected.SBOM || t.Kind == inspected.Provenance
			switch {
			case attests && t.Fault == "":
				have = append(have, fmt.Sprintf("%s: %s, %s", t.Kind, t.Form, placeOf(l)))
			case t.Kind != inspected.Signature && t.Fault != "" && t.Fault != inspected.Another:
				unread = append(unread, t.Form+": "+t.Fault)
			}
		}
		if l.Registry != "" {
			asked = append(asked, placeOf(l))
		}
	}
	next := ": zlaunch inspect --attached " + i.Image.String()
	switch {
	case len(have) > 0:
		return told(audit.Attested, audit.Pass, container.Path{}, strings.Join(slices.Compact(have), "; "))
	case len(unread) > 0:
		return openOf(audit.Attested, "what is attached to it could not all be read, "+unread[0]+next)
	case len(asked) > 0:
		return told(audit.Attested, audit.Fail, container.Path{}, "an SBOM or provenance must be attached to the image; there is none "+strings.Join(asked, " and "))
	case len(looks) > 0:
		return openOf(audit.Attested, "none lies in the layout that was inspected, and no registry was asked"+next)
	}
	return openOf(audit.Attested, "nobody looked whether an SBOM or provenance is attached to it"+next)
}

// looks are those for this very image.
func (i Inspection) looks() (out []inspected.Look) {
	if i.Record == nil {
		return nil
	}
	for _, l := range i.Record.Looks {
		if l.About(i.Image.Manifests) {
			out = append(out, l)
		}
	}
	return out
}

// placeOf says where a look was, and when.
func placeOf(l inspected.Look) string {
	day := l.When.UTC().Format(time.DateOnly)
	if l.Registry == "" {
		return "in a layout on " + day
	}
	return "in " + l.Registry + " on " + day
}

// setuid judges the files that give rights, by the image's content: it never fails.
func (i Inspection) setuid() audit.Finding {
	if i.Record == nil || i.Record.Files == nil {
		return openOf(audit.NoSetuidFiles, "nobody looked at its files: zlaunch inspect "+i.Image.String())
	}
	f := i.Record.Files
	var parts []string
	for _, kind := range []struct {
		name string
		list inspected.List
	}{{"set-user-ID or set-group-ID", f.Setuid}, {"with capabilities of their own", f.Capable}} {
		if n := kind.list.Count(); n > 0 {
			parts = append(parts, kind.name+": "+someOf(kind.list.Paths, n))
		}
	}
	if len(parts) == 0 {
		return told(audit.NoSetuidFiles, audit.Pass, container.Path{}, "")
	}
	return told(audit.NoSetuidFiles, audit.Review, container.Path{}, strings.Join(parts, "; ")+"; without new privileges they give nothing")
}

// someOf names the first of n paths.
func someOf(paths []string, n int) string {
	const most = 3
	shown := paths[:min(most, len(paths))]
	text := strings.Join(shown, ", ")
	if n > len(shown) {
		text += fmt.Sprintf(" and %d more", n-len(shown))
	}
	return text
}
