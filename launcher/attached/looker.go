package attached

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// looker looks at one place.
type looker struct {
	ctx    context.Context
	from   bundle.Depot
	images []digest.Digest // of the manifests of the image
	left   int64           // bytes that may still be read
	look   inspected.Look
}

// found is how something was found, before it is known what it is.
type found struct {
	subject digest.Digest
	way     inspected.Way
	digest  digest.Digest // of its manifest
	kind    string        // the type of the artifact as a whole
}

// partly notes why there may be more.
func (l *looker) partly(err error) {
	if err != nil && l.look.Partial == "" {
		l.look.Partial = shown(err.Error())
	}
}

// enough tells that no more is looked at.
func (l *looker) enough() bool {
	if len(l.look.Things) < inspected.MaxThings {
		return false
	}
	l.partly(fmt.Errorf("more than %d things are attached to it", inspected.MaxThings))
	return true
}

// read reads something that is named by a digest, of at most most bytes.
func (l *looker) read(d ocispec.Descriptor, most int64) ([]byte, error) {
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	if most > l.left {
		most = l.left
	}
	data, err := l.from.Read(l.ctx, d, most)
	l.left -= int64(len(data))
	return data, err
}

// manifest reads what brings one or several things.
func (l *looker) manifest(d ocispec.Descriptor, f found) {
	if l.enough() {
		return
	}
	var m ocispec.Manifest
	f.digest = d.Digest
	data, err := l.read(d, maxManifest)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	switch {
	case err == nil && f.way == inspected.ByReferrer && (m.Subject == nil || m.Subject.Digest != f.subject):
		err = errAnother
	case err == nil && f.way != inspected.ByReferrer && m.Subject != nil && m.Subject.Digest != f.subject:
		err = errAnother
	}
	f.kind = m.ArtifactType
	if f.kind == "" {
		f.kind = m.Config.MediaType
	}
	if err != nil || len(m.Layers) == 0 {
		l.add(f, what{inspected.Other, f.kind}, err)
		return
	}
	for _, layer := range m.Layers {
		if l.enough() {
			return
		}
		of, err := l.layer(layer, f)
		l.add(f, of, err)
	}
}

// errAnother is why a thing counts for nothing.
var errAnother = errors.New(inspected.Another)

// what is what a thing is.
type what struct {
	kind inspected.Kind
	form string
}

// add notes a thing. One that no digest names is none.
func (l *looker) add(f found, of what, fault error) {
	if !bounded.Digest(f.digest.String()) {
		l.partly(errors.New("something is attached to it that no sha256 digest names"))
		return
	}
	t := inspected.Thing{Kind: of.kind, Form: shown(of.form), Way: f.way, Digest: f.digest.String(), Subject: f.subject.String()}
	if t.Form == "" {
		t.Form = "of no type"
	}
	if fault != nil {
		t.Fault = shown(fault.Error())
	}
	t.Podman = fault == nil && f.way == inspected.ByTag && of == simpleSigning
	l.look.Things = append(l.look.Things, t)
}

// shown is a stranger's text as a record takes it.
func shown(s string) string {
	s = bounded.Shown(strings.Join(strings.Fields(s), " "))
	const most = 300
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
