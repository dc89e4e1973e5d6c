package observe

import "testing"

// The directory that crun binds over what it masks counts as a mask by its own path alone,
// and where nothing can be written.
func TestEmptyDirectory(t *testing.T) {
	const host = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n25 1 0:24 / /run rw - tmpfs tmpfs rw\n46 25 0:40 / /run/user/1000 rw - tmpfs tmpfs rw\n"
	in, err := Context{Self: Record{Mountinfo: host}}.with(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]bool{
		"900 1 0:40 /crun/.empty-directory /sys/firmware ro,nosuid,nodev - tmpfs tmpfs rw":      true,
		"900 1 0:24 /crun/.empty-directory /sys/firmware ro,nosuid,nodev - tmpfs tmpfs rw":      true, // of root
		"900 1 0:40 /crun/.empty-directory /sys/firmware rw,nosuid,nodev - tmpfs tmpfs rw":      false,
		"900 1 0:40 /crun/.empty-directory/x /sys/firmware ro - tmpfs tmpfs rw":                 false,
		"900 1 0:40 /x/crun/.empty-directory /sys/firmware ro - tmpfs tmpfs rw":                 false,
		"900 1 0:41 /crun/.empty-directory /sys/firmware ro - tmpfs tmpfs rw":                   false, // of no mount of the host
		"900 1 8:1 /home/x/crun/.empty-directory /sys/firmware ro - ext4 /dev/sda1 rw":          false,
		"900 1 0:40 /crun/.empty-directory /models ro,nosuid,nodev - tmpfs tmpfs rw":            false, // masks are of /proc and /sys
		"900 1 8:1 /run/user/1000/crun/.empty-directory /sys/firmware ro - ext4 /dev/sda1 rw":   false, // covered on the host
		"900 1 0:40 /crun/.empty-directory /sys/fs/selinux ro,nosuid,nodev - tmpfs tmpfs ro,mo": true,
	} {
		entries, err := readMountinfo(line)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range kernelMounts(entries) {
			if got := isEngines(&m, in); got != want {
				t.Errorf("%s: %v", line, got)
			}
		}
	}
}
