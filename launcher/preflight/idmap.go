package preflight

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// idMaps refuses a user namespace that the engine cannot make, or in which an id of the
// process is missing: the OCI runtime would die of either. No waiver makes it work.
func idMaps(s Subject) []audit.Problem {
	if !s.local() || s.Host.EUID == 0 || s.Host.OS != "linux" || s.Host.SubUIDs.Count() == 0 || s.Host.SubGIDs.Count() == 0 {
		return nil
	}
	userns, m, _ := container.Userns.Get(s.Plan)
	if why, instead := engine.CannotMap(s.Engine.Version, userns, int64(s.Host.SubUIDs.Count())); why != "" {
		return []audit.Problem{{Setting: at(container.Userns), Fatal: true, Message: fmt.Sprintf("the user namespace %q cannot be made: %s", userns, why),
			Hint: "--podman-arg=" + instead + "; or leave userns away, and you are mapped to the image's user"}}
	}
	for _, id := range workloadIDs(s.Plan, s.Host) {
		ids, known := id.kind.MapOf(userns, rootlessMap(s.Host, id.kind), id.most)
		if _, mapped := ids.Outside(id.number); mapped || !known {
			continue
		}
		p := audit.Problem{Setting: at(id.row), Fatal: true, Hint: "leave userns away, and you are mapped to the image's user, whatever its number is",
			Message: fmt.Sprintf("%s %d of the workload does not exist in its user namespace, %s", id.kind, id.number, told(userns, ids))}
		if m.Origin == nil || m.Origin[0].Layer == container.LayerDerived || id.row.Key() == container.GroupAdd.Key() {
			p.Hint = fmt.Sprintf("a %s below %d: --podman-arg=--user=UID:GID; or ask root for more sub-ids, then: podman system migrate", id.kind, enoughIDs)
		}
		return []audit.Problem{p}
	}
	return nil
}

// told says which ids a user namespace has: "keep-id", which has 0 to 65536.
func told(userns string, ids engine.IDMap) string {
	var ranges []string
	for i, r := range ids {
		if n := len(ranges); n > 0 && ids[i-1].Inside+ids[i-1].Size == r.Inside {
			first, _, _ := strings.Cut(ranges[n-1], " to ")
			ranges[n-1] = fmt.Sprintf("%s to %d", first, r.Inside+r.Size-1)
			continue
		}
		ranges = append(ranges, fmt.Sprintf("%d to %d", r.Inside, r.Inside+r.Size-1))
	}
	return fmt.Sprintf("%q, which has %s", userns, strings.Join(ranges, " and "))
}

// rootlessMap is the map of the caller's engine.
func rootlessMap(h *host.Facts, kind engine.IDs) engine.IDMap {
	own, sub := h.UID, h.SubUIDs
	if kind == engine.GIDs {
		own, sub = h.GID, h.SubGIDs
	}
	var ranges [][2]int64
	for _, r := range sub.Own {
		ranges = append(ranges, [2]int64{int64(r.Start), int64(r.Count)})
	}
	return engine.Rootless(int64(own), ranges...)
}

// workloadID is an id that the process has in the container.
type workloadID struct {
	kind   engine.IDs
	row    container.Row
	number int64
	most   int64 // the largest id that the process starts with, by which --userns=auto is sized
}

// workloadIDs are the ids that the process has by a plan, as far as they are numbers:
// user, group, and the groups added.
func workloadIDs(s *container.Spec, h *host.Facts) (out []workloadID) {
	user, _, _ := container.User.Get(s)
	u, g, _ := strings.Cut(user, ":")
	groups, _, _ := container.GroupAdd.Get(s)
	var most int64
	add := func(kind engine.IDs, row container.Row, word string) {
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			out = append(out, workloadID{kind: kind, row: row, number: n})
			if row.Key() == container.User.Key() {
				most = max(most, n)
			}
		}
	}
	add(engine.UIDs, container.User, u)
	add(engine.GIDs, container.User, g)
	for _, group := range groups {
		add(engine.GIDs, container.GroupAdd, group)
	}
	userns, _, _ := container.Userns.Get(s)
	if gid, added := engine.AddedGroup(userns, rootlessMap(h, engine.GIDs)); added && u != "" {
		add(engine.GIDs, container.GroupAdd, strconv.FormatInt(gid, 10))
	}
	for i := range out {
		out[i].most = most
	}
	return out
}

// Workload is who the process of a plan is on this host, whose user's engine is to run
// it. known is false where the plan does not tell.
func Workload(s *container.Spec, h *host.Facts) (id model.Identity, known bool) {
	userns, _, _ := container.Userns.Get(s)
	id.GID, id.Groups = model.NoID, append([]int{h.GID}, h.Groups...)
	for _, w := range workloadIDs(s, h) {
		ids, ok := w.kind.MapOf(userns, rootlessMap(h, w.kind), w.most)
		outside, mapped := ids.Outside(w.number)
		switch {
		case !ok || !mapped:
			return id, false
		case w.kind == engine.UIDs:
			id.UID, known = uint32(outside), true // of Anywhere it makes NoID
		case w.row.Key() == container.User.Key():
			id.GID = uint32(outside)
		default:
			id.Also = append(id.Also, uint32(outside))
		}
	}
	return id, known
}
