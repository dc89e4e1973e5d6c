package observe

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// status is what counts of /proc/PID/status. Ids are those of the reader's user
// namespace.
type status struct {
	name         string
	uid, gid     uint32   // effective
	uids, gids   []uint32 // real, effective, saved, of files: a process takes each when it likes
	groups       []uint32
	capabilities uint64 // the union of the five sets
	noNewPrivs   bool
	seccomp      int
	nspid        int // how many pid namespaces it has a number in, the reader's among them; 0 not said
}

// readStatus reads /proc/PID/status; every field that counts must be there.
func readStatus(text string) (*status, error) {
	if err := bounded("status", len(text), maxText); err != nil {
		return nil, err
	}
	st, missing := &status{}, []string{"CapAmb", "CapBnd", "CapEff", "CapInh", "CapPrm", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Uid"}
	for _, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(line, ":")
		known, err := st.field(key, strings.TrimSpace(value))
		if err != nil {
			return nil, fmt.Errorf("reading status: %s: %w", key, err)
		}
		if known {
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == key })
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("reading status: no %s", strings.Join(missing, ", "))
	}
	return st, nil
}

func (st *status) field(key, value string) (known bool, err error) {
	switch key {
	case "Name":
		st.name = value
	case "Uid":
		st.uids, st.uid, err = fourIDs(value)
	case "Gid":
		st.gids, st.gid, err = fourIDs(value)
	case "Groups":
		st.groups, err = ids(value)
	case "NSpid":
		st.nspid = len(strings.Fields(value))
	case "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
		var set uint64
		set, err = strconv.ParseUint(value, 16, 64)
		st.capabilities |= set
	case "NoNewPrivs":
		st.noNewPrivs = value == "1"
	case "Seccomp":
		st.seccomp, err = strconv.Atoi(value)
	default:
		return false, nil
	}
	return true, err
}

func ids(s string) ([]uint32, error) {
	var out []uint32
	for _, f := range strings.Fields(s) {
		n, err := strconv.ParseUint(f, 10, 32)
		if err != nil {
			return nil, err
		}
		out = append(out, uint32(n))
	}
	return out, nil
}

// fourIDs reads the four ids on a line: real, effective, saved, of files. The
// second is what a process acts as.
func fourIDs(s string) (all []uint32, effective uint32, err error) {
	all, err = ids(s)
	if err == nil && len(all) != 4 {
		err = fmt.Errorf("%d ids", len(all))
	}
	if err != nil {
		return nil, 0, err
	}
	return all, all[1], nil
}

// names lists the capabilities of a set, sorted; one newer than this list by its
// number.
func names(set uint64) []string {
	out := []string{}
	for ; set != 0; set &= set - 1 {
		n := bits.TrailingZeros64(set)
		out = append(out, cmp.Or(container.CapabilityName(n), strconv.Itoa(n)))
	}
	slices.Sort(out)
	return out
}
