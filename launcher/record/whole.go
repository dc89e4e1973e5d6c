package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// promised are the settings that every plan states, of whatever profile, image and
// host: a record that lacks one was shortened. What only some plans state, the lists of
// a record hold against each other.
var promised = append([]container.Row{
	container.Image, container.Pull, container.Name, container.Privileged, container.CapDrop, container.Capabilities,
	container.NoNewPrivileges, container.SeccompProfile, container.ProcessLabel, container.Mask, container.Unmask,
	container.ReadOnly, container.ReadOnlyTmpfs, container.ImageVolume, container.ShmSize, container.Device, container.Network,
	container.Ipc, container.Pid, container.Uts, container.Cgroupns, container.Rm, container.Restart, container.Init,
	container.StopTimeout, container.Systemd, container.NoHealthcheck, container.LogDriver, container.Umask, container.HttpProxy,
}, held...)

// digest is the SHA-256 of a record's JSON without its digest, whatever its spacing and
// the order of its fields.
func digest(text []byte) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return "", err
	}
	delete(fields, "digest")
	bare, err := json.Marshal(fields)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(bare)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// sealed is the record as it is written, with its digest.
func (r *Record) sealed() ([]byte, error) {
	bare, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if r.Digest, err = digest(bare); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	return append(data, '\n'), err
}

// Edited says in a sentence what shows that the record is not the one its launch wrote;
// "" nothing does. launch and plan are what the labels of the container say. It
// shows a hand that changes, swaps or shortens a record, and not one that makes it anew.
func (r *Record) Edited(launch, plan string) string {
	switch {
	case r.Launch != launch:
		return "its launch record is that of another launch: somebody swapped it"
	case r.Plan != plan:
		return fmt.Sprintf("its launch record is of plan %.20s, its label names plan %.20s: one of them was changed by hand", r.Plan, plan)
	case r.Digest != r.found && r.Digest != "":
		return "its launch record was changed after it was written: its digest is another"
	}
	if lacks := r.lacks(); len(lacks) > 0 && len(r.Spec) > 0 {
		return fmt.Sprintf("its launch record was shortened: it lacks %s", strings.Join(lacks[:min(len(lacks), mostLacking)], ", "))
	}
	return ""
}

// mostLacking is how many of the settings that a record lacks are named.
const mostLacking = 5

// Whole says why nobody can tell that the record is whole; "" it is.
func (r *Record) Whole() string {
	if r.Digest == "" {
		return "its launch record has no digest, as those of older zlaunches: whether it was edited cannot be told"
	}
	return ""
}

// lacks lists what a record must hold and does not: the promised settings in its plan,
// and each setting of one of its lists in the others.
func (r *Record) lacks() []string {
	plan, shown, told := map[string]bool{}, map[string]bool{}, map[string]bool{}
	rows := map[string]bool{}
	for _, e := range r.Spec {
		plan[e.Setting.String()], rows[e.Setting.Key] = true, true
	}
	for _, s := range r.Settings {
		shown[s.Path.String()] = true
	}
	for _, p := range r.Proof {
		told[p.Setting.String()] = true
	}
	for _, u := range r.Unproved {
		told[u.Setting.String()] = true
	}
	var out []string
	for _, row := range promised {
		if !rows[row.Key()] {
			out = append(out, row.Key())
		}
	}
	for _, s := range r.Settings {
		if at := s.Path.String(); !plan[at] {
			out = append(out, at)
		}
	}
	for _, e := range r.Spec {
		at, row := e.Setting.String(), container.ByKey(e.Setting.Key)
		added := slices.ContainsFunc(held, func(h container.Row) bool { return h.Key() == e.Setting.Key })
		switch {
		case e.Complete || row == nil || added:
		case !shown[at]:
			out = append(out, at)
		case row.Proof() >= container.OCI && !told[at]:
			out = append(out, "the proof of "+at)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
