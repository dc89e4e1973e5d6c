package quadlet

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// Played is what a .kube unit has podman kube play make.
type Played struct {
	Files []string // of Kubernetes YAML, as the unit names them, from "/"
	// Open is what the unit says beside them, of the rows that it may change.
	Open []form.Open
}

// maxPlayed bounds the files of one unit.
const maxPlayed = 100

// playsAlike are keys of [Kube] that change nothing in the containers.
var playsAlike = strings.Fields("Yaml ServiceName ExitCodePropagation KubeDownForce SetWorkingDirectory AutoUpdate LogDriver")

// playsRow are keys of [Kube] that decide one row for all containers. Any other key may
// decide whatever an option of podman kube play does.
var playsRow = map[string]container.Row{
	"ConfigMap": container.Env, "PublishPort": container.Publish, "Network": container.Network, "UserNS": container.Userns,
	"RemapUsers": container.Userns, "RemapUid": container.Userns, "RemapGid": container.Userns, "RemapUidSize": container.Userns,
}

// Plays reads what a .kube unit plays.
func (s *Set) Plays(file string) (Played, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, s.tree.bytes = clean(file), 0
	text, err := s.tree.read(file)
	if err != nil {
		return Played{}, err
	}
	r := newReader(s.tree, s.v, s.o, file)
	r.u = r.unit(file)
	r.add(r.u, file, text)
	r.dropins(r.u)
	out := Played{Open: r.out.Open}
	for _, l := range r.u.lines {
		row := playsRow[l.key]
		switch why := fmt.Sprintf("line %d: %s= changes what podman kube play makes, and is not read", l.at, clipped(l.key)); {
		case l.section != "Kube" || l.value == "" || slices.Contains(playsAlike, l.key):
		case row != nil:
			out.Open = append(out.Open, form.Open{Word: -1, At: container.Path{Key: row.Key()}, Why: why})
		default:
			out.Open = append(out.Open, form.Open{Word: -1, Why: why})
		}
	}
	for _, l := range r.u.all("Kube", "Yaml") {
		switch _, holes := filled(l.value); {
		case len(holes) > 0 || strings.Contains(l.value, "://") || len(out.Files) == maxPlayed:
			out.Open = append(out.Open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: the YAML that Yaml= names is not read", l.at)})
		case path.IsAbs(l.value):
			out.Files = append(out.Files, clean(l.value))
		default:
			out.Files = append(out.Files, clean(path.Join(path.Dir(file), l.value)))
		}
	}
	if len(out.Files)+len(out.Open) == 0 {
		out.Open = append(out.Open, form.Open{Word: -1, Why: "the unit names no Yaml=, and Podman refuses it"})
	}
	return out, nil
}
