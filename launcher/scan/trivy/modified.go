package trivy

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// others are the types of what trivy finds beside vulnerabilities (pkg/types/finding.go). Treat it as a constant.
var others = []string{"misconfiguration", "secret", "license"}

// modified reads what trivy found and left out of its findings, by an ignore file or by VEX. A vulnerability
// is a finding all the same: whoever told trivy to leave it out is not who judges here.
func (d *reader) modified(class string) error {
	kind := ""
	var f scan.Finding
	err := d.Object(func(key string) (err error) {
		switch key {
		case "Type":
			return d.Text(&kind)
		case "Finding":
			f, err = d.vulnerability()
			return err
		}
		return d.Skip()
	})
	if err != nil || f.ID == "" && slices.Contains(others, kind) {
		return err
	}
	return d.add(f, class)
}
