package command

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The functions below read the options that no kind covers.

// readEntrypoint takes a JSON array apart, as Podman does; Docker does not.
func readEntrypoint(r *reader, v Value) {
	if !closed(r, container.Entrypoint, v) {
		return
	}
	words := []string{}
	switch {
	case v.Text == "":
	case r.docker || json.Unmarshal([]byte(v.Text), &words) != nil:
		words = []string{v.Text}
	}
	set(r, container.Entrypoint, words)
}

// readEnv reads NAME=VALUE, NAME of the caller, or NAME* of the caller.
func readEnv(r *reader, v Value) {
	name, val, has := v.Cut('=')
	if what := name.Open(); what != "" {
		r.leave(PathOf(container.Env), what)
		return
	}
	name.Text = strings.TrimLeft(name.Text, " \t") // as pkg/env does
	switch {
	case name.Text == "":
		r.wrong(PathOf(container.Env), "%q has no name", v.shown())
	case has:
		r.put(container.Env, name.Text, val)
	default:
		r.append(container.EnvImport, name.Text)
	}
}

// readEnvFile: what a file of the host holds becomes environment.
func readEnvFile(r *reader, v Value) {
	r.hostFile(forReading, v)
	if v.spelledOut() { // a home is known for what it is
		r.append(container.EnvFile, v.Text)
		return
	}
	r.item(container.EnvFile, v, v.Text)
}

// readEnvMerge: what an image says of a variable becomes part of its value.
func readEnvMerge(r *reader, v Value) {
	readEnv(r, v)
	r.opens("the image's own value becomes part of it", container.Env)
}

// readPodIDFileOfRun: the pod is the one that a file names.
func readPodIDFileOfRun(r *reader, v Value) {
	r.hostFile(forReading, v)
	if closed(r, container.Pod, v) {
		set(r, container.Pod, v.Text)
	}
}

// readSecret reads NAME[,type=…,target=…,mode=…]. A secret that is given twice
// has its target behind "@" in the key.
func readSecret(r *reader, v Value) {
	fields := v.split(',')
	name, s := "", container.Secret{Type: "mount"}
	if !strings.Contains(fields[0].Text, "=") {
		name, fields = fields[0].Text, fields[1:]
	}
	if what := v.Open(); what != "" {
		r.leave(PathOf(container.SecretOf), what)
		return
	}
	for _, f := range fields {
		k, val, _ := strings.Cut(f.Text, "=")
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
				r.wrong(PathOf(container.SecretOf), "mode %q is not octal", Clip(val))
				return
			}
			s.Mode = uint32(n)
		case "uid", "UID", "gid", "GID":
		default:
			r.wrong(PathOf(container.SecretOf), "%q is no part of a secret", Clip(f.Text))
			return
		}
	}
	if _, _, twice := container.SecretOf.Get(r.spec, name); twice {
		name += "@" + s.Target
	}
	container.SecretOf.Set(r.spec, name, s, r.mark)
	r.decides(elem(container.SecretOf, name))
}

func readPlatform(r *reader, v Value) {
	if !closed(r, container.Platform, v) {
		return
	}
	switch r.opt.name {
	case "arch":
		r.arch = v.Text
	case "os":
		r.os = v.Text
	case "variant":
		r.variant = v.Text
	}
	platform := cmp.Or(r.os, "linux") + "/" + r.arch
	if r.variant != "" {
		platform += "/" + r.variant
	}
	container.Platform.Set(r.spec, platform, r.mark)
	r.adds(PathOf(container.Platform))
}

func readRootfs(r *reader, v Value) {
	r.rootfs, _ = readBool(r, container.Rootfs, v)
	r.decides(PathOf(container.Rootfs))
}

func readRmi(r *reader, v Value) {
	if on, ok := readBool(r, container.Rm, v); ok && on {
		set(r, container.Rm, true)
	}
	keepAs(container.Other)(r, v)
}

// readImageVolume: bind is Podman's old word for anonymous.
func readImageVolume(r *reader, v Value) {
	if v.Text == "bind" {
		v.Text = "anonymous"
	}
	if closed(r, container.ImageVolume, v) {
		set(r, container.ImageVolume, v.Text)
	}
}

func readNetwork(r *reader, v Value) {
	row := container.Network
	if r.docker {
		readDockerNetwork(r, v)
		return
	}
	if v.index(':') >= 0 { // one network with options of its own
		r.item(row, v, v.Text)
		return
	}
	for _, f := range v.split(',') {
		r.item(row, f, f.Text)
	}
}

// readHealthInterval: without a timer no check ever runs.
func readHealthInterval(r *reader, v Value) {
	every, err := time.ParseDuration(v.Text)
	switch {
	case v.Open() != "":
		r.leave(PathOf(container.NoHealthcheck), v.Open())
	case v.Text == "disable" || err == nil && every == 0:
		set(r, container.NoHealthcheck, true)
	default:
		keepAs(container.Other)(r, v)
	}
}

// readHealthCmd: the command "none" switches the image's own check off.
func readHealthCmd(r *reader, v Value) {
	if !closed(r, container.HealthCmd, v) {
		return
	}
	set(r, container.HealthCmd, v.Text)
	if strings.EqualFold(strings.Trim(v.Text, `[]"`), "none") {
		set(r, container.NoHealthcheck, true)
	}
}

// readLogOpt: one of the options is the driver, of Podman, which knows its own in
// capitals too (specgenutil, FillOutSpecGen); docker does not.
func readLogOpt(r *reader, v Value) {
	key, _, _ := strings.Cut(v.Text, "=")
	if own := strings.ToLower(key); !r.docker && slices.Contains([]string{"driver", "path", "max-size"}, own) {
		v.Text = own + v.Text[len(key):]
	}
	if driver, ok := strings.CutPrefix(v.Text, "driver="); ok && v.Open() == "" && !r.docker {
		set(r, container.LogDriver, driver)
	}
	r.pair(container.LogOpt, v)
}

func readPreserveFd(r *reader, v Value) {
	if closed(r, container.PreserveFds, v) {
		had, _, _ := container.PreserveFds.Get(r.spec)
		set(r, container.PreserveFds, had+int64(strings.Count(v.Text, ",")+1))
	}
}

// readAPISocket: docker binds its own socket, with the caller's credentials.
func readAPISocket(r *reader, v Value) {
	on, err := strconv.ParseBool(v.Text)
	switch {
	case v.Open() != "":
		r.leave(PathOf(container.VolumeAt), v.Open())
	case err != nil:
		r.wrong(PathOf(container.VolumeAt), "%q is neither true nor false", v.shown())
	case on:
		const socket = "/var/run/docker.sock"
		putMount(r, &mount{kind: "bind", source: Value{Text: socket, w: &Word{}}, target: socket})
	}
}
