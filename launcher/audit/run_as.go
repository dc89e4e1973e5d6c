package audit

import (
	"math"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Who the process is: the user that options, image and user namespace come to.

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

// runsAsOther is runsAs for the controls of users that are not root.
func runsAsOther(k *Case) (user string, m container.Mark, other bool) {
	user, m, known := runsAs(k)
	if known && rootUser(user) {
		k.NA("the process is root, which ZL-301 judges")
		return user, m, false
	}
	return user, m, known
}

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

// lookedUp is the word that a plan, or that of a container's record, looked up in
// the image's passwd and group, and the numbers it found; "" nothing was looked up.
func lookedUp(k *Case) (word, numbers string) {
	numbers, m, known := container.User.Get(k.Spec)
	if !known || nameIn(numbers) != "" {
		return "", ""
	}
	for _, o := range m.Origin {
		if _, word, ok := strings.Cut(o.Key, " "); ok && o.Layer == container.LayerImage {
			return word, numbers // "USER word" of the image, "passwd word" of who stated another
		}
	}
	return "", ""
}

// caller stands for the uid and gid of who runs podman; they are never 0 where
// keep-id is allowed.
const caller = "caller:caller"

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

// nameIn is the name of a user, where it is no number: any name may have uid 0 in
// the image's passwd, also the one that the image declares.
func nameIn(user string) string {
	name, _, _ := strings.Cut(user, ":")
	if _, numeric := number(name); numeric || user == caller {
		return ""
	}
	return name
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

// calledOtherwise tells of a root whom the image gives another name.
func calledOtherwise(k *Case) string {
	word, numbers := lookedUp(k)
	if nameIn(word) == "" || rootUser(word) {
		return ""
	}
	return ": the image's passwd makes " + strconv.Quote(word) + " " + numbers
}
