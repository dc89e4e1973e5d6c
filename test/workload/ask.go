package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// named puts the kernel's own word for an error behind it, such as EROFS.
func named(err error) string {
	var e syscall.Errno
	if errors.As(err, &e) {
		return fmt.Sprintf("%v (%s)", err, unix.ErrnoName(e))
	}
	return err.Error()
}

// list prints the names in a directory, and where those that are links lead.
func list(args []string) (int, error) {
	dir, err := only(args)
	if err != nil {
		return 2, err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			fmt.Println(e.Name(), "->", target)
		} else {
			fmt.Println(e.Name())
		}
	}
	return 0, err
}

// stat prints mode, owner and, where there is one, the SELinux label.
func stat(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return 1, err
	}
	label := make([]byte, 256)
	n, _ := unix.Lgetxattr(path, "security.selinux", label)
	fmt.Printf("%o %d:%d %s\n", st.Mode, st.Uid, st.Gid, strings.TrimRight(string(label[:max(n, 0)]), "\x00"))
	return 0, nil
}

// chmod sets the mode of a file to what it is. EROFS tells of a read-only mount,
// whoever owns the file: the kernel looks at the mount first.
func chmod(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	info, err := os.Stat(path)
	if err == nil {
		err = os.Chmod(path, info.Mode().Perm())
	}
	return 0, err
}

// statfs prints the size of a file system, and what is free of it, in bytes.
func statfs(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return 1, err
	}
	fmt.Println(st.Blocks*uint64(st.Bsize), st.Bfree*uint64(st.Bsize))
	return 0, nil
}

// copySelf writes this program to a path and makes it executable.
func copySelf(args []string) (int, error) {
	path, err := only(args)
	if err != nil {
		return 2, err
	}
	data, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(path, data, 0o755)
	}
	return 0, err
}

// resolve prints the addresses of a name.
func resolve(args []string) (int, error) {
	name, err := only(args)
	if err != nil {
		return 2, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	found, err := net.DefaultResolver.LookupHost(ctx, name)
	for _, a := range found {
		fmt.Println(a)
	}
	return 0, err
}

// connect opens a TCP connection and closes it, and prints how long that took.
func connect(args []string) (int, error) {
	addr, err := only(args)
	if err != nil {
		return 2, err
	}
	begun := time.Now()
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	fmt.Println(time.Since(begun).Round(time.Millisecond))
	if err == nil {
		c.Close()
	}
	return 0, err
}

// number reads the last of two arguments.
func number(args []string) (string, int64, error) {
	if len(args) != 2 {
		return "", 0, fmt.Errorf("want a path and a number, got %d arguments", len(args))
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	return args[0], n, err
}

// fill writes a file of n bytes, prints how many went in, and removes it.
func fill(args []string) (int, error) {
	path, n, err := number(args)
	if err != nil {
		return 2, err
	}
	f, err := os.Create(path)
	if err != nil {
		return 1, err
	}
	defer os.Remove(path)
	defer f.Close()
	block, done := make([]byte, 64<<10), int64(0)
	for done < n && err == nil {
		var k int
		k, err = f.Write(block)
		done += int64(k)
	}
	fmt.Println(done)
	return 0, err
}

// chown tries to give a file to another user, and removes it.
func chown(args []string) (int, error) {
	path, uid, err := number(args)
	if err != nil {
		return 2, err
	}
	if err := canary(path); err != nil {
		return 1, err
	}
	defer os.Remove(path)
	return 0, os.Chown(path, int(uid), -1)
}

// allocate takes n bytes of memory and touches every page of them.
func allocate(args []string) (int, error) {
	n, err := onlyNumber(args, math.MaxInt64)
	if err != nil {
		return 2, err
	}
	const step = 1 << 20
	var held [][]byte
	for got := int64(0); got < int64(n); got += step {
		block := make([]byte, step)
		for i := 0; i < step; i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
	}
	fmt.Println(len(held) * step)
	return 0, nil
}

// spin keeps one processor busy.
func spin(args []string) (int, error) {
	d, err := onlyDuration(args)
	if err != nil {
		return 2, err
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
	return 0, nil
}
