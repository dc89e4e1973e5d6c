package engine

import (
	"strconv"
	"strings"
)

// IDRange is Size ids, from Inside of a user namespace on. Around it they begin at
// Outside; [Anywhere] where the engine picks the place when it makes the container.
type IDRange struct{ Inside, Outside, Size int64 }

// Anywhere is the place of ids that nobody knows before the container is there.
const Anywhere = -1

// IDMap is who the ids of a user namespace are around it, as /proc/PID/uid_map has it.
type IDMap []IDRange

// Rootless is the map of an ordinary user's engine, as podman unshare shows it: the
// user as 0, then their sub-ids in the order of the file, each a first one and a count.
func Rootless(own int64, sub ...[2]int64) IDMap {
	m := IDMap{{0, own, 1}}
	for _, s := range sub {
		m = append(m, IDRange{m.size(), s[0], s[1]})
	}
	return m
}

func (m IDMap) size() (n int64) {
	for _, r := range m {
		n += r.Size
	}
	return n
}

// Outside is who id is around the namespace. mapped is false for one that the
// namespace does not have: no process can take it on.
func (m IDMap) Outside(id int64) (outside int64, mapped bool) {
	for _, r := range m {
		if id < r.Inside || id-r.Inside >= r.Size {
			continue
		}
		if r.Outside == Anywhere {
			return Anywhere, true
		}
		return r.Outside + id - r.Inside, true
	}
	return 0, false
}

// part appends ids that are the engine's from id on, as they lie around the engine.
func (m IDMap) part(engine IDMap, inside, id, size int64) IDMap {
	for _, r := range engine {
		skip := id - r.Inside
		if size <= 0 || skip < 0 || skip >= r.Size {
			continue
		}
		n := min(size, r.Size-skip)
		m = append(m, IDRange{inside, r.Outside + skip, n})
		inside, id, size = inside+n, id+n, size-n
	}
	return m
}

// IDs are uids or gids, as the options of --userns call them.
type IDs string

// The kinds of ids.
const (
	UIDs IDs = "uid"
	GIDs IDs = "gid"
)

// autoSize is how many ids --userns=auto gives at least (AutoUserNsMinSize of
// containers/storage, types/utils.go).
const autoSize = 1024

// MapOf is the map that Podman makes of --userns for a container of an ordinary
// user's engine (pkg/util/utils.go), whose process is to be id. known is false for a
// namespace that is somebody else's, and for words that Podman does not know.
func (ids IDs) MapOf(userns string, engine IDMap, id int64) (m IDMap, known bool) {
	mode, options, _ := strings.Cut(userns, ":")
	sub := engine.size() - 1
	switch mode {
	case "", "host":
		return engine, true
	case "nomap":
		return m.part(engine, 0, 1, sub), true
	case "auto":
		size, said := option(options, "size")
		if !said {
			size = max(autoSize, id+1)
		}
		return IDMap{{0, Anywhere, min(size, sub)}}, true
	case "keep-id":
		own, said := option(options, string(ids))
		if !said {
			own, _ = engine.Outside(0)
		}
		if size, said := option(options, "size"); said {
			sub = min(sub, size-1)
		}
		m = m.part(engine, 0, 1, min(own, sub))
		m = m.part(engine, own, 0, 1)
		return m.part(engine, own+1, own+1, sub-own), true
	}
	return nil, false
}

// AddedGroup is the group that Podman adds to those of the process: the caller's under
// keep-id, root's under nomap (pkg/specgen/namespaces.go).
func AddedGroup(userns string, engine IDMap) (gid int64, added bool) {
	mode, options, _ := strings.Cut(userns, ":")
	switch mode {
	case "nomap":
		return 0, true
	case "keep-id":
		gid, said := option(options, string(GIDs))
		if !said {
			gid, _ = engine.Outside(0)
		}
		return gid, true
	}
	return 0, false
}

// option is a number of a list NAME=N,NAME=N; of two the last counts.
func option(list, name string) (n int64, said bool) {
	for _, o := range strings.Split(list, ",") {
		if v, ok := strings.CutPrefix(o, name+"="); ok {
			n, _ = strconv.ParseInt(v, 10, 64) // its form was checked
			said = true
		}
	}
	return n, said
}

// Releases that mend --userns.
var (
	pinsRoot = Version{5, 1, 0} // keep-id:uid=0 and gid=0; before, the map has an empty range, and the OCI runtime dies of it
	sizes    = Version{5, 4, 0} // keep-id:size=
)

// maxID is the largest id there is: the one above it stands for none (chown(2)).
const maxID = 1<<32 - 2

// CannotMap tells why a release of Podman, run by an ordinary user with so many
// sub-ids, makes no container that works of --userns, and what to give instead. It is
// "" for one that it can make, and for a version that is not known.
func CannotMap(version, userns string, subIDs int64) (why, instead string) {
	v, known := ParseVersion(version)
	mode, options, _ := strings.Cut(userns, ":")
	u, uid := option(options, "uid")
	g, gid := option(options, "gid")
	size, sized := option(options, "size")
	switch {
	case userns == "private":
		return "it wants maps of its own, which zlaunch does not write", "--userns=nomap"
	case mode == "keep-id" && max(u, g) > maxID:
		return "no user or group has a number above " + strconv.FormatInt(maxID, 10), "--userns=keep-id"
	case mode == "auto" && sized && (size < 1 || size > subIDs):
		return "you have " + strconv.FormatInt(subIDs, 10) + " sub-ids to give", "--userns=auto"
	case mode == "keep-id" && known && v.Before(sizes) && sized:
		return "podman " + version + " does not know its size=", "--userns=" + strings.Trim("keep-id:"+without(options, "size"), ":")
	case mode != "keep-id" || !known || !v.Before(pinsRoot):
		return "", ""
	case uid && u == 0:
		return "podman " + version + " makes an empty map of uid=0, of which the OCI runtime dies", "--userns=host, under which container root is you"
	case gid && g == 0:
		pin := ""
		if uid {
			pin = "uid=" + strconv.FormatInt(u, 10) + ",gid=" + strconv.FormatInt(u, 10)
		}
		return "podman " + version + " makes an empty map of gid=0, of which the OCI runtime dies", "--userns=" + strings.TrimSuffix("keep-id:"+pin, ":")
	}
	return "", ""
}

// KeepID is the --userns that makes the caller the process of these numbers. Of their
// group it makes another one where the process has root's, which no release before
// 5.1.0 maps (USER UID without a group in an image's file means that): then the caller's
// group is UID as well, and group 0 is one of the caller's sub-gids.
func KeepID(uid, gid string) string {
	if gid == "0" {
		gid = uid
	}
	return "keep-id:uid=" + uid + ",gid=" + gid
}

// without is a list NAME=N,NAME=N without one name.
func without(list, name string) string {
	var out []string
	for _, o := range strings.Split(list, ",") {
		if !strings.HasPrefix(o, name+"=") {
			out = append(out, o)
		}
	}
	return strings.Join(out, ",")
}
