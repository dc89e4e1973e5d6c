package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// judgeIDMaps reads CONTAINER:HOST:LENGTH. For an ordinary user the middle number
// counts from the caller, so that no map reaches an id that is not the caller's.
func judgeIDMaps(k *Case) {
	rootless, _, who := container.Rootless.Get(k.Spec)
	for _, row := range []container.Field[[]string]{container.UidMaps, container.GidMaps} {
		lines, _ := read(k, row)
		lines = append(slices.Clone(lines), autoMaps(k, strings.TrimSuffix(row.Key(), "map")+"mapping")...)
		for _, line := range lines {
			zero, ok := mapsZero(line)
			switch {
			case !ok:
				k.Fail(at(row), "%s must be CONTAINER:HOST:LENGTH, %q is not", row.Key(), line)
			case zero && who && !rootless:
				k.Fail(at(row), "%s must not map id 0 of the host, %q does", row.Key(), line)
			case zero && !who:
				k.Open(at(row), "%q maps id 0 of the host where the engine runs as root, which is not known", line)
			}
		}
	}
}

// autoMaps are the maps that --userns=auto:uidmapping=… adds.
func autoMaps(k *Case, name string) (out []string) {
	_, rest, _ := strings.Cut(peek(k, container.Userns), ":")
	for _, o := range strings.Split(rest, ",") {
		if n, v, _ := strings.Cut(o, "="); n == name {
			out = append(out, v)
		}
	}
	return out
}

// mapsZero tells whether a line covers id 0 of the host. Podman takes +, u and g
// in front of the first number, @ in front of the second, and leaves the length
// to be 1.
func mapsZero(line string) (zero, ok bool) {
	parts := strings.Split(line, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return false, false
	}
	_, ok = number(strings.TrimLeft(parts[0], "+ug"))
	host, ok2 := number(strings.TrimPrefix(parts[1], "@"))
	length, ok3 := uint64(1), true
	if len(parts) == 3 {
		length, ok3 = number(parts[2])
	}
	return host == 0 && length > 0, ok && ok2 && ok3
}

// overflow is the group that the kernel shows for every group of the host a user
// namespace has no number for: the trace of keep-groups.
const overflow = "65534"

func judgeGroups(k *Case) {
	for _, key := range []string{"run.oci.keep_original_groups", "io.crun.keep_original_groups"} {
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
		k.Fail(at(container.GroupAdd), "group_add must be empty, or say why, it holds %s", few(groups))
	}
}

func withoutGroups(s *container.Spec, p container.Path) {
	if p.Key == container.Annotation.Key() {
		container.Annotation.Delete(s, p.Elem)
		return
	}
	container.GroupAdd.Clear(s)
}

func judgePrimaryGroup(k *Case) {
	user, m, ok := runsAs(k)
	if !ok {
		return
	}
	if rootUser(user) {
		k.NA("the process is root, which ZL-301 judges")
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

// highUID is above what hosts give to people and services (KSV-0020).
const highUID = 10_000

func judgeHighUID(k *Case) {
	rootless, _, who := container.Rootless.Get(k.Spec)
	mode, _, modeKnown := container.Userns.Get(k.Spec)
	switch {
	case who && rootless, modeKnown && !unmapped(mode):
		k.NA("a user namespace maps the uid, so that it is no user of the host")
		return
	case !who || !modeKnown:
		k.Open(at(container.UidMap), "whether a user namespace maps the uid is not known")
		return
	}
	user, _, ok := runsAs(k)
	uid, _, _ := strings.Cut(user, ":")
	if n, isNumber := number(uid); ok && isNumber && n < highUID {
		k.Fail(at(container.User), "the uid should be above %d where no user namespace maps it, it is %d", highUID, n)
	}
}

// judgeUmask wants neither the group nor others to write; 0002 needs a reason.
func judgeUmask(k *Case) {
	v, ok := read(k, container.Umask)
	if !ok || v == "" {
		return // the engine's own 0022
	}
	_, m, _ := container.Umask.Get(k.Spec)
	mask, err := strconv.ParseUint(v, 8, 16)
	switch {
	case err != nil:
		k.Fail(at(container.Umask), `umask must be octal, as "0027", not %q`, v)
	case mask&0o002 == 0:
		k.Fail(at(container.Umask), `umask must keep others from writing: "0027", not %q`, v)
	case mask&0o020 == 0 && m.Why == "":
		k.Fail(at(container.Umask), `umask must keep the group from writing, or say why: "0027", not %q`, v)
	}
}
