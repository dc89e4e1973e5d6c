package command

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The functions below read the options that no kind covers.

// readEntrypoint takes a JSON array apart, as Podman does; Docker does not.
func readEntrypoint(r *reader, v value) {
	if !closed(r, container.Entrypoint, v) {
		return
	}
	words := []string{}
	switch {
	case v.s == "":
	case r.docker || json.Unmarshal([]byte(v.s), &words) != nil:
		words = []string{v.s}
	}
	set(r, container.Entrypoint, words)
}

// readEnv reads NAME=VALUE, NAME of the caller, or NAME* of the caller.
func readEnv(r *reader, v value) {
	name, val, has := v.cut('=')
	if what := name.open(); what != "" {
		r.leave(at(container.Env), what)
		return
	}
	name.s = strings.TrimLeft(name.s, " \t") // as pkg/env does
	switch {
	case name.s == "":
		r.wrong(at(container.Env), "%q has no name", v.shown())
	case has:
		r.put(container.Env, name.s, val)
	default:
		r.append(container.EnvImport, name.s)
	}
}

// readEnvFile: what a file of the host holds becomes environment.
func readEnvFile(r *reader, v value) {
	r.hostFile(forReading, v)
	r.item(container.EnvFile, v, v.s)
}

// readEnvMerge: what an image says of a variable becomes part of its value.
func readEnvMerge(r *reader, v value) {
	readEnv(r, v)
	r.opens("the image's own value becomes part of it", container.Env)
}

// readPodIDFileOfRun: the pod is the one that a file names.
func readPodIDFileOfRun(r *reader, v value) {
	r.hostFile(forReading, v)
	if closed(r, container.Pod, v) {
		set(r, container.Pod, v.s)
	}
}

// readSecret reads NAME[,type=…,target=…,mode=…]. A secret that is given twice
// has its target behind "@" in the key.
func readSecret(r *reader, v value) {
	fields := v.split(',')
	name, s := "", container.Secret{Type: "mount"}
	if !strings.Contains(fields[0].s, "=") {
		name, fields = fields[0].s, fields[1:]
	}
	if what := v.open(); what != "" {
		r.leave(at(container.SecretOf), what)
		return
	}
	for _, f := range fields {
		k, val, _ := strings.Cut(f.s, "=")
		switch k {
		case "source":
			name = val
		case "type":
			s.Type = val
		case "target":
			s.Target = val
		case "mode":
			n, err := strconv.ParseUint(val, 8, 32)
			if err != nil {
				r.wrong(at(container.SecretOf), "mode %q is not octal", clip(val))
				return
			}
			s.Mode = uint32(n)
		case "uid", "UID", "gid", "GID":
		default:
			r.wrong(at(container.SecretOf), "%q is no part of a secret", clip(f.s))
			return
		}
	}
	if _, _, twice := container.SecretOf.Get(r.spec, name); twice {
		name += "@" + s.Target
	}
	container.SecretOf.Set(r.spec, name, s, r.mark)
	r.decides(elem(container.SecretOf, name))
}

func readPlatform(r *reader, v value) {
	if !closed(r, container.Platform, v) {
		return
	}
	switch r.opt.name {
	case "arch":
		r.arch = v.s
	case "os":
		r.os = v.s
	case "variant":
		r.variant = v.s
	}
	platform := orElse(r.os, "linux") + "/" + r.arch
	if r.variant != "" {
		platform += "/" + r.variant
	}
	container.Platform.Set(r.spec, platform, r.mark)
	r.adds(at(container.Platform))
}

func orElse(v, other string) string {
	if v == "" {
		return other
	}
	return v
}

func readRootfs(r *reader, v value) {
	r.rootfs, _ = readBool(r, container.Rootfs, v)
	r.decides(at(container.Rootfs))
}

func readRmi(r *reader, v value) {
	if on, ok := readBool(r, container.Rm, v); ok && on {
		set(r, container.Rm, true)
	}
	keepAs(container.Other)(r, v)
}

// readImageVolume: bind is Podman's old word for anonymous.
func readImageVolume(r *reader, v value) {
	if v.s == "bind" {
		v.s = "anonymous"
	}
	if closed(r, container.ImageVolume, v) {
		set(r, container.ImageVolume, v.s)
	}
}

func readNetwork(r *reader, v value) {
	row := container.Network
	if r.docker {
		readDockerNetwork(r, v)
		return
	}
	if v.index(':') >= 0 { // one network with options of its own
		r.item(row, v, v.s)
		return
	}
	for _, f := range v.split(',') {
		r.item(row, f, f.s)
	}
}

func readSysctls(r *reader, v value) {
	r.each(at(container.Sysctl), v, func(f value) { r.pair(container.Sysctl, f) })
}

func readCpus(r *reader, v value) {
	if !closed(r, container.Cpus, v) {
		return
	}
	n, err := strconv.ParseFloat(v.s, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		refuse(r, container.Cpus, "%q is not a number of processors", v.shown())
		return
	}
	set(r, container.Cpus, n)
}

func readQuota(r *reader, v value) {
	if n, ok := readInt(r, container.Cpus, v); ok {
		r.cpuQuota, r.cpuAt = n, append(r.cpuAt, r.at...)
	}
}

func readPeriod(r *reader, v value) {
	if n, ok := readInt(r, container.Cpus, v); ok {
		r.cpuPeriod, r.cpuAt = n, append(r.cpuAt, r.at...)
	}
}

// readUlimits: "host" gives all limits of the caller, and those named do not hold.
func readUlimits(r *reader, v value) {
	row := container.UlimitOf
	r.each(at(row), v, func(f value) {
		if what := f.open(); what != "" {
			r.leave(at(row), what)
			return
		}
		if f.s == "host" {
			r.append(container.Other, "--ulimit=host")
			r.opens("host gives the caller's own limits, and those that are named do not hold", row)
			return
		}
		u, err := units.ParseUlimit(strings.TrimPrefix(strings.ToLower(f.s), "rlimit_"))
		if err != nil {
			r.wrong(at(row), "%q is not a limit, as nofile=1024:1024", clip(f.s))
			return
		}
		row.Set(r.spec, u.Name, container.Ulimit{Soft: u.Soft, Hard: u.Hard}, r.mark)
		r.decides(elem(row, u.Name))
	})
}

// readHealthInterval: without a timer no check ever runs.
func readHealthInterval(r *reader, v value) {
	every, err := time.ParseDuration(v.s)
	switch {
	case v.open() != "":
		r.leave(at(container.NoHealthcheck), v.open())
	case v.s == "disable" || err == nil && every == 0:
		set(r, container.NoHealthcheck, true)
	default:
		keepAs(container.Other)(r, v)
	}
}

// readHealthCmd: the command "none" switches the image's own check off.
func readHealthCmd(r *reader, v value) {
	if !closed(r, container.HealthCmd, v) {
		return
	}
	set(r, container.HealthCmd, v.s)
	if strings.EqualFold(strings.Trim(v.s, `[]"`), "none") {
		set(r, container.NoHealthcheck, true)
	}
}

// readLogOpt: one of the options is the driver, of Podman, which knows its own in
// capitals too (specgenutil, FillOutSpecGen); docker does not.
func readLogOpt(r *reader, v value) {
	key, _, _ := strings.Cut(v.s, "=")
	if own := strings.ToLower(key); !r.docker && slices.Contains([]string{"driver", "path", "max-size"}, own) {
		v.s = own + v.s[len(key):]
	}
	if driver, ok := strings.CutPrefix(v.s, "driver="); ok && v.open() == "" && !r.docker {
		set(r, container.LogDriver, driver)
	}
	r.pair(container.LogOpt, v)
}

func readPreserveFd(r *reader, v value) {
	if closed(r, container.PreserveFds, v) {
		had, _, _ := container.PreserveFds.Get(r.spec)
		set(r, container.PreserveFds, had+int64(strings.Count(v.s, ",")+1))
	}
}

// readAPISocket: docker binds its own socket, with the caller's credentials.
func readAPISocket(r *reader, v value) {
	on, err := strconv.ParseBool(v.s)
	switch {
	case v.open() != "":
		r.leave(at(container.VolumeAt), v.open())
	case err != nil:
		r.wrong(at(container.VolumeAt), "%q is neither true nor false", v.shown())
	case on:
		const socket = "/var/run/docker.sock"
		r.mount(&mount{kind: "bind", source: value{s: socket, w: &word{}}, target: socket})
	}
}
