package cdi

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// versions are those of the format that there are (SPEC.md of CDI 1.1).
var versions = []string{"0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0"}

// Newer tells whether version is a later one of the format than than.
func Newer(version, than string) bool {
	return slices.Index(versions, version) > slices.Index(versions, than)
}

func (s *Spec) check() error {
	if !slices.Contains(versions, strings.TrimPrefix(s.Version, "v")) {
		return fmt.Errorf("cdiVersion %q is none of %s", s.Version, strings.Join(versions, ", "))
	}
	s.Version = strings.TrimPrefix(s.Version, "v")
	vendor, class, parted := strings.Cut(s.Kind, "/")
	if !parted || !word(vendor, "_-.") || !word(class, "_-.") || !letter(s.Kind[0]) || !letter(class[0]) {
		return fmt.Errorf("kind %q is no VENDOR/CLASS", s.Kind)
	}
	if len(s.Devices) == 0 {
		return fmt.Errorf("it has no devices")
	}
	if err := s.Edits.check(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, d := range s.Devices {
		switch {
		case !word(d.Name, "_-.:"):
			return fmt.Errorf("%q is no name of a device", d.Name)
		case seen[d.Name]:
			return fmt.Errorf("it has the device %q twice", d.Name)
		case d.Edits.empty():
			return fmt.Errorf("the device %q brings nothing", d.Name)
		}
		seen[d.Name] = true
		if err := d.Edits.check(); err != nil {
			return fmt.Errorf("the device %q: %w", d.Name, err)
		}
	}
	return nil
}

// Named tells whether a word of --device names a device of CDI, "nvidia.com/gpu=0",
// and no path.
func Named(device string) bool {
	kind, name, valued := strings.Cut(device, "=")
	vendor, class, parted := strings.Cut(kind, "/")
	return valued && parted && word(vendor, "_-.") && letter(vendor[0]) && word(class, "_-.") && letter(class[0]) && word(name, "_-.:")
}

// word tells whether s begins and ends with an ASCII letter or digit, and has nothing
// but these and inner between.
func word(s, inner string) bool {
	if s == "" || !alphanumeric(s[0]) || !alphanumeric(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) && strings.IndexByte(inner, s[i]) < 0 {
			return false
		}
	}
	return true
}

func letter(c byte) bool       { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func alphanumeric(c byte) bool { return letter(c) || '0' <= c && c <= '9' }

func (e *Edits) empty() bool {
	return len(e.Env)+len(e.Nodes)+len(e.Mounts)+len(e.Hooks)+len(e.GIDs) == 0 && e.IntelRdt == nil && e.Net == nil
}

func (e *Edits) check() error {
	for _, n := range e.Nodes {
		if err := n.check(); err != nil {
			return err
		}
	}
	for _, m := range e.Mounts {
		if m.HostPath == "" || !clean(m.ContainerPath) || m.ContainerPath == "/" {
			return fmt.Errorf("the mount of %q at %q: that is no absolute path, or the root", m.HostPath, m.ContainerPath)
		}
	}
	for _, h := range e.Hooks {
		if !slices.Contains(Stages, h.Stage) {
			return fmt.Errorf("the hook %q: its stage %q is none of %s", h.Path, h.Stage, strings.Join(Stages, ", "))
		}
		if !clean(h.Path) {
			return fmt.Errorf("the hook %q: it is no absolute path", h.Path)
		}
		if err := variables(h.Env); err != nil {
			return fmt.Errorf("the hook %q: %w", h.Path, err)
		}
	}
	return variables(e.Env)
}

func (n *Node) check() error {
	switch {
	case !clean(n.Path) || n.HostPath != "" && !clean(n.HostPath):
		return fmt.Errorf("the node %q: it is no absolute path", n.Path)
	case !slices.Contains([]string{"", "b", "c", "u", "p"}, n.Type):
		return fmt.Errorf("the node %q: its type %q is none of b, c, u, p", n.Path, n.Type)
	case strings.Trim(n.Access, "rwm") != "":
		return fmt.Errorf("the node %q: its permissions %q are none of r, w, m", n.Path, n.Access)
	}
	return nil
}

// variables wants NAME=VALUE of each.
func variables(env []string) error {
	for _, kv := range env {
		if name, _, valued := strings.Cut(kv, "="); !valued || name == "" || strings.ContainsRune(kv, 0) {
			return fmt.Errorf("the variable %q is no NAME=VALUE", name)
		}
	}
	return nil
}

func clean(p string) bool {
	return path.IsAbs(p) && path.Clean(p) == p && !strings.ContainsRune(p, 0)
}
