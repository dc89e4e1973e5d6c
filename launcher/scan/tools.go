package scan

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Tools are the scanners whose reports are read, as [Tool] names them, in order.
func Tools() []string {
	return []string{"debsecan", "docker-scout", "ecr", "gcp", "grype", "inspector", "trivy"}
}

// CheckTools refuses names that are no tool's: no scan is ever by one.
func CheckTools(names []string) error {
	for _, name := range names {
		if slices.Contains(Tools(), name) {
			continue
		}
		next := "one of " + strings.Join(Tools(), ", ")
		if near := hint.Nearest(name, Tools()); near != "" {
			next = "did you mean " + near + "?"
		}
		return hint.Errorf(next, "there is no scanner %.40q whose reports are read", name)
	}
	return nil
}
