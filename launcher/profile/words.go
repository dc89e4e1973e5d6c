package profile

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// profileShape is a [profile.NAME] table; the arch tables in it lack extends and
// arch. Treat all of this file's shapes as constants.
var profileShape = shapeOfProfile(map[string]*shape{
	"extends": wordText(extendable, "a profile's name, or BUNDLE/PROFILE"),
	"arch":    archShape,
})

var archShape = func() *shape {
	s := &shape{fields: map[string]*shape{}}
	overlay := shapeOfProfile(nil)
	for _, a := range Archs {
		s.fields[a] = overlay
	}
	return s
}()

func shapeOfProfile(more map[string]*shape) *shape {
	fields := map[string]*shape{
		"about": text(nil), "deprecated": text(nil), "owner": text(nil), "nnpa": text(nil), "docs": text(link).as("an https link").like(links),
		"kind":     oneOf(Kinds...),
		"problems": list(nil, false),
		"knobs":    {elem: text(nil), name: called(knobName, "a variable or a flag")},
		"models":   {fields: map[string]*shape{"at": text(absolute).as("an absolute path").like(paths), "layout": oneOf(Layouts...), "digest": wordText(treeDigest, `"sha256:" and 64 hexadecimal digits`), "source": wordText(modelSource, `"oci://HOST/REPOSITORY@sha256:" and 64 hexadecimal digits`), "required": boolean()}},
		"output":   {fields: map[string]*shape{"at": text(absolute).as("an absolute path").like(paths)}},
		"scanner":  scannerShape,
		"gpu":      wordText(cdiName, `a device such as "nvidia.com/gpu=0"`),
		"gpu_image": {elem: text(image).as("an image reference").like(imageRef),
			name: called(cdiKind, "a kind of accelerator such as nvidia.com/gpu")},
		"ports":   {elem: integer(1, 65535), name: called(portName, "a port's name")},
		"publish": list(matching(portName, "a port's name"), false).as("a list of ports' names").like(portName),
		"ready": {fields: map[string]*shape{
			"port": wordText(portName, "a port's name"), "path": text(urlPath).as("the path of a URL").like(urlPaths), "within": duration(),
		}},
		"golden":         goldenShape,
		"derive":         deriveShape,
		"gateway":        gatewayShape,
		"behind_gateway": boolean(),
		"why":            {elem: text(nil), name: rule{check: func(s string) error { _, err := parsePlace(s); return err }}},
		"waiver":         waiverShape,
		"container":      containerShape(),
	}
	for k, v := range more {
		fields[k] = v
	}
	return &shape{fields: fields}
}

func containerShape() *shape {
	s := &shape{fields: map[string]*shape{}}
	for _, r := range rows {
		s.fields[r.key] = r.shape
	}
	return s
}

// What links and paths of URLs begin with; the functions below want more.
var (
	links    = lazy(`^[Hh][Tt][Tt][Pp][Ss]://[^ ]+$`, 0)
	urlPaths = lazy(`^/[^ #]*$`, 0)
)

func image(s string) error {
	switch _, digest, pinned := strings.Cut(s, "@"); {
	case imageRef.matches(s):
		return nil
	case pinned && !treeDigest.matches(digest):
		return fmt.Errorf("%q is not an image reference: %q is no whole digest, sha256: and 64 hexadecimal digits", s, digest)
	}
	return fmt.Errorf("%q is not an image reference", s)
}

func link(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Contains(s, " ") {
		return fmt.Errorf("%q is not an https link", s)
	}
	return nil
}

func urlPath(s string) error {
	u, err := url.ParseRequestURI(s)
	if err != nil || !strings.HasPrefix(s, "/") || u.Host != "" || strings.ContainsAny(s, " #") {
		return fmt.Errorf("%q is not the path of a URL", s)
	}
	return nil
}

// parsePlace reads one setting as people write it: "memory", "tmpfs /tmp".
func parsePlace(s string) (container.Path, error) {
	key, elem, isElem := strings.Cut(s, " ")
	if k, e, as := strings.Cut(strings.TrimSuffix(s, "]"), "["); as && container.ByKey(k) != nil { // as plans and --waive write it
		return container.Path{}, fmt.Errorf("%q is written %q here", s, k+" "+e)
	}
	if container.ByKey(key) == nil {
		return container.Path{}, unknown(key, rowKeys())
	}
	named := key == container.Publish.Key()
	for _, r := range rows {
		if r.key == key && r.shape.elem != nil {
			named = true
			if err := r.shape.name.check(elem); err != nil {
				return container.Path{}, err
			}
		}
	}
	if named && elem == "" {
		return container.Path{}, fmt.Errorf("%s needs the element behind it, as in \"tmpfs /tmp\"", key)
	}
	if isElem && !named {
		return container.Path{}, fmt.Errorf("%s has no elements", key)
	}
	return container.Path{Key: key, Elem: elem}, nil
}

func rowKeys() []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.key)
	}
	return out
}

// whys finds the reason that was given for a value: in the why table or beside
// the value itself. A reason that stands farther than the value speaks of one
// that was replaced, and is left out.
type whys struct{ table *node }

func (w whys) mark(place string, n *node) container.Mark {
	m := container.Mark{Origin: slices.Clone(n.origins), Evidence: container.Planned}
	for _, reason := range []*node{w.table.at(place), n.at("why")} {
		if reason != nil && reason.rank >= n.rank {
			m.Why = reason.value.(string)
		}
	}
	return m
}
