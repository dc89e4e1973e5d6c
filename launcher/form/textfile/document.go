package textfile

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form/compose"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// maxDocument bounds the YAML and JSON that is parsed, in bytes: a node takes some
// fifty times what its text does.
const maxDocument = 4 << 20

// readDocument reads YAML, and JSON, which is YAML: every scalar that names an
// engine as a script, every list that begins with one as words, and every image that
// something else than an engine's line runs as open. Comments run nothing.
func readDocument(s *sheet) error {
	if err := shell.IsText([]byte(s.text)); err != nil {
		return err
	}
	d := &documentReader{sheet: s}
	if strings.HasSuffix(path.Base(s.file), "devcontainer.json") {
		s.note(1, "a dev container is not read yet")
	}
	if len(s.text) > maxDocument {
		s.note(1, "it is larger than %d MiB, and not read", maxDocument>>20)
		return nil
	}
	err := d.parse(s.text)
	if err != nil && strings.HasPrefix(strings.ToLower(path.Ext(s.file)), ".json") {
		err = d.parse(commentLine().ReplaceAllString(s.text, ""))
	}
	if err != nil {
		if imageLine().MatchString(s.text) || len(shell.Mentions(s.text, nil)) > 0 {
			s.note(max(d.at, 1), "it is no YAML, or a template of it, and not read")
		}
		s.describes(descriptions)
		return nil
	}
	if compose.Named(s.file) && !d.composes && len(s.open) == 0 { // include: alone, or a service of version 1
		s.note(1, "a Compose file is not read yet")
	}
	s.all()
	return nil
}

// commentLine is a line of JSON that editors take and JSON does not have.
var commentLine = lazyregexp.New(`(?m)^[ \t]*//.*$`)

// imageLine is a line that may name an image.
var imageLine = lazyregexp.New(`(?m)^[\s-]*["']?(image|container)["']?\s*:`)

// documentReader reads one text of YAML, which may be part of another text.
type documentReader struct {
	*sheet
	base   int // how many lines of the file stand before it
	indent int // what stands before each of its lines
	at     int // the line of an error
	source []string
	images bool // an image of the document was noted
	owned  bool // the document is read by a reader of its form

	permitted int // see permits

	composes bool // it was read as a Compose file
}

// parse walks all documents of a text. Aliases are not followed: what they stand for
// is read where it is.
func (d *documentReader) parse(text string) error {
	d.source = strings.Split(text, "\n")
	in := yaml.NewDecoder(strings.NewReader(text))
	var docs []*yaml.Node
	for {
		var n yaml.Node
		err := decode(in, &n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		docs = append(docs, &n)
	}
	read := kube.Read(kube.Source{File: d.file, Base: d.base, Docs: docs})
	d.runs = append(d.runs, read.Runs...)
	for _, o := range read.Open {
		d.note(o.Line, "%s", o.Why)
	}
	for i, n := range docs {
		d.images, d.owned, d.permitted = read.Read[i], read.Read[i], 0
		for _, c := range n.Content {
			d.whole(c)
			d.node("", c, false)
		}
	}
	return nil
}

// decode is Decode without its panics, of which a parser of a hostile text may have
// one more.
func decode(in *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reading YAML: %v", r)
		}
	}()
	return in.Decode(n)
}

// whole names a document whose containers are described in a form of their own.
func (d *documentReader) whole(n *yaml.Node) {
	if isKustomization(d.file, n) {
		readKustomization(d, n)
	}
	switch {
	case d.images: // package kube has read it
	case d.base == 0 && d.text == strings.Join(d.source, "\n") && compose.Describes(d.file, n):
		d.composed()
	case field(n, "services") != nil && len(field(n, "services").Content) > 0 && field(n, "services").Kind == yaml.MappingNode:
		d.image(field(n, "services"), "a Compose file is not read yet")
	}
}

// composed reads all of the file as one of Compose.
func (d *documentReader) composed() {
	d.images = true
	runs, open, err := compose.Read(d.beside, d.file, []byte(d.text))
	if err != nil {
		d.note(1, "%v", err)
		return
	}
	d.runs, d.open = append(d.runs, runs...), append(d.open, open...)
	d.composes, d.owned = true, true
}

func field(n *yaml.Node, name string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// image notes, once in a document, that something there runs a container.
func (d *documentReader) image(n *yaml.Node, why string) {
	if !d.images {
		d.images = true
		d.note(d.base+n.Line, "%s", why)
	}
}

// node reads a node that stands under a key, or is an item of a list there.
func (d *documentReader) node(key string, n *yaml.Node, item bool) {
	switch n.Kind {
	case yaml.MappingNode:
		d.capitals(n)
		read := d.commandAndArgs(n)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			d.runsImage(k, v)
			d.describesBy(k, v, item)
			isRead := item && module().MatchString(k.Value) || d.images && kube.OfPodman(k.Value)
			if !isRead {
				d.node("", k, false)
			}
			if !slices.Contains(read, v) && !(d.composes && compose.Judged(k.Value)) {
				d.node(k.Value, v, false)
			}
		}
	case yaml.SequenceNode:
		if d.list(key, n, item) {
			return
		}
		for _, c := range n.Content {
			d.node(key, c, true)
		}
	case yaml.ScalarNode:
		if engineOptions().MatchString(n.Value) && !looksLikeRun(n.Value) && len(shell.Mentions(n.Value, nil)) == 0 {
			d.permits(n, "options of an engine stand there, and what they start is not read")
		}
		d.scalar(key, n)
	}
}

// images are the keys under which an image is named that is run.
var images = strings.Fields("image container dockerImage containerImage")

// pictures are the ends of images that nobody runs.
var pictures = []string{".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".ico", ".avif"}

// runsImage opens a key under which CI, Compose, Kubernetes, Ansible and others name an
// image that they run.
func (d *documentReader) runsImage(k, v *yaml.Node) {
	switch {
	case slices.Contains(images, k.Value):
		if v.Kind == yaml.ScalarNode && (v.Value == "" || slices.Contains(pictures, strings.ToLower(path.Ext(v.Value)))) {
			return
		}
		d.image(k, k.Value+": names what something runs, and how it runs it is not read")
	case k.Value == "uses" && strings.HasPrefix(v.Value, "docker://"):
		d.image(k, "uses: names an image that is run, and how is not read")
	case k.Value == "language" && (v.Value == "docker" || v.Value == "docker_image"): // of pre-commit
		d.image(k, "language: runs an image, and how is not read")
	}
}
