package report

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// ScanListSchema is the version of the JSON of which images have records of scans.
const ScanListSchema = "zlaunch.dev/scan-list/v1"

// ScanList is which images have records of scans, as JSON; docs/schema/scan-list-v1.json
// describes it.
type ScanList struct {
	Schema string         `json:"schema"`
	Images []ScannedImage `json:"images"`
}

// ScannedImage is an image with records of scans.
type ScannedImage struct {
	Image scan.Image `json:"image"`
	Names []string   `json:"names"` // by which its scans call it, each once
	Scans []ScanBy   `json:"scans"` // by tool
}

// NewScanList is a document of records, those of each image together.
func NewScanList(records [][]*scan.Scan) ScanList {
	out := ScanList{Schema: ScanListSchema, Images: []ScannedImage{}}
	for _, scans := range records {
		one := ScannedImage{Image: scans[0].Image, Names: []string{}}
		for _, s := range scans {
			one.Scans = append(one.Scans, scanBy(s))
			if s.Name != "" && !slices.Contains(one.Names, s.Name) {
				one.Names = append(one.Names, s.Name)
			}
		}
		out.Images = append(out.Images, one)
	}
	slices.SortStableFunc(out.Images, func(a, b ScannedImage) int { return slices.Compare(a.Names, b.Names) })
	return out
}

// Text writes a line for each scan, with the digest by which zlaunch scan show takes its image.
func (l ScanList) Text(w io.Writer, on Screen) error {
	if len(l.Images) == 0 {
		_, err := io.WriteString(w, "no image has a record of a scan\n")
		return err
	}
	t := table{columns: []column{{title: "IMAGE", most: 48, wraps: true}, {title: "SCANNED BY"}, {title: "WHEN"}, {title: "FINDINGS"}, {title: "DIGEST", wraps: true, below: true}}}
	for _, one := range l.Images {
		name := strings.Join(one.Names, ", ")
		if name == "" {
			name = "no name"
		}
		for _, s := range one.Scans {
			t.add(name, s.whoRan(), s.day(), s.count(), one.Image.String())
		}
	}
	return t.write(w, on)
}

// whoRan is the tool, and that zlaunch did not run it where somebody else did.
func (s ScanBy) whoRan() string {
	if s.Prison == nil {
		return s.Tool.Name + ", imported"
	}
	return s.Tool.Name
}

func (s ScanBy) day() string {
	if s.Scanned == nil {
		return "not told"
	}
	return s.Scanned.UTC().Format("2006-01-02 15:04") + " UTC"
}

// count is how many findings there are, where the scan can be used.
func (s ScanBy) count() string {
	switch {
	case s.Failed != "":
		return "failed"
	case s.Partial != "":
		return "not whole"
	}
	return strconv.Itoa(s.Findings)
}
