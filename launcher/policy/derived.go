package policy

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// derived are the answers of what is worked out of rows, and of what a plan adds.
func derived() []answer {
	one := func(key string, of func(*Subject) string) answer {
		return answer{key: key, asks: words(func(s *Subject) ([]string, bool) { v := of(s); return single(v, v != "") }, key)}
	}
	return []answer{
		one("profile", func(s *Subject) string { return s.Profile }),
		one("layer", func(s *Subject) string { return string(s.Layer) }),
		{key: "registry", asks: onlyOf(words(registry, container.Image.Key()))},
		{key: "publish_address", asks: onlyOf(words(addresses, container.Publish.Key()))},
		{key: "mount_root", asks: map[table]ask{only: mountRoots}},
	}
}

func onlyOf(asks map[table]ask) map[table]ask { return map[table]ask{only: asks[only]} }

// registry is that of the image, with its port; an image without one is the engine's
// choice, and not known, and one by a transport, docker-archive:PATH, is of none.
func registry(s *Subject) ([]string, bool) {
	ref, _, known := container.Image.Get(s.Spec)
	head, _, parts := strings.Cut(ref, "/")
	host, port, ported := strings.Cut(head, ":")
	if ported && (port == "" || strings.Trim(port, "0123456789") != "") && !strings.HasPrefix(head, "[") {
		return nil, false
	}
	return single(head, known && parts && (ported || strings.Contains(head, ".") || host == "localhost"))
}

// addresses are those on which ports are published; "" is every address of the host.
func addresses(s *Subject) (out []string, known bool) {
	known = container.Publish.Complete(s.Spec)
	for _, key := range container.Publish.Keys(s.Spec) {
		p, _, ok := container.Publish.Get(s.Spec, key)
		if p.HostIP == "" {
			p.HostIP = "0.0.0.0"
		}
		if known = known && ok; ok {
			out = append(out, p.HostIP)
		}
	}
	return out, known
}

// mountRoots lets mounts come from below the paths of a list, and from volumes that
// patterns in it name.
func mountRoots(want any) (judge, error) {
	texts, err := textsOf(want)
	var roots []string
	var names patterns
	for _, t := range texts {
		switch {
		case err != nil:
		case !strings.HasPrefix(t, "/"):
			var p pattern
			p, err = newPattern(t)
			names = append(names, p)
		case path.Clean(t) != t || strings.Contains(t, "*"):
			err = wanted("clean absolute paths without *, and names of volumes", t)
		default:
			roots = append(roots, t)
		}
	}
	return func(s *Subject) []violation { return mounts(s, roots, names) }, err
}

func mounts(s *Subject, roots []string, names patterns) (out []violation) {
	m := container.VolumeAt
	for _, target := range m.Keys(s.Spec) {
		v, _, known := m.Get(s.Spec, target)
		for _, source := range sources(v, known) {
			if !below(source, roots) && (isPath(source) || !names.match(source)) {
				v := broken(at(m.Key(), target), quoted(source)+" is mounted")
				if source == "" {
					v = unknown(v.at, "what is mounted is not known")
				}
				out = append(out, v)
			}
		}
	}
	if !m.Complete(s.Spec) {
		out = append(out, unknown(at(m.Key(), ""), "whether more is mounted is not known"))
	}
	return out
}

// sources are all that a volume mounts; "" is what is not known.
func sources(v container.Volume, known bool) []string {
	if !known || v.Open || v.Source == "" {
		return []string{""}
	}
	out := []string{v.Source}
	for _, more := range []string{v.Upper, v.Work, v.Device} {
		if more != "" {
			out = append(out, more)
		}
	}
	if v.Backed() && (v.Device == "" || v.DeviceType != "" && v.DeviceType != "none" && v.DeviceType != "bind") {
		out = append(out, "")
	}
	return out
}

// isPath tells a path from a volume's name, which has no slash and begins with neither dot
// (Podman's and Docker's --volume).
func isPath(source string) bool {
	return strings.Contains(source, "/") || strings.HasPrefix(source, ".")
}

// below tells whether an absolute path is one of the roots or lies in it. Where ".." leads
// behind a link, nobody can say.
func below(name string, roots []string) bool {
	if slices.Contains(strings.Split(name, "/"), "..") {
		return false
	}
	name = path.Clean(name)
	for _, root := range roots {
		if name == root || strings.HasPrefix(name, strings.TrimSuffix(root, "/")+"/") {
			return true
		}
	}
	return false
}
