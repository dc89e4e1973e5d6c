package host

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Disk is the file system that holds a path.
type Disk struct {
	FSType string // nfs, cifs, overlay, tmpfs …; the magic number in hex when it has no name here
	Free   int64  // bytes an ordinary user may still write
}

// Labels tells whether files on it can carry SELinux labels of their own.
func (d Disk) Labels() bool {
	switch d.FSType {
	case "nfs", "cifs", "smb2", "fuse", "vfat", "exfat", "9p", "iso9660", "ceph", "hugetlbfs":
		return false
	}
	return true
}

// fsNames maps statfs magic numbers to names, from include/uapi/linux/magic.h
// and the file systems' own headers.
var fsNames = map[uint32]string{
	0x6969: "nfs", 0xff534d42: "cifs", 0xfe534d42: "smb2", 0x517b: "smb",
	0x65735546: "fuse", 0x794c7630: "overlay", 0x01021994: "tmpfs", 0x858458f6: "ramfs",
	0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0x2fc12fc1: "zfs",
	0x4d44: "vfat", 0x2011bab0: "exfat", 0x01021997: "9p", 0x9660: "iso9660",
	0x00c36400: "ceph", 0x47504653: "gpfs", 0x0bd00bd0: "lustre", 0xf2f52010: "f2fs",
	0x9fa0: "proc", 0x62656572: "sysfs", 0x73717368: "squashfs", 0xe0f5e1e2: "erofs",
}

// DiskOf describes the file system of path, or of its nearest parent that
// exists.
func DiskOf(path string) (Disk, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Disk{}, fmt.Errorf("finding the file system of %q: %w", path, err)
	}
	var st unix.Statfs_t
	for {
		err = unix.Statfs(path, &st)
		if err != unix.ENOENT || path == "/" {
			break
		}
		path = filepath.Dir(path)
	}
	if err != nil {
		return Disk{}, fmt.Errorf("finding the file system of %q: %w", path, err)
	}
	magic := uint32(st.Type)
	name, ok := fsNames[magic]
	if !ok {
		name = fmt.Sprintf("%#x", magic)
	}
	return Disk{FSType: name, Free: int64(st.Bavail) * int64(st.Bsize)}, nil
}
