//go:build !linux

package launch

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent asks for nothing: only Linux can tie a child's life to ours.
func dieWithParent() *syscall.SysProcAttr { return nil }

// terminalGroup is the process group that a terminal signals. Such machines are
// little-endian.
func terminalGroup(tty int) (int, error) { return unix.IoctlGetInt(tty, unix.TIOCGPGRP) }
