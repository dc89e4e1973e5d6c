package observe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// idMap is /proc/PID/uid_map or gid_map: ranges of inner ids, the reader's ids
// they stand for, their length.
type idMap [][3]uint32

// readIDMap reads at most the 340 lines the kernel allows.
func readIDMap(text string) (idMap, error) {
	var out idMap
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		r, err := ids(line)
		if err != nil || len(r) != 3 || len(out) == 340 {
			return nil, fmt.Errorf("reading an id map: line %d has no known form", len(out)+1)
		}
		out = append(out, [3]uint32(r))
	}
	return out, nil
}

// outer maps an inner id to the reader's, inner the other way.
func (m idMap) outer(id uint32) (uint32, bool) {
	for _, r := range m {
		if id >= r[0] && id-r[0] < r[2] {
			return r[1] + (id - r[0]), true
		}
	}
	return 0, false
}

func (m idMap) inner(id uint32) (uint32, bool) {
	for _, r := range m {
		if id >= r[1] && id-r[1] < r[2] {
			return r[0] + (id - r[1]), true
		}
	}
	return 0, false
}

// fillIdentity sets user and group_add as the container sees them, and where its
// user's ids lie on the host.
func fillIdentity(s *container.Spec, st *status, rec Record, in *Context) error {
	uids, err := readIDMap(rec.UidMap)
	if err != nil {
		return err
	}
	gids, err := readIDMap(rec.GidMap)
	if err != nil {
		return err
	}
	u, knownU := uids.worst(st.uids, st.uid)
	g, knownG := gids.worst(st.gids, st.gid)
	if knownU && knownG {
		container.User.Set(s, fmt.Sprintf("%d:%d", u, g), seen(container.Kernel))
	}
	if want, ok := planned(in, container.User); ok {
		if wu, wg, ok := cutUser(want); ok {
			u, g = wu, wg
		}
	}
	container.UidMap.Set(s, uids.at(u), seen(container.Kernel))
	container.GidMap.Set(s, gids.at(g), seen(container.Kernel))
	container.GroupAdd.Set(s, gids.supplementary(st), seen(container.Kernel))
	return nil
}

// worst is the inner id of a process: 0 where any of its four is, which it can
// take back, else that of the effective one.
func (m idMap) worst(all []uint32, effective uint32) (uint32, bool) {
	for _, id := range all {
		if inner, ok := m.inner(id); ok && inner == 0 {
			return 0, true
		}
	}
	return m.inner(effective)
}

// at writes "1000=1001", and "1000=" for an id that has no place on the host.
func (m idMap) at(inner uint32) string {
	out := strconv.FormatUint(uint64(inner), 10) + "="
	if o, ok := m.outer(inner); ok {
		out += strconv.FormatUint(uint64(o), 10)
	}
	return out
}

// supplementary lists the container's numbers of the process's groups beside the
// primary one. Groups that have none were kept from the caller.
func (m idMap) supplementary(st *status) []string {
	out := []string{}
	for _, g := range st.groups {
		if g == st.gid {
			continue
		}
		if i, ok := m.inner(g); ok {
			out = append(out, strconv.FormatUint(uint64(i), 10))
		} else {
			out = append(out, "keep-groups")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// cutUser reads a numeric "uid:gid".
func cutUser(s string) (uid, gid uint32, ok bool) {
	a, b, _ := strings.Cut(s, ":")
	u, err1 := strconv.ParseUint(a, 10, 32)
	g, err2 := strconv.ParseUint(b, 10, 32)
	return uint32(u), uint32(g), err1 == nil && err2 == nil
}
