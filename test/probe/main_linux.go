// Probe tries what a seccomp filter may stop and what a server needs, and prints
// one "name: errno" line for each, "ok" where it went through. It is static,
// makes every attempt by raw system calls, and exits 0 whatever it finds.
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nowhere is the target of every mount call, so that none changes anything even
// where all is allowed: ENOENT then, and EPERM under a filter.
const nowhere = "/nowhere"

type attempt struct {
	name string
	try  func() error
}

var attempts = []attempt{
	{"clone(NEWUSER)", func() error { return clone(unix.CLONE_NEWUSER) }},
	{"clone(NEWNS)", func() error { return clone(unix.CLONE_NEWNS) }},
	{"clone(NEWNET)", func() error { return clone(unix.CLONE_NEWNET) }},
	{"clone3(NEWUSER)", func() error { return clone3(unix.CLONE_NEWUSER) }},
	{"clone3()", func() error { return clone3(0) }},
	{"unshare(NEWUSER)", func() error { return onThread(func() error { return unix.Unshare(unix.CLONE_NEWUSER) }) }},
	{"unshare(NEWUTS)", func() error { return onThread(func() error { return unix.Unshare(unix.CLONE_NEWUTS) }) }},
	{"setns", func() error { return unix.Setns(-1, unix.CLONE_NEWNET) }},
	{"mount", func() error { return unix.Mount("none", nowhere, "tmpfs", 0, "") }},
	{"umount", func() error { return unix.Unmount(nowhere, 0) }},
	{"pivot_root", func() error { return unix.PivotRoot(nowhere, nowhere) }},
	{"chroot", func() error { return unix.Chroot(nowhere) }},
	{"open_tree", func() error { _, err := unix.OpenTree(-1, nowhere, unix.OPEN_TREE_CLONE); return err }},
	{"fsopen", func() error { _, err := unix.Fsopen("tmpfs", 0); return err }},
	{"ptrace", func() error { return raw(unix.SYS_PTRACE, 0xffff, 0, 0) }},
	{"process_vm_readv", func() error { return raw(unix.SYS_PROCESS_VM_READV, uintptr(os.Getpid()), 0, 0) }},
	{"bpf", func() error { return raw(unix.SYS_BPF, 0xffff, 0, 0) }},
	{"perf_event_open", func() error { return raw(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0) }},
	{"userfaultfd", func() error { return raw(unix.SYS_USERFAULTFD, 1, 0, 0) }},
	{"io_uring_setup", func() error { return raw(unix.SYS_IO_URING_SETUP, 1, 0, 0) }},
	{"keyctl", func() error { return raw(unix.SYS_KEYCTL, 0xffff, 0, 0) }},
	{"add_key", func() error { return raw(unix.SYS_ADD_KEY, 0, 0, 0) }},
	{"personality(ADDR_NO_RANDOMIZE)", func() error { return raw(unix.SYS_PERSONALITY, 0x0040000, 0, 0) }},
	{"socket(AF_VSOCK)", func() error { return socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0) }},
	{"socket(AF_ALG)", func() error { return socket(unix.AF_ALG, unix.SOCK_SEQPACKET, 0) }},
	{"socket(AF_PACKET)", func() error { return socket(unix.AF_PACKET, unix.SOCK_RAW, 0) }},
	{"socket(NETLINK_NETFILTER)", func() error { return socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_NETFILTER) }},
	{"finit_module", func() error { return raw(unix.SYS_FINIT_MODULE, ^uintptr(0), 0, 0) }},
	{"reboot", func() error { return raw(unix.SYS_REBOOT, 0, 0, 0) }},
	{"work: personality(query)", func() error { return raw(unix.SYS_PERSONALITY, 0xffffffff, 0, 0) }},
	{"work: fork", func() error { return clone(0) }},
	{"work: threads", threads},
	{"work: tcp", tcp},
	{"work: unix socket", func() error { return socket(unix.AF_UNIX, unix.SOCK_STREAM, 0) }},
	{"work: addresses by netlink", func() error { _, err := net.InterfaceAddrs(); return err }},
	{"work: memfd", func() error { fd, err := unix.MemfdCreate("probe", 0); unix.Close(fd); return err }},
	{"work: executable mapping", executable},
	{"work: get_mempolicy", func() error { return raw(unix.SYS_GET_MEMPOLICY, 0, 0, 0) }},
	{"work: sched_getaffinity", func() error { var s unix.CPUSet; return unix.SchedGetaffinity(0, &s) }},
	{"work: membarrier(query)", func() error { return raw(unix.SYS_MEMBARRIER, 0, 0, 0) }},
	{"work: pidfd_open", func() error { fd, err := unix.PidfdOpen(os.Getpid(), 0); unix.Close(fd); return err }},
	{"work: mkfifo", func() error { _ = os.Remove("/tmp/probe.fifo"); return unix.Mkfifo("/tmp/probe.fifo", 0o600) }},
	{"work: inotify", func() error { fd, err := unix.InotifyInit1(0); unix.Close(fd); return err }},
}

func main() {
	for _, a := range attempts {
		fmt.Printf("%s: %s\n", a.name, word(a.try()))
	}
}

func word(err error) string {
	if err == nil {
		return "ok"
	}
	if e, ok := err.(unix.Errno); ok {
		if n := unix.ErrnoName(e); n != "" {
			return n
		}
	}
	return err.Error()
}

func raw(nr, a, b, c uintptr) error {
	if _, _, e := unix.Syscall6(nr, a, b, c, 0, 0, 0); e != 0 {
		return e
	}
	return nil
}

// clone makes a child by the raw call, which ends at once. On s390x the flags
// are the second argument.
func clone(flags uintptr) error {
	a, b := flags|uintptr(unix.SIGCHLD), uintptr(0)
	if runtime.GOARCH == "s390x" {
		a, b = b, a
	}
	return child(unix.SYS_CLONE, a, b)
}

// clone3 passes its flags in struct clone_args of 64 bytes: flags first, the exit
// signal fifth (linux/sched.h).
func clone3(flags uint64) error {
	args := [8]uint64{0: flags, 4: uint64(unix.SIGCHLD)}
	return child(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args))
}

func child(nr, a, b uintptr) error {
	pid, e := fork(nr, a, b)
	if e != 0 {
		return e
	}
	_, err := unix.Wait4(int(pid), nil, 0, nil)
	return err
}

// fork runs in the child, too, where only raw calls are safe.
//
//go:norace
//go:nosplit
func fork(nr, a, b uintptr) (uintptr, unix.Errno) {
	pid, _, e := unix.RawSyscall6(nr, a, b, 0, 0, 0, 0)
	if e == 0 && pid == 0 {
		for {
			unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	return pid, e
}

// onThread runs try on a thread of its own that ends with it.
func onThread(try func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- try()
	}()
	return <-done
}

func socket(family, kind, protocol int) error {
	fd, err := unix.Socket(family, kind, protocol)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func threads() error {
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() { defer all.Done(); runtime.LockOSThread() }()
	}
	all.Wait()
	return nil
}

func tcp() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err == nil {
		c.Close()
	}
	return err
}

// executable maps memory writable, then executable, as a JIT does.
func executable() error {
	m, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return err
	}
	defer unix.Munmap(m)
	return unix.Mprotect(m, unix.PROT_READ|unix.PROT_EXEC)
}
