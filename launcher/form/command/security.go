package command

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readSecurityOpt reads WORD=VALUE, or WORD:VALUE where there is no "=".
func readSecurityOpt(r *reader, v Value) {
	key, val, has := v.Cut('=')
	if !has {
		key, val, has = v.Cut(':')
	}
	if what := key.Open(); what != "" {
		for _, row := range []container.Row{container.NoNewPrivileges, container.SeccompProfile, container.SecurityLabel, container.Unmask} {
			r.leave(PathOf(row), what)
		}
		return
	}
	switch {
	case key.Text == "no-new-privileges":
		readNoNewPrivileges(r, val, has)
	case !has:
		r.wrong(container.Path{}, "%q has no value", v.shown())
	default:
		readSecurity(r, key.Text, val)
	}
}

func readNoNewPrivileges(r *reader, v Value, has bool) {
	if !has {
		v = yes.Whole()
	}
	if on, ok := readBool(r, container.NoNewPrivileges, v); ok {
		set(r, container.NoNewPrivileges, on)
	}
}

func readSecurity(r *reader, key string, v Value) {
	switch key {
	case "seccomp":
		if closed(r, container.SeccompProfile, v) {
			set(r, container.SeccompProfile, ownSeccomp(r.docker, v.Text))
		}
	case "apparmor":
		if closed(r, container.Apparmor, v) {
			set(r, container.Apparmor, v.Text)
		}
	case "label":
		readLabel(r, v)
	case "mask":
		ofPodmanAlone(r, key)
		readPaths(r, container.Mask, v)
	case "unmask":
		ofPodmanAlone(r, key)
		readPaths(r, container.Unmask, v)
	case "systempaths":
		readSystemPaths(r, v)
	case "proc-opts":
		ofPodmanAlone(r, key)
		if closed(r, container.ProcOpts, v) {
			set(r, container.ProcOpts, v.Text)
		}
	case "writable-cgroups":
		readWritableCgroups(r, v)
	case "credentialspec":
		keepAs(container.Other)(r, v)
	default:
		r.wrong(container.Path{}, "zlaunch knows no %q", Clip(key))
	}
}

// ofPodmanAlone says of an option that docker refuses it.
func ofPodmanAlone(r *reader, key string) {
	if r.docker {
		r.wrong(container.Path{}, "docker knows no %q", key)
	}
}

// readWritableCgroups is docker's; Podman says the same by unmask=/sys/fs/cgroup.
func readWritableCgroups(r *reader, v Value) {
	on, err := strconv.ParseBool(v.Text)
	switch {
	case v.Open() != "":
		r.leave(PathOf(container.Unmask), v.Open())
	case err != nil:
		r.wrong(PathOf(container.Unmask), "writable-cgroups %q is neither true nor false", v.shown())
	case on:
		r.append(container.Unmask, "/sys/fs/cgroup")
	}
}

// readLabel reads one option of a label; only a level may hold a comma.
func readLabel(r *reader, v Value) {
	kind, _, has := strings.Cut(v.Text, ":")
	known := slices.Contains([]string{"user", "role", "type", "level", "filetype"}, kind)
	if !has {
		known = v.Text == "disable" || v.Text == "nested"
	}
	bad := !known || strings.Contains(v.Text, "=") || kind != "level" && strings.Contains(v.Text, ",")
	if v.Open() == "" && bad {
		r.wrong(PathOf(container.SecurityLabel), "%q is no label option", v.shown())
	}
	r.item(container.SecurityLabel, v, v.Text)
}

// ownSeccomp: docker's "builtin" is its default.
func ownSeccomp(ofDocker bool, v string) string {
	if ofDocker && v == "builtin" {
		return ""
	}
	return v
}

func readPaths(r *reader, row container.Field[[]string], v Value) {
	for _, p := range v.split(':') {
		r.item(row, p, p.Text)
	}
}

func readSystemPaths(r *reader, v Value) {
	switch {
	case v.Open() != "":
		r.leave(PathOf(container.Unmask), v.Open())
	case v.Text == "unconfined":
		r.append(container.Unmask, "ALL")
	default:
		r.wrong(PathOf(container.Unmask), "systempaths %q is not unconfined", v.shown())
	}
}

// readPublish reads [[IP:][HOSTPORT[-END]]:]PORT[-END][/PROTOCOL], IPv6 in
// brackets.
func readPublish(r *reader, v Value) {
	row := container.Publish
	if r.docker {
		readPublished(r, v)
		return
	}
	r.each(PathOf(row), v, func(v Value) { readPublished(r, v) })
}

func readPublished(r *reader, v Value) {
	if what := v.Open(); what != "" {
		r.leave(PathOf(container.Publish), what)
		return
	}
	short, why := v.Text, ""
	if r.docker {
		short, why = dockerPorts(r, v)
	}
	var p ports
	if why == "" {
		p, why = parsePorts(short)
	}
	switch why {
	case "":
	case noHostPort:
		r.wrong(elem(container.Publish, p.key(p.proto)), "%q %s", v.shown(), why)
	default:
		r.wrong(PathOf(container.Publish), "%q %s", v.shown(), why)
		return
	}
	for _, proto := range strings.Split(p.proto, ",") {
		putPort(r, p.key(proto), container.Port{HostIP: p.ip, HostPort: uint16(p.host)})
	}
}

// putPort keeps a port that is published twice under a second key.
func putPort(r *reader, key string, p container.Port) {
	if had, _, twice := container.Publish.Get(r.spec, key); twice && had != p {
		key += "@" + strconv.Itoa(int(p.HostPort))
	}
	container.Publish.Set(r.spec, key, p, r.mark)
	r.decides(elem(container.Publish, key))
}
