package command

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The functions below read what Docker writes in a grammar of its own (docker/cli
// 28: opts/network.go, opts/mount.go and cli/command/container/opts.go).

// longNetwork tells NetworkOpt's long form from a name; it is not anchored.
var longNetwork = lazyregexp.New(`\w+=\w+(,\w+=\w+)*`)

// readDockerNetwork reads NAME, or name=NAME,alias=… in any case. Docker takes no
// list of names.
func readDockerNetwork(r *reader, v Value) {
	row := container.Network
	if v.Open() != "" || !longNetwork().MatchString(v.Text) {
		r.item(row, v, v.Text)
		return
	}
	fields, ok := v.list()
	if !ok {
		r.wrong(PathOf(row), "%q is not a list with commas", v.shown())
		return
	}
	name := ""
	for _, f := range fields {
		key, val, has := strings.Cut(strings.ToLower(f.Text), "=")
		key, val = strings.TrimSpace(key), strings.TrimSpace(val)
		switch {
		case key == "name" && has:
			name = val
		case key == "driver-opt" && has:
			leftUnjudged(r, row, f)
		case !has || !slices.Contains([]string{"alias", "ip", "ip6", "mac-address", "link-local-ip", "gw-priority"}, key):
			r.wrong(PathOf(row), "%q is no part of a network", Clip(f.Text))
		}
	}
	if name == "" {
		r.wrong(PathOf(row), "%q names no network", v.shown())
		return
	}
	r.append(row, name)
}

// leftUnjudged leaves a row open for a part of an option that Docker hands on to a
// driver, which may do anything with it.
func leftUnjudged(r *reader, row container.Row, v Value) {
	r.note(form.Open{At: PathOf(row), Word: r.word(), Why: r.opt.dashed + ": zlaunch does not judge " + v.shown()})
}

// dockerMountKeys are the keys of docker's --mount; true: it may stand alone.
var dockerMountKeys = map[string]bool{
	"type": false, "source": false, "src": false, "target": false, "dst": false, "destination": false,
	"readonly": true, "ro": true, "consistency": false,
	"bind-propagation": false, "bind-nonrecursive": true, "bind-recursive": false, "bind-create-src": true,
	"volume-subpath": false, "volume-nocopy": true, "volume-label": false, "volume-driver": false, "volume-opt": false,
	"image-subpath": false, "tmpfs-size": false, "tmpfs-mode": false,
}

// dockerMounts are the types of docker's API (api/types/mount) that no row holds.
var dockerMounts = []string{"image", "npipe", "cluster"}

// dockerMount gives the fields of --mount the spelling that Podman has for them:
// Docker takes keys, and some of the values, in any case. What Docker has no key
// for is said and left away.
func dockerMount(r *reader, fields []Value) []Value {
	out := fields[:0:0]
	for _, f := range fields {
		key, val, has := f.Cut('=')
		if key.Open() != "" {
			out = append(out, f)
			continue
		}
		name := strings.ToLower(key.Text)
		alone, known := dockerMountKeys[name]
		if !known || !has && !alone {
			r.wrong(PathOf(container.VolumeAt), "%q is no part of a mount", f.shown())
			continue
		}
		switch name {
		case "type", "bind-propagation", "consistency":
			val = val.lower()
		case "volume-driver":
			if val.Text != "" && val.Text != "local" {
				leftUnjudged(r, container.VolumeAt, f)
			}
		}
		out = append(out, Value{Text: name + f.Text[len(key.Text):len(f.Text)-len(val.Text)] + val.Text, at: f.at, w: f.w})
	}
	return out
}

// lower is v in lower case, where that leaves what a shell puts in at its place.
func (v Value) lower() Value {
	if low := strings.ToLower(v.Text); len(low) == len(v.Text) {
		v.Text = low
	}
	return v
}

// dockerPorts writes docker's long form of a port, published=HOSTPORT,target=PORT,
// as the short one; why tells what is wrong. Docker looks at three of its keys and
// drops the others, an address too.
func dockerPorts(r *reader, v Value) (short, why string) {
	if !strings.Contains(v.Text, "=") {
		return bracketed(v.Text), ""
	}
	of := map[string]string{"protocol": "tcp"}
	for _, part := range strings.Split(v.Text, ",") {
		key, val, has := strings.Cut(part, "=")
		if !has || key == "" {
			return "", "is not published=HOSTPORT,target=PORT"
		}
		if !slices.Contains([]string{"published", "target", "protocol", "mode", "name", "app_protocol"}, key) {
			r.wrong(PathOf(container.Publish), "docker drops %q", Clip(part))
		}
		of[key] = val
	}
	return bracketed(of["published"] + ":" + of["target"] + "/" + of["protocol"]), ""
}

// bracketed puts an IPv6 address in the brackets that Docker does without.
func bracketed(s string) string {
	parts := strings.Split(s, ":")
	if n := len(parts) - 2; n > 1 && !strings.HasPrefix(s, "[") {
		return "[" + strings.Join(parts[:n], ":") + "]:" + strings.Join(parts[n:], ":")
	}
	return s
}
