package host

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// SubIDs is /etc/subuid or /etc/subgid seen by one user.
type SubIDs struct {
	File   string
	Exists bool
	Own    []Range   // the user's ranges, in file order
	All    []Range   // everybody's ranges, by start
	Shared []Overlap // where a range of the user meets somebody else's
	Twice  []Overlap // where two ranges of the user meet: no map can be made of them
}

// Range is Count ids from Start on, given to Owner.
type Range struct {
	Owner        string // user name or decimal uid, as written
	Start, Count uint32
	Line         int // of the file; the first is 1
}

// String is the range as its file writes it.
func (r Range) String() string { return fmt.Sprintf("%s:%d:%d", r.Owner, r.Start, r.Count) }

// Has tells whether id is in the range.
func (r Range) Has(id uint64) bool { return uint64(r.Start) <= id && id <= r.End() }

func (r Range) meets(o Range) bool { return r.End() >= uint64(o.Start) && o.End() >= uint64(r.Start) }

// End is the last id of the range.
func (r Range) End() uint64 { return uint64(r.Start) + uint64(r.Count) - 1 }

// Overlap is a range of the user and another one with ids in common.
type Overlap struct{ Own, Other Range }

// Count is the number of ids the user has.
func (s SubIDs) Count() uint64 {
	var n uint64
	for _, r := range s.Own {
		n += uint64(r.Count)
	}
	return n
}

// FirstFree is the first start from 524288 on at which count ids are nobody's;
// the number is useradd's distance from the usual 100000 blocks. It is 0 when
// there is no room.
func (s SubIDs) FirstFree(count uint32) uint32 {
	start := uint64(524288)
	for _, r := range s.All {
		if uint64(r.Start) < start+uint64(count) && r.End() >= start {
			start = r.End() + 1
		}
	}
	if start+uint64(count) > 1<<32-1 {
		return 0
	}
	return uint32(start)
}

// maxRanges bounds a sub-id file: far more lines than a host has users.
const maxRanges = 1 << 14

func subIDsOf(s Source, file, user string) SubIDs {
	b, err := s.read(file)
	out := SubIDs{File: file, Exists: err == nil, All: ParseSubIDs(b)}
	uid := strconv.Itoa(s.UID)
	mine := func(r Range) bool { return r.Owner == uid || user != "" && r.Owner == user }
	for _, r := range out.All {
		if mine(r) {
			out.Own = append(out.Own, r)
		}
	}
	slices.SortStableFunc(out.All, func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
	for _, own := range out.Own {
		for _, r := range out.All {
			switch {
			case !own.meets(r):
			case !mine(r):
				out.Shared = append(out.Shared, Overlap{own, r})
			case own.Line < r.Line:
				out.Twice = append(out.Twice, Overlap{own, r})
			}
		}
	}
	return out
}

// ParseSubIDs reads the format of subuid(5). As in newuidmap, a line it does
// not understand, or whose ids leave 32 bits, counts for nothing.
func ParseSubIDs(b []byte) []Range {
	var out []Range
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 3 || f[0] == "" || strings.HasPrefix(f[0], "#") || len(out) == maxRanges {
			continue
		}
		start, err1 := strconv.ParseUint(f[1], 10, 32)
		count, err2 := strconv.ParseUint(f[2], 10, 32)
		if err1 != nil || err2 != nil || count == 0 || start+count > 1<<32-1 {
			continue
		}
		out = append(out, Range{f[0], uint32(start), uint32(count), n})
	}
	return out
}

// Helper is newuidmap or newgidmap, which write the maps of a user namespace.
type Helper struct {
	Path       string // "" when it is not installed
	Privileged bool   // setuid, or has file capabilities
}

func setuidHelper(s Source, name string) Helper {
	for _, dir := range append(filepath.SplitList(s.env("PATH")), "/usr/bin", "/bin") {
		if !filepath.IsAbs(dir) {
			continue
		}
		path := filepath.Join(dir, name)
		st, err := os.Stat(s.at(path))
		if err != nil || !st.Mode().IsRegular() || st.Mode().Perm()&0o111 == 0 {
			continue
		}
		return Helper{path, st.Mode()&os.ModeSetuid != 0 || hasFileCaps(s.at(path))}
	}
	return Helper{}
}

func hasFileCaps(path string) bool {
	n, err := unix.Getxattr(path, "security.capability", nil)
	return err == nil && n > 0
}
