//go:build !linux

package launcher

import "syscall"

// dieWithParent asks for nothing: only Linux can tie a child's life to ours.
func dieWithParent() *syscall.SysProcAttr { return nil }
