package command

import (
	"path"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// What an engine does with a file that an option names: see [container.HostFile].
const (
	toRead  = "read"
	toWrite = "write"
	toRun   = "run"
	toLog   = "log"
)

// hostFile makes an option that names a file of the host, which the engine opens.
func hostFile(name string, of engine, use string) option {
	return option{name: name, of: of, row: container.HostFiles, read: func(r *reader, v value) { r.hostFile(use, v) }}
}

// hostFile keeps a file by its option, --pidfile; of a second one the key ends in
// "#2". A word that a shell decides stays as it is written.
func (r *reader) hostFile(use string, v value) {
	name := r.opt.dashed
	key := name
	for n := 2; ; n++ {
		if _, _, had := container.HostFiles.Get(r.spec, key); !had {
			break
		}
		key = name + "#" + strconv.Itoa(n)
	}
	what := v.open()
	container.HostFiles.Set(r.spec, key, container.HostFile{Path: v.s, Use: use, Open: what != ""}, r.mark)
	r.decides(elem(container.HostFiles, key))
	if what != "" {
		r.leave(elem(container.HostFiles, key), what)
	}
}

// lastFile is [hostFile] of an option whose last value counts.
func lastFile(name string, of engine, use string) option {
	return option{name: name, of: of, row: container.HostFiles, read: func(r *reader, v value) { r.lastFile(use, v) }}
}

func (r *reader) lastFile(use string, v value) {
	container.HostFiles.Delete(r.spec, r.opt.dashed)
	r.hostFile(use, v)
}

// readHostsFile: none and image are no files (podman-run(1), --hosts-file).
func readHostsFile(r *reader, v value) {
	if v.s == "none" || v.s == "image" {
		keepAs(container.Other)(r, v)
		return
	}
	r.lastFile(toRead, v)
}

// readHealthLog: what a health check prints goes to the engine's own store, to the
// journal, or to a file in a directory.
func readHealthLog(r *reader, v value) {
	if v.s == "local" || v.s == "events_logger" {
		keepAs(container.Other)(r, v)
		return
	}
	r.lastFile(toLog, v)
}

// zones is where Podman looks a time zone up, by joining the name to it
// (libpod/container_internal_common.go). The file becomes /etc/localtime.
const zones = "/usr/share/zoneinfo"

// readZone: a name that leads out of the directory of time zones is any file of the
// host.
func readZone(r *reader, v value) {
	joined := path.Join(zones, v.s)
	if v.open() == "" && (v.s == "local" || strings.HasPrefix(joined, zones+"/")) {
		keepAs(container.Other)(r, v)
		return
	}
	if v.open() == "" {
		v = value{s: joined, w: &word{text: joined}}
	}
	r.lastFile(toRead, v)
}
