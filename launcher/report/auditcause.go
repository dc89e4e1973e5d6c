package report

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// The causes of what is open that many controls share. No file tells them; what does
// stands in the findings, which --all lists.
const (
	ofImage = "facts of the image are missing"
	ofHost  = "facts of the host are missing"
)

// cause is findings that are open for one reason.
type cause struct {
	why      string
	findings []audit.Finding
}

// causes puts what is open together by its reason, in the order of the first: a word
// that was not understood is the reason for all that its setting leaves open.
func causes(in []audit.Finding) []cause {
	said := map[container.Path]string{}
	for _, f := range in {
		if f.Control.ID == audit.InputUnderstood.ID && f.At != (container.Path{}) {
			said[f.At] = f.Message
			if key := (container.Path{Key: f.At.Key}); said[key] == "" {
				said[key] = f.Message
			}
		}
	}
	var out []cause
	for _, f := range in {
		why := causeOf(f, said)
		i := slices.IndexFunc(out, func(c cause) bool { return c.why == why })
		if i < 0 {
			i = len(out)
			out = append(out, cause{why: why})
		}
		out[i].findings = append(out[i].findings, f)
	}
	return out
}

// causeOf is why a finding is open; said are the reasons that the input gave, by what
// they are about.
func causeOf(f audit.Finding, said map[container.Path]string) string {
	if f.Control.ID == audit.InputUnderstood.ID {
		return f.Message
	}
	if why, ok := said[f.At]; ok && f.At.Key != "" {
		return why
	}
	if why, ok := said[container.Path{Key: container.Image.Key()}]; ok && imageTells(f) {
		return why
	}
	switch {
	case imageTells(f):
		return ofImage
	case hostTells(f):
		return ofHost
	}
	return f.Message
}

// imageTells tells of what an image brings, or would where nothing is stated.
func imageTells(f audit.Finding) bool {
	switch f.At.Key {
	case container.User.Key():
		return strings.Contains(f.Message, "image")
	case container.Entrypoint.Key(), container.Args.Key(), container.HealthCmd.Key():
		return strings.HasSuffix(f.Message, "not known")
	}
	return strings.HasPrefix(f.At.Key, "image_")
}

// hostTells tells of what is known where the run is made.
func hostTells(f audit.Finding) bool {
	fact := slices.ContainsFunc(container.FactRows, func(r container.Row) bool { return r.Key() == f.At.Key })
	return f.Control.OfHost || fact || strings.Contains(f.Message, "on its host") || strings.Contains(f.Message, "on the host")
}
