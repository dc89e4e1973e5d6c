package audit

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

var identity = []*Control{
	{ID: "ZL-301", Name: "non-root-user", Severity: High, Why: "root in the container owns the image's files and, under the default mapping, is you", Refs: []string{"IBM L122-129"}, Reads: []container.Row{container.User}, Judge: old(nonRoot)},
	{ID: "ZL-303", Name: "host-identity", Severity: High, Why: "the identity behind the process decides what an escape can read", Refs: []string{"IBM L131-138"}, Reads: []container.Row{container.UidMap, container.GidMap}, Judge: nil},
	{ID: "ZL-304", Name: "keep-id-pinned", Severity: Medium, Why: "any other uid cannot read your 0600 model, and people answer with chmod 777", Refs: []string{"IBM L122", "IBM L170-172"}, Reads: []container.Row{container.Userns}, Judge: old(pinnedUserns)},
	{ID: "ZL-307", Name: "no-leaked-groups", Severity: Medium, Why: "keep-groups carries docker, disk or wheel past the namespace", Refs: []string{"IBM L244-248"}, Reads: []container.Row{container.GroupAdd}, Judge: old(noKeepGroups)},
	{ID: "ZL-311", Name: "umask", Severity: Low, Why: "files written to shared volumes stay unwritable for others", Refs: nil, Reads: []container.Row{container.Umask}, Judge: old(func(s *container.Spec) string {
		if u, _, _ := container.Umask.Get(s); u != "" && !strings.ContainsRune("2367", rune(u[len(u)-1])) {
			return `umask must keep others from writing: "0027"`
		}
		return ""
	})},
}
