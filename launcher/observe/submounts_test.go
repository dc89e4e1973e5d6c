package observe

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// A mount below a planned bind is part of it where the host has it at the same
// place and it is as restricted; it is listed where it can do more.
func TestMountsThatComeAlong(t *testing.T) {
	const host = `28 1 254:0 / / rw,relatime - ext4 /dev/vda rw
126 28 0:42 / /srv/m/shards ro,nosuid,nodev,relatime - tmpfs shards rw,size=1024k
127 28 0:43 / /elsewhere ro,nosuid,nodev,relatime - tmpfs other rw,size=1024k
`
	plan := &container.Spec{}
	container.VolumeAt.Set(plan, "/models", container.Volume{Source: "/srv/m", ReadOnly: true, NoSuid: true, NoDev: true}, container.Mark{})
	for name, c := range map[string]struct {
		line string
		want bool
	}{
		"as the host has it":       {"209 208 0:42 / /models/shards ro,nosuid,nodev,relatime - tmpfs shards rw,size=1024k", true},
		"writable":                 {"209 208 0:42 / /models/shards rw,nosuid,nodev,relatime - tmpfs shards rw,size=1024k", false},
		"with devices":             {"209 208 0:42 / /models/shards ro,nosuid,relatime - tmpfs shards rw,size=1024k", false},
		"with setuid programs":     {"209 208 0:42 / /models/shards ro,nodev,relatime - tmpfs shards rw,size=1024k", false},
		"from another place":       {"209 208 0:43 / /models/shards ro,nosuid,nodev,relatime - tmpfs other rw,size=1024k", false},
		"at another place":         {"209 208 0:42 / /models/other ro,nosuid,nodev,relatime - tmpfs shards rw,size=1024k", false},
		"below no planned bind":    {"209 208 0:42 / /data/shards ro,nosuid,nodev,relatime - tmpfs shards rw,size=1024k", false},
		"of a file system unknown": {"209 208 0:99 / /models/shards ro,nosuid,nodev,relatime - tmpfs x rw,size=1024k", false},
		"the planned bind itself":  {"208 1 254:0 /srv/m /models ro,nosuid,nodev,relatime - ext4 /dev/vda rw", false},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := Context{Planned: plan, Self: Record{Mountinfo: host}}.with(nil)
			if err != nil {
				t.Fatal(err)
			}
			entries, err := readMountinfo(c.line)
			if err != nil {
				t.Fatal(err)
			}
			got := &container.Spec{}
			fillMounts(got, kernelMounts(entries), in, container.Kernel)
			if _, _, listed := container.VolumeAt.Get(got, entries[0].Target); listed == c.want {
				t.Errorf("listed: %t", listed)
			}
		})
	}
}
