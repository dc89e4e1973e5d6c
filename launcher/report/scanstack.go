package report

import (
	"io"
	"strconv"
	"strings"
)

// ScanStackSchema is the version of the JSON of what scanners found in the images of a stack.
const ScanStackSchema = "zlaunch.dev/scan-stack/v1"

// ScanStack is what scanners found in the images of a stack's members, as JSON.
type ScanStack struct {
	Schema string       `json:"schema"`
	Stack  string       `json:"stack"`
	File   string       `json:"file"`
	Images []StackImage `json:"images"` // each once, in the order in which members start
}

// StackImage is one image of a stack.
type StackImage struct {
	Members []string `json:"members"` // that run it
	Ref     string   `json:"ref"`
	Scan    Scan     `json:"scan"`
}

// Text writes a line for each kind of finding of each image, with the members that run it, and
// what stands against each.
func (s ScanStack) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "MEMBER", wraps: true}, {title: "IMAGE", most: 48}, {title: "SCANNED BY", wraps: true},
		{title: "VULN TYPE"}, {title: "SEVERITY", means: true}, {title: "COUNT"}}}
	for _, one := range s.Images {
		who, by := strings.Join(one.Members, ", "), one.by()
		counts := one.Scan.Counts
		switch {
		case len(one.Scan.Scans) == 0:
			t.add(who, one.Ref, by, "-", "-", "?")
		case len(counts) == 0:
			t.add(who, one.Ref, by, "-", "-", "0")
		}
		for _, c := range counts {
			t.add(who, one.Ref, by, strings.ToUpper(string(c.Class)), string(c.Severity), strconv.Itoa(c.Count))
		}
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	for _, one := range s.Images {
		if err := one.Scan.againstOf(strings.Join(one.Members, ", ")+": ", w, on); err != nil {
			return err
		}
	}
	return nil
}

// by are the tools that looked at an image.
func (one StackImage) by() string {
	var tools []string
	for _, s := range one.Scan.Scans {
		tools = append(tools, s.Tool.Name)
	}
	if len(tools) == 0 {
		return "nobody"
	}
	return strings.Join(tools, ", ")
}
