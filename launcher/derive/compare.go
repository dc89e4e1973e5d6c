package derive

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/effective"
)

// Difference is something that an image says otherwise than its base.
type Difference struct {
	Key  string `json:"key"` // as inspect names it: "User", "Env[PATH]", "label[run]"
	Base string `json:"base"`
	Now  string `json:"now"`
}

// ours begin the labels and annotations that a build by a [Plan] brings.
var ours = []string{"io.zlaunch.derived.", "io.buildah.version", "org.opencontainers.image.base.", "org.opencontainers.image.created"}

// defaultPath is what podman's build writes into an image whose base has no PATH, and what podman
// gives a container of an image without one, as podman 4.3.1 does: its workload sees no difference.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Differences are all that a derived image says otherwise than its base, and ought not to:
// whom it runs as, what it runs, and every way in which it steers an engine. Of a variable
// the value is not told, for it can be a secret.
func Differences(base, now *effective.Image) []Difference {
	var out []Difference
	differ := func(key, a, b string) {
		if a != b {
			out = append(out, Difference{key, a, b})
		}
	}
	differ("Architecture", base.OS+"/"+base.Arch, now.OS+"/"+now.Arch)
	differ("User", base.User, now.User)
	differ("WorkingDir", base.Workdir, now.Workdir)
	differ("StopSignal", base.StopSignal, now.StopSignal)
	for _, list := range []struct {
		key  string
		a, b []string
	}{
		{"Entrypoint", base.Entrypoint, now.Entrypoint}, {"Cmd", base.Cmd, now.Cmd}, {"ExposedPorts", base.Exposed, now.Exposed},
		{"Volumes", base.Volumes, now.Volumes}, {"Healthcheck", base.Healthcheck, now.Healthcheck},
	} {
		differ(list.key, fmt.Sprintf("%q", list.a), fmt.Sprintf("%q", list.b))
	}
	was, is := variables(base.Env), variables(now.Env)
	if _, has := was["PATH"]; !has && is["PATH"] == defaultPath+"\x00" {
		delete(is, "PATH")
	}
	for _, d := range differing("Env", was, is) {
		before, after := hidden(d.Base), hidden(d.Now)
		if before == after {
			after = "another value"
		}
		differ(d.Key, before, after)
	}
	out = append(out, differing("label", base.Labels, now.Labels)...)
	return append(out, differing("annotation", base.Annotations, now.Annotations)...)
}

// differing are the keys of two maps with another value, in order.
func differing(of string, a, b map[string]string) (out []Difference) {
	keys := slices.Sorted(maps.Keys(a))
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		va, inA := a[k]
		vb, inB := b[k]
		brought := slices.ContainsFunc(ours, func(prefix string) bool { return of != "Env" && strings.HasPrefix(k, prefix) })
		if (va != vb || inA != inB) && !brought {
			out = append(out, Difference{of + "[" + k + "]", told(va, inA), told(vb, inB)})
		}
	}
	return out
}

const nothing = "nothing"

func told(value string, there bool) string {
	if !there {
		return nothing
	}
	return fmt.Sprintf("%q", value)
}

func hidden(told string) string {
	if told == nothing {
		return nothing
	}
	return "a value"
}

// variables are those of an image by name; one without = keeps apart from an empty one.
func variables(env []string) map[string]string {
	out := map[string]string{}
	for _, kv := range env {
		name, value, valued := strings.Cut(kv, "=")
		if !valued {
			value = "\x00"
		}
		out[name] += value + "\x00"
	}
	return out
}

// Stale says why a derived image is none of a base: what its label says of it. "" it is.
func Stale(base string, now *effective.Image) string {
	switch of := now.Labels[LabelBase]; {
	case of == "":
		return "zlaunch derive has not built it"
	case of != base:
		return fmt.Sprintf("it was made of %.80q, and the image to be mended is %s", of, base)
	}
	return ""
}
