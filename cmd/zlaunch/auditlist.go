package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// listOptions choose what an audit lists for a person.
type listOptions struct {
	severity string
	only     []string
	report.Listing
}

func (o *listOptions) bind(fs *pflag.FlagSet) {
	fs.StringVar(&o.severity, "severity", "", "list only findings at or above `LEVEL`: info, low, medium, high or critical")
	fs.StringSliceVar(&o.only, "only", nil, "list only the controls `ID[,ID]`: ZL-203, cap-drop-all, or a group as ZL-2")
	fs.BoolVar(&o.Summary, "summary", false, "list a line for each subject, and no findings")
}

// read works out what the options ask for.
func (o *listOptions) read() (err error) {
	if o.severity != "" {
		if o.Least, err = audit.ParseSeverity(o.severity); err != nil {
			return &usageError{hint.Errorf("--severity is one of info, low, medium, high, critical", "option --severity does not take %q", o.severity)}
		}
	}
	for _, word := range o.only {
		ids := controlsOf(word)
		if len(ids) == 0 {
			return &usageError{hint.Errorf("--only is controls or groups of them, as ZL-203, cap-drop-all or ZL-2\nzlaunch explain --all", "option --only does not take %q", word)}
		}
		o.Only = append(o.Only, ids...)
	}
	return nil
}

// controlsOf are the ids that a word names: one by id or name, or all of a group,
// which is the beginning of their ids: ZL-2, or ZL-2xx.
func controlsOf(word string) []string {
	group := strings.TrimRight(strings.ToUpper(word), "X")
	var out []string
	for _, c := range audit.Catalogue() {
		if strings.EqualFold(c.ID, word) || c.Name == word || len(group) > len("ZL-") && len(group) < len(c.ID) && strings.HasPrefix(c.ID, group) {
			out = append(out, c.ID)
		}
	}
	return slices.Compact(out)
}

// isDirectory tells whether a word of the command line names a directory.
func isDirectory(word string) bool {
	info, err := os.Stat(word)
	return err == nil && info.IsDir()
}
