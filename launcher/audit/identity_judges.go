package audit

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// runsAs is the user the process starts as: the stated or the planned one, else the
// one keep-id gives it, else the image's; "" is root. Where none is known the
// control is open. A plan sends the numbers it has read from the image's passwd:
// what the image calls them counts for nothing.
func runsAs(k *Case) (user string, m container.Mark, known bool) {
	user, m, known = container.User.Get(k.Spec)
	if known && user != "" && (stated(m) || planned(k) || m.Evidence > container.Created) {
		return user, m, true
	}
	if mode, um, _ := container.Userns.Get(k.Spec); mode == "keep-id" || strings.HasPrefix(mode, "keep-id:") {
		return keptUser(mode), um, true
	}
	user, m, known = container.ImageUser.Get(k.Spec)
	if !known {
		k.Open(at(container.User), "the user is the image's, which is not known: podman image inspect --format '{{.Config.User}}' IMAGE")
	}
	return user, m, known
}

func planned(k *Case) bool { return peek(k, container.Subject) == "plan" }

// lookedUp is the word that a plan, or that of a container's record, looked up in
// the image's passwd and group, and the numbers it found; "" nothing was looked up.
func lookedUp(k *Case) (word, numbers string) {
	numbers, m, known := container.User.Get(k.Spec)
	if !known || nameIn(numbers) != "" || len(m.Origin) == 0 || m.Origin[0].Layer != container.LayerImage {
		return "", ""
	}
	return strings.TrimPrefix(m.Origin[0].Key, "USER "), numbers
}

// caller stands for the uid and gid of who runs podman; they are never 0 where
// keep-id is allowed.
const caller = "caller:caller"

// keptUser is who keep-id makes the process, whatever the image says.
func keptUser(mode string) string {
	uid, pinned := suboption(strings.TrimPrefix(mode, "keep-id:"), "uid")
	gid, both := suboption(strings.TrimPrefix(mode, "keep-id:"), "gid")
	switch {
	case !pinned:
		return caller
	case !both:
		return uid + ":caller"
	}
	return uid + ":" + gid
}

// number reads an id as Podman does, by strconv.Atoi: "+0" and "-0" are 0. Names
// have none.
func number(id string) (uint64, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(id), 10, 64)
	return uint64(n), err == nil && n >= 0 && n <= math.MaxUint32
}

// isRoot tells whether a user or group is number 0, however it is written: "0",
// "00", "+0", "root", or nothing.
func isRoot(id string) bool {
	n, ok := number(id)
	return ok && n == 0 || id == "root" || id == ""
}

func rootUser(user string) bool { uid, _, _ := strings.Cut(user, ":"); return isRoot(uid) }

// judgeRootUser is less grave where a user namespace makes container root a
// nobody on the host.
func judgeRootUser(k *Case) {
	user, _, ok := runsAs(k)
	if !ok {
		return
	}
	if !rootUser(user) {
		if name := nameIn(user); name != "" {
			k.Open(at(container.User), "what uid the image's passwd gives %q is not known: name the number", name)
		}
		return
	}
	const obligation = `user must not be root: name the image's own user, as "1000:1000"`
	if p := at(container.User); rootIsNobody(k) {
		k.FailAs(Medium, p, "%s (here root is one of the sub-uids on the host)%s", obligation, calledOtherwise(k))
	} else {
		k.Fail(p, "%s%s%s", obligation, behindRoot(k), calledOtherwise(k))
	}
}

// nameIn is the name of a user, where it is no number: any name may have uid 0 in
// the image's passwd, also the one that the image declares.
func nameIn(user string) string {
	name, _, _ := strings.Cut(user, ":")
	if _, numeric := number(name); numeric || user == caller {
		return ""
	}
	return name
}

// calledOtherwise tells of a root whom the image gives another name.
func calledOtherwise(k *Case) string {
	word, numbers := lookedUp(k)
	if nameIn(word) == "" || rootUser(word) {
		return ""
	}
	return ": the image's passwd makes " + strconv.Quote(word) + " " + numbers
}

// rootIsNobody tells whether the mapping is known to give container root a
// sub-uid.
func rootIsNobody(k *Case) bool {
	mode, rest, _ := strings.Cut(peek(k, container.Userns), ":")
	switch mode {
	case "auto", "nomap":
		return true
	case "keep-id": // pinned to 0, container root is the caller
		return peek(k, container.Rootless) && !slices.ContainsFunc(strings.Split(rest, ","), func(o string) bool {
			name, id, _ := strings.Cut(o, "=")
			return name == "uid" && isRoot(id)
		})
	}
	return false
}

func behindRoot(k *Case) string {
	rootless, _, known := container.Rootless.Get(k.Spec)
	if _, out, ok := strings.Cut(peek(k, container.UidMap), "="); ok {
		return " (it is uid " + out + " on the host)"
	}
	switch {
	case known && rootless:
		return " (it is you on the host)"
	case known:
		return " (it is root on the host)"
	}
	return ""
}

// judgeDeclared holds the user against what the image declares; a plan names it in
// numbers, which is what the kernel knows.
func judgeDeclared(k *Case) {
	user, m, ok := runsAs(k)
	if !ok {
		return
	}
	if rootUser(user) {
		k.NA("the process is root, which ZL-301 judges")
		return
	}
	if user == caller {
		k.NA("the process is the caller by keep-id, which ZL-304 judges")
		return
	}
	name, _, _ := strings.Cut(user, ":")
	_, isNumber := number(name)
	if planned(k) {
		if _, _, both := strings.Cut(user, ":"); !isNumber || !both {
			k.Fail(at(container.User), `user must be pinned in numbers, as "1000:1000", not %q`, user)
		}
		return
	}
	declared, _, known := container.ImageUser.Get(k.Spec)
	own, _, _ := strings.Cut(declared, ":")
	_, ownNumber := number(own)
	switch {
	case known && !isRoot(own) && isNumber == ownNumber && own != name:
		k.Fail(at(container.User), "user must be the image's own, %s, not %s", own, name)
	case !isNumber && (ownNumber || !known) && m.Evidence <= container.Created:
		k.Open(at(container.User), "which uid %q is, only the image's passwd tells", name)
	}
}

// judgeHostIdentity asks who an escape would be. Rootless it is the caller or a
// sub-uid of the caller; which of them ZL-301 weighs.
func judgeHostIdentity(k *Case) {
	rootless, _, who := container.Rootless.Get(k.Spec)
	mode, _, modeKnown := container.Userns.Get(k.Spec)
	in, out, mapped := strings.Cut(peek(k, container.UidMap), "=")
	manual := len(peek(k, container.UidMaps)) > 0
	switch {
	case mapped && out == "0":
		k.Fail(at(container.UidMap), "uid %s of the container must not be uid 0 of the host", in)
	case who && !rootless && modeKnown && unmapped(mode) && !manual:
		k.Fail(at(container.Userns), "userns must be auto where the engine runs as root: uid 0 of the container is uid 0 of the host now")
	case mapped, who && rootless, manual, modeKnown && slices.Contains([]string{"auto", "nomap", "private"}, mode), strings.HasPrefix(mode, "auto:"):
	case !who && modeKnown && unmapped(mode):
		k.Open(at(container.UidMap), "whether uid 0 of the container is uid 0 of the host depends on whether the engine runs as root, which is not known")
	default:
		k.Open(at(container.UidMap), "which id of the host is behind the process is not known: /proc/PID/uid_map tells")
	}
}

// unmapped tells that a mode gives an engine of root no user namespace: keep-id is
// for ordinary users alone.
func unmapped(mode string) bool {
	return mode == "" || mode == "host" || strings.HasPrefix(mode, "keep-id")
}

// judgeKeepID wants the caller's uid where the image's user is. Another mode than
// keep-id is a decision of its own.
func judgeKeepID(k *Case) {
	mode, ok := read(k, container.Userns)
	if !ok {
		return
	}
	word, rest, _ := strings.Cut(mode, ":")
	if word != "keep-id" {
		k.NA("userns is not keep-id")
		return
	}
	user, m, known := container.User.Get(k.Spec)
	uid, _, _ := strings.Cut(user, ":")
	pin, pinned := suboption(rest, "uid")
	switch {
	case !pinned && known && user != "" && stated(m):
	case !pinned:
		k.Fail(at(container.Userns), "userns must pin the image's user: keep-id:uid=UID,gid=GID")
	case known && differs(pin, uid):
		k.Fail(at(container.Userns), "userns must pin the uid that runs: keep-id:uid=%s,gid=GID, not uid=%s", uid, pin)
	}
}

// stated tells that somebody wrote the setting: not the image, and no observation.
func stated(m container.Mark) bool {
	return m.Evidence <= container.Created && !(len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerImage)
}

// suboption is the value of NAME=VALUE in a list parted by commas; of two the last
// counts, as it does for Podman.
func suboption(list, name string) (value string, said bool) {
	for _, o := range strings.Split(list, ",") {
		if n, v, ok := strings.Cut(o, "="); ok && n == name {
			value, said = v, true
		}
	}
	return value, said
}

// differs tells that two ids are different numbers.
func differs(a, b string) bool {
	x, ok := number(a)
	y, ok2 := number(b)
	return ok && ok2 && x != y
}

// pinKeepID pins the stated user; without one there is nothing to pin to.
func pinKeepID(s *container.Spec, _ container.Path) {
	user, _, _ := container.User.Get(s)
	uid, gid, both := strings.Cut(user, ":")
	_, ok := number(uid)
	if _, ok2 := number(gid); both && ok && ok2 {
		container.Userns.Set(s, "keep-id:uid="+uid+",gid="+gid, mended)
	}
}

// byEngine tells that nobody stated a value, and the engine's default holds.
func byEngine(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerEngine
}

func judgeForeignUserns(k *Case) {
	mode, ok := read(k, container.Userns)
	if ok && (strings.HasPrefix(mode, "ns:") || strings.HasPrefix(mode, "container:")) {
		k.Fail(at(container.Userns), "userns must not be %q: it joins a foreign user namespace", mode)
	}
	if _, m, _ := container.Userns.Get(k.Spec); ok && mode == "host" && peek(k, container.Engine) == "docker" && !byEngine(m) {
		k.Fail(at(container.Userns), "userns must not be host: where the daemon maps ids, that undoes it for this container")
	}
}
