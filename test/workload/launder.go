package main

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// launder starts a child that keeps what it was given, then gives up what it has
// itself: capabilities, the way to new ones, every system call but by a filter,
// and root. The word in front of the duration says who keeps all: a child, the other
// threads of the same process, or a grandchild whose parent has ended.
func launder(args []string) (int, error) {
	if len(args) != 2 {
		return 2, errors.New("want child, thread or orphan, and a duration")
	}
	d, err := time.ParseDuration(args[1])
	if err != nil {
		return 2, err
	}
	switch args[0] {
	case "child":
		err = exec.Command("/proc/self/exe", "sleep", args[1]).Start()
	case "orphan":
		err = exec.Command("/proc/self/exe", "launder", "parent", args[1]).Run()
	case "parent":
		return 0, exec.Command("/proc/self/exe", "sleep", args[1]).Start()
	case "thread": // the runtime's other threads keep everything
	default:
		err = fmt.Errorf("unknown way %q", args[0])
	}
	if err != nil {
		return 1, err
	}
	if err := giveUp(); err != nil {
		return 1, err
	}
	fmt.Println("laundered")
	time.Sleep(d)
	return 0, nil
}

func init() { runtime.LockOSThread() } // launder drops the rights of the first thread, which /proc/PID shows

// giveUp makes this thread look hardened.
func giveUp() error {
	for c := range uintptr(64) {
		_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, unix.PR_CAPBSET_DROP, c, 0, 0, 0, 0) // as far as there are capabilities
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, e := syscall.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); e != 0 && e != syscall.EPERM {
		return e
	}
	for _, call := range []uintptr{unix.SYS_SETRESGID, unix.SYS_SETRESUID} {
		if _, _, e := syscall.RawSyscall(call, 1000, 1000, 1000); e != 0 {
			return e
		}
	}
	allow := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0x7fff0000}} // SECCOMP_RET_ALLOW
	prog := unix.SockFprog{Len: 1, Filter: &allow[0]}
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog))); e != 0 {
		return e
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("dropping capabilities: %w", err)
	}
	return nil
}
