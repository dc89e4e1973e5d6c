package podman

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The first process of a pid namespace hears a signal that it has blocked, ignored or
// caught; any other process hears each.
func TestDeaf(t *testing.T) {
	const none = "NSpid:\t4711\t1\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n"
	for what, c := range map[string]struct {
		status string
		want   bool
	}{
		"no handler":            {none, true},
		"SIGTERM handled":       {strings.Replace(none, "SigCgt:\t0000000000000000", "SigCgt:\t0000000000004000", 1), true},
		"SIGINT handled":        {strings.Replace(none, "SigCgt:\t0000000000000000", "SigCgt:\t0000000000000002", 1), false},
		"SIGINT ignored":        {strings.Replace(none, "SigIgn:\t0000000000000000", "SigIgn:\t0000000000000002", 1), false},
		"SIGINT waited for":     {strings.Replace(none, "SigBlk:\t0000000000000000", "SigBlk:\tfffffffe7ffbfeff", 1), false},
		"not the first process": {strings.Replace(none, "\t1\n", "\t7\n", 1), false},
		"no namespace":          {strings.Replace(none, "4711\t1", "1", 1), false},
		"cut short":             {"NSpid:\t4711\t1\n", false},
		"":                      {"", false},
	} {
		if got := deaf(c.status, unix.SIGINT); got != c.want {
			t.Errorf("%s: %t", what, got)
		}
	}
	for _, pid := range []int{os.Getpid(), 0, -1, 1 << 30} {
		if Deaf(pid, unix.SIGINT) {
			t.Errorf("process %d is deaf", pid)
		}
	}
}
