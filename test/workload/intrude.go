package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// canary writes the file at path: proof that an instruction of this program ran.
func canary(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString("written by the workload\n")
	return errors.Join(err, f.Close())
}

func write(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	return 0, canary(path)
}

// userModeOnly is UFFD_USER_MODE_ONLY of linux/userfaultfd.h.
const userModeOnly = 1

// attempts are system calls that a seccomp filter may refuse. None changes
// anything outside this process.
func attempts(name string) (func() error, bool) {
	attempt, known := map[string]func() error{
		"keyctl": func() error {
			_, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_PROCESS_KEYRING, false)
			return err
		},
		// A program with threads gets EINVAL from the kernel itself.
		"unshare": func() error { return unix.Unshare(unix.CLONE_NEWUSER) },
		// Podman's default filter refuses it; the kernel lets everybody handle the
		// faults of their own memory.
		"userfaultfd": func() error {
			_, _, errno := unix.Syscall(unix.SYS_USERFAULTFD, unix.O_CLOEXEC|userModeOnly, 0, 0)
			if errno != 0 {
				return errno
			}
			return nil
		},
		"mount": func() error { return unix.Mount("none", "/nowhere", "tmpfs", 0, "") },
	}[name]
	return attempt, known
}

// allowed writes the canary when the kernel lets a system call through,
// whatever it then answers: EPERM and ENOSYS are what filters say.
func allowed(args []string) (int, error) {
	if len(args) != 2 {
		return 2, fmt.Errorf("want a system call and a path, got %d arguments", len(args))
	}
	attempt, known := attempts(args[0])
	if !known {
		return 2, fmt.Errorf("unknown system call %q", args[0])
	}
	if err := attempt(); errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSYS) {
		return 1, fmt.Errorf("%s: %w", args[0], err)
	}
	return 0, canary(args[1])
}

// unconfined writes the canary when the kernel's record of this process shows
// neither a seccomp filter nor no_new_privs.
func unconfined(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 1, err
	}
	for _, line := range []string{"NoNewPrivs:\t0\n", "Seccomp:\t0\n"} {
		if !strings.Contains(string(data), line) {
			return 1, fmt.Errorf("confined: no line %q", strings.TrimSpace(line))
		}
	}
	return 0, canary(path)
}

// umount takes away what is mounted at paths, where something is.
func umount(args []string) (int, error) {
	for _, path := range args {
		err := unix.Unmount(path, unix.MNT_DETACH)
		if err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EINVAL) {
			return 1, fmt.Errorf("unmounting %s: %s", path, named(err))
		}
	}
	return 0, nil
}

// cover hides a directory under an empty file system.
func cover(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	return 0, unix.Mount("none", path, "tmpfs", 0, "")
}
