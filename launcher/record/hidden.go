package record

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// held are the settings no plan states and that a container is held against all
// the same: the engine's defaults of options that would undo what is planned.
var held = []container.Row{
	container.CapAdd, container.GroupAdd, container.SecurityLabel, container.DeviceCgroupRule, container.ProcOpts, container.VolumesFrom, container.Pod,
	container.Rootfs, container.PublishAll, container.AddHost, container.Dns, container.Cgroups, container.CgroupParent, container.CpuShares,
	container.Cpuset, container.OomKillDisable, container.OomScoreAdj, container.Timeout, container.HealthOnFailure, container.Interactive, container.Tty,
	container.EnvHost, container.EnvImport, container.EnvFile, container.InjectedUsers, container.Gpus, container.NoHosts,
	container.SeccompPolicy, container.UidMaps, container.GidMaps, container.SubIds, container.MountOther, container.RuntimeOpt, container.HooksDir,
	container.ProfileKind, container.ProfilePorts,
}

// Held is what a container is held against: what a plan makes of it, effective, and
// the engine's defaults of options that would undo that. judged is the plan completed
// by all of these.
func Held(effective, judged *container.Spec) *container.Spec {
	s := container.Clone(effective)
	for _, row := range held {
		if _, known := s.MarkOf(container.Path{Key: row.Key()}); !known {
			row.Copy(s, judged)
		}
	}
	return s
}

// Keep puts what a plan makes of the container, effective, into its record. judged is
// the same completed by the engine's defaults. Values that may be secrets are kept
// as salted digests.
func (r *Record) Keep(effective, judged *container.Spec) (err error) {
	s := Held(effective, judged)
	if r.Spec, err = container.Encode(s); err != nil {
		return fmt.Errorf("writing the launch record: %w", err)
	}
	var salt [16]byte
	rand.Read(salt[:]) // never fails (crypto/rand)
	r.Salt = hex.EncodeToString(salt[:])
	r.Hidden = map[string]string{}
	for _, h := range hidden {
		for _, at := range h.hides(s) {
			r.Hidden[at.String()] = digestOf(r.Salt, h.raw(s, at))
		}
	}
	return nil
}

// Hides tells whether the values that the record does not show are those of effective.
func (r *Record) Hides(effective *container.Spec) bool {
	for _, h := range hidden {
		for _, at := range h.hides(effective) {
			if r.Hidden[at.String()] != digestOf(r.Salt, h.raw(effective, at)) {
				return false
			}
		}
	}
	return true
}

// hiding is a row of which some values are not shown.
type hiding struct {
	row  container.Row
	raw  func(*container.Spec, container.Path) any
	copy func(to, from *container.Spec, at container.Path)
}

func hidingMap(row container.Map[string]) hiding {
	return hiding{row,
		func(s *container.Spec, at container.Path) any { v, _, _ := row.Get(s, at.Elem); return v },
		func(to, from *container.Spec, at container.Path) {
			_, m, _ := row.Get(to, at.Elem)
			v, _, _ := row.Get(from, at.Elem)
			row.Set(to, at.Elem, v, m)
		}}
}

func hidingList(row container.Field[[]string]) hiding {
	return hiding{row,
		func(s *container.Spec, _ container.Path) any { v, _, _ := row.Get(s); return v },
		func(to, from *container.Spec, _ container.Path) {
			_, m, _ := row.Get(to)
			v, _, _ := row.Get(from)
			row.Set(to, v, m)
		}}
}

var hidden = []hiding{
	hidingList(container.Entrypoint), hidingList(container.Args), hidingMap(container.Env), hidingMap(container.LogOpt),
	hidingMap(container.Labels), hidingMap(container.Annotation),
}

// hides lists the settings of the row whose value is shown otherwise than it is.
func (h hiding) hides(s *container.Spec) []container.Path {
	var out []container.Path
	for _, set := range h.row.Settings(s) {
		shown, _ := json.Marshal(set.Value)
		raw, _ := json.Marshal(h.raw(s, set.Path))
		if string(shown) != string(raw) {
			out = append(out, set.Path)
		}
	}
	return out
}

func digestOf(salt string, v any) string {
	raw, _ := json.Marshal(v) // text and lists of text
	sum := sha256.Sum256(append([]byte(salt+"\x00"), raw...))
	return hex.EncodeToString(sum[:])
}

// Planned decodes what the record says was planned; nil where it says nothing.
func (r *Record) Planned() (*container.Spec, error) {
	if len(r.Spec) == 0 {
		return nil, nil
	}
	s, err := container.Decode(r.Spec)
	if err != nil {
		return nil, fmt.Errorf("reading the record of launch %s: %w", r.Launch, err)
	}
	return s, nil
}

// Reveal gives the hidden values of a decoded plan the value that is observed,
// where it is the planned one by its digest or no digest tells.
func (r *Record) Reveal(plan, got *container.Spec) {
	for _, h := range hidden {
		for _, set := range h.row.Settings(plan) {
			digest, isHidden := r.Hidden[set.Path.String()]
			raw, _ := json.Marshal(h.raw(plan, set.Path))
			if !strings.Contains(string(raw), container.Redacted) {
				continue // a plan of today says another value, openly
			}
			if !isHidden && (r.Salt != "" || string(raw) != `"`+container.Redacted+`"`) {
				continue
			}
			if _, known := got.MarkOf(set.Path); known && (!isHidden || digestOf(r.Salt, h.raw(got, set.Path)) == digest) {
				h.copy(plan, got, set.Path)
			}
		}
	}
}
