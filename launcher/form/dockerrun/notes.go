package dockerrun

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// takeNotes tells what is not in the line and has to hold all the same.
func (f *fitting) takeNotes() {
	f.noteUsers()
	f.noteFiles()
	f.noteLabels()
	f.notePorts()
	if v, _, known := container.HttpProxy.Get(f.run.Spec); known && !v {
		f.notes = append(f.notes, "docker copies what stands under proxies in ~/.docker/config.json into the container: nothing should stand there")
	}
}

// noteUsers: docker/docs, engine/security/userns-remap: "UID 231072 is mapped within the
// namespace as UID 0, UID 231073 as UID 1, and so forth".
func (f *fitting) noteUsers() {
	user, _, _ := container.User.Get(f.run.Spec)
	uid, _, _ := strings.Cut(user, ":")
	text := "the container's user has the same uid on the host"
	if _, err := strconv.ParseUint(uid, 10, 32); err == nil {
		text = "uid " + uid + " of the container is uid " + uid + " of the host"
	}
	text += ", or with userns-remap that many above the first of its range in /etc/subuid"
	if v, _, ok := container.VolumeAt.Get(f.spec, f.run.Models); ok {
		text += ": it has to be able to read " + v.Source
	}
	f.notes = append(f.notes, text)
}

// noteFiles: docker/docs, storage/bind-mounts: what -v names "is always created as a
// directory".
func (f *fitting) noteFiles() {
	for _, target := range container.VolumeAt.Keys(f.spec) {
		if v, _, ok := container.VolumeAt.Get(f.spec, target); ok && v.Bind() && v.Relabel != "" {
			f.notes = append(f.notes, "where "+v.Source+" is missing docker makes it, as a directory of root's")
		}
	}
}

// noteLabels: dockerd(8), --selinux-enabled is off by default.
func (f *fitting) noteLabels() {
	labels, _, _ := container.SecurityLabel.Get(f.spec)
	relabelled := false
	for _, target := range container.VolumeAt.Keys(f.spec) {
		v, _, _ := container.VolumeAt.Get(f.spec, target)
		relabelled = relabelled || v.Relabel != ""
	}
	if len(labels) > 0 || relabelled {
		f.notes = append(f.notes, "SELinux confines the container only where dockerd runs with selinux-enabled")
	}
}

// notePorts: docker/docs, engine/network/port-publishing: "In releases older than 28.0.0,
// hosts within the same L2 segment can reach ports published to localhost" (moby#45610).
func (f *fitting) notePorts() {
	if !before(f.target, "28") {
		return
	}
	var open []string
	for _, key := range container.Publish.Keys(f.spec) {
		p, _, _ := container.Publish.Get(f.spec, key)
		if ip, err := netip.ParseAddr(p.HostIP); err == nil && ip.IsLoopback() {
			open = append(open, fmt.Sprintf("%s:%d", p.HostIP, p.HostPort))
		}
	}
	if len(open) > 0 {
		f.notes = append(f.notes, "before docker 28.0 hosts of the same network segment reach "+joined(open)+" all the same")
	}
}
