package quadlet

import (
	"fmt"
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// quadlets is the end of the name of a file of several units, which podman quadlet install
// takes apart since Podman 5.8: lines of --- stand between them, a comment # FileName=NAME
// names each, and its first section tells its kind (pkg/domain/infra/abi/quadlet.go).
const quadlets = ".quadlets"

// maxSeveral bounds the units of one such file.
const maxSeveral = 1000

// part is a unit in a file of several.
type part struct {
	name, text string
	before     int // lines of the file
}

// several reads each unit of a file of several, as it would be in the directory of the file.
func (s *Set) several(file, text string) (out []*form.Reading, open []form.Open, err error) {
	if err := plain([]byte(text)); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", shown("/"+file), err)
	}
	parts, open := partsOf(text)
	t := newTree(s.tree.fsys, []string{path.Dir(file)})
	t.within = map[string]part{}
	for _, p := range parts {
		t.within[path.Join(path.Dir(file), p.name)] = p
	}
	for _, p := range parts {
		runs, more, err := s.read(t, path.Join(path.Dir(file), p.name), p.text)
		if err != nil {
			open = append(open, form.Open{Word: -1, Why: err.Error()})
			continue
		}
		for _, r := range runs {
			settle(r, file, text, t.within)
		}
		out, open = append(out, runs...), append(open, more...)
	}
	return out, open, nil
}

// settle says of a run of such a file where it stands in truth.
func settle(r *form.Reading, file, text string, within map[string]part) {
	_, number, _ := strings.Cut(r.Subject, "#")
	r.Name = path.Base(r.File)
	r.Subject, r.File = path.Base(file)+"#"+r.Name, "/"+file
	if number != "" {
		r.Subject += "#" + number
	}
	r.Lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, w := range r.Words {
		if _, is := within[strings.TrimPrefix(w.File, "/")]; is {
			r.Words[i].File = ""
		}
	}
}

// partsOf takes a file of several units apart. What has no name, or no kind, is open.
func partsOf(text string) (out []part, open []form.Open) {
	rows := strings.Split(text, "\n")
	names := map[string]bool{}
	for from, i := 0, 0; i <= len(rows); i++ {
		if i < len(rows) && strings.TrimSpace(rows[i]) != "---" {
			continue
		}
		at, unit := from, rows[from:i]
		if from = i + 1; strings.TrimSpace(strings.Join(unit, "")) == "" {
			continue
		}
		name, kind := called(unit)
		switch {
		case len(out) == maxSeveral:
			return out, append(open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: more than %d units are in it, and the rest is not read", at+1, maxSeveral)})
		case name == "" || strings.ContainsAny(name, `/\`) || kind == "":
			open = append(open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: a unit in it has no # FileName=NAME, or no section that tells its kind; Podman refuses the file", at+1)})
		case names[name+kind]:
			open = append(open, form.Open{Word: -1, Why: fmt.Sprintf("line %d: %s stands in it twice", at+1, shown(name+kind))})
		default:
			names[name+kind] = true
			out = append(out, part{name + kind, strings.Join(unit, "\n") + "\n", at})
		}
	}
	return out, open
}

// called is what a unit of such a file is called, and its kind.
func called(unit []string) (name, kind string) {
	for _, row := range unit {
		row = strings.TrimSpace(row)
		comment, is := strings.CutPrefix(row, "#")
		if value, says := strings.CutPrefix(strings.TrimSpace(comment), "FileName="); is && says && name == "" {
			name = strings.TrimSpace(value)
		}
		if kind == "" && strings.HasPrefix(row, "[") && strings.HasSuffix(row, "]") {
			if ext := "." + strings.ToLower(strings.Trim(row, "[]")); unitKinds[ext] != "" {
				kind = ext
			}
		}
	}
	return name, kind
}
