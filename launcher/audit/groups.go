package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of the groups that the process has.

var noLeakedGroups = &Control{
	ID: "ZL-307", Name: "no-leaked-groups", Title: "No supplementary group leaks in", Severity: Medium,
	Why:    "keep-groups carries docker, disk or wheel past the namespace",
	Fix:    "leave --group-add away",
	Breaks: "models readable by a group alone: keep-id with the right gid, or setfacl",
	Refs:   []string{"KSV-0116", "systemd SupplementaryGroups=", "CWE-250", "IBM L244-248"},
	Reads:  []container.Row{container.GroupAdd},
	Judge:  judgeNoLeakedGroups,
	Mend:   mendNoLeakedGroups,
}

// KeepGroups are the annotations by which crun does what --group-add keep-groups does. Treat
// it as a constant.
var KeepGroups = []string{"run.oci.keep_original_groups", "io.crun.keep_original_groups"}

func judgeNoLeakedGroups(k *Case) {
	for _, key := range KeepGroups {
		if v, _, ok := container.Annotation.Get(k.Spec, key); ok && v != "0" && v != "false" {
			k.Fail(elem(container.Annotation, key), "the annotation %s must be left away: it keeps the caller's groups", key)
		}
	}
	groups, m, known := container.GroupAdd.Get(k.Spec)
	observed := m.Evidence > container.Created
	i := slices.IndexFunc(groups, func(g string) bool { return g == "keep-groups" || isRoot(g) || observed && g == overflow })
	switch {
	case !known:
		k.Open(at(container.GroupAdd), "the supplementary groups are not known")
	case i >= 0 && groups[i] == overflow:
		k.Fail(at(container.GroupAdd), "group_add must not hold keep-groups: the process has groups of the host")
	case i >= 0:
		k.Fail(at(container.GroupAdd), "group_add must not hold %s", groups[i])
	case len(groups) > 0 && m.Why == "" && !observed:
		k.Fail(at(container.GroupAdd), "group_add must be empty, or say why, it holds %s", firstFew(groups))
	}
}

// overflow is the group that the kernel shows for every group of the host a user
// namespace has no number for: the trace of keep-groups.
const overflow = "65534"

func mendNoLeakedGroups(s *container.Spec, p container.Path) {
	if p.Key == container.Annotation.Key() {
		container.Annotation.Delete(s, p.Elem)
		return
	}
	container.GroupAdd.Clear(s)
}

var groupNotRoot = &Control{
	ID: "ZL-308", Name: "group-not-root", Title: "The primary group is not 0", Severity: Low,
	Why:    "group 0 often owns what an image lets be written",
	Fix:    "--user UID:GID with a gid of its own",
	Breaks: "images made for OpenShift write through group 0: say why, and keep --read-only",
	Refs:   []string{"KSV-0116", "CWE-732"},
	Reads:  []container.Row{container.User},
	Judge:  judgeGroupNotRoot,
}

func judgeGroupNotRoot(k *Case) {
	user, m, ok := runsAsOther(k)
	if !ok {
		return
	}
	name, group, given := strings.Cut(user, ":")
	word, _ := lookedUp(k)
	_, called, _ := strings.Cut(word, ":")
	_, numeric := number(group)
	switch {
	case given && isRoot(group) && !isRoot(called):
		k.FailAs(High, at(container.User), "the group of user must not be 0: the image's files make %q %q", word, user)
	case given && isRoot(group) && m.Why == "":
		k.Fail(at(container.User), "the group of user must not be 0: %q", user)
	case !given:
		k.Open(at(container.User), "which group %q has, only the image's passwd tells", name)
	case !numeric && !isRoot(group) && !strings.HasSuffix(caller, ":"+group):
		k.Open(at(container.User), "what gid the image's group file gives %q is not known: name the number", group)
	}
}
