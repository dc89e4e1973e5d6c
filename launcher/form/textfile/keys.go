package textfile

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// permissions are keys of what a container may, in Compose and what is like it.
var permissions = strings.Fields("cap_add capAdd security_opt network_mode userns_mode volumes_from")

// siblings are the keys of Docker's API, of ECS and the like, beside "Image".
var siblings = strings.Fields("Cmd Entrypoint EntryPoint Command Env Environment HostConfig Privileged Volumes PortMappings Memory WorkingDir User")

// module is a module of Ansible that an engine's name begins, by its collection or without.
var module = lazyregexp.New(`^(((containers\.podman|community\.docker|community\.general)\.)?(docker|podman)_[a-z0-9_]+|(kubernetes\.core\.)?(k8s|helm))$`)

// engineOptions are options that engines alone have, where a tool hands them on: options: of
// GitHub, runArgs of dev containers.
var engineOptions = lazyregexp.New(`(^|\s)--(privileged|cap-add|security-opt|userns|volumes-from|cgroupns)\b`)

// readsOnly are the ends of names of such modules that start nothing.
var readsOnly = []string{"_info", "_login", "_facts", "_image", "_image_pull", "_image_push", "_network", "_prune", "_tag"}

// describesBy opens a key by which a container is described without an image: k stands
// in a mapping, which is an item of a list where item is true.
func (d *documentReader) describesBy(k, v *yaml.Node, item bool) {
	key := k.Value
	switch {
	case key == "privileged" && v.Value == "true", v.Kind != yaml.MappingNode && slices.Contains(permissions, key):
		d.permits(k, key+": says what a container may, and how it is run is not read")
	case slices.Contains([]string{"containers", "initContainers"}, key) && v.Kind == yaml.SequenceNode && holdsMapping(v):
		d.image(k, key+": describes containers, and how they are run is not read")
	case key == "services" && v.Kind == yaml.SequenceNode && slices.ContainsFunc(v.Content, namesImage):
		d.image(k, "services: names images that CI runs, and how is not read")
	case key == "pipe" && strings.Contains(v.Value, "/"):
		d.image(k, "pipe: names an image that CI runs, and how is not read")
	case item && module().MatchString(key) && (v.Kind == yaml.MappingNode || strings.Contains(v.Value, "=")):
		if !slices.ContainsFunc(readsOnly, func(end string) bool { return strings.HasSuffix(key, end) }) {
			d.note(d.base+k.Line, "what %s does is not read", bounded(key))
		}
	}
}

// permits notes each place that says what a container may, where its document is not read by a
// reader of its form.
func (d *documentReader) permits(n *yaml.Node, why string) {
	if !d.owned && d.permitted < maxDescribed {
		d.permitted++
		d.images = true
		d.note(d.base+n.Line, "%s", why)
	}
}

func holdsMapping(n *yaml.Node) bool {
	return slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Kind == yaml.MappingNode })
}

// namesImage tells whether an item is an image with a tag or a registry.
func namesImage(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && strings.ContainsAny(n.Value, ":/") && !strings.Contains(n.Value, " ")
}

// capitals opens a mapping that has Image among other keys of an API's.
func (d *documentReader) capitals(n *yaml.Node) {
	if i := field(n, "Image"); i != nil && i.Kind == yaml.ScalarNode &&
		slices.ContainsFunc(siblings, func(s string) bool { return field(n, s) != nil }) {
		d.image(i, "Image: names what something runs, and how it runs it is not read")
	}
}

// maxEncoded bounds the text that is decoded.
const maxEncoded = 1 << 20

// encoded opens a text in base64 that names an engine, or that is compressed.
func (d *documentReader) encoded(n *yaml.Node) {
	if len(n.Value) < 16 || len(n.Value) > maxEncoded {
		return
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
	switch {
	case err != nil:
	case len(data) > 2 && data[0] == 0x1f && data[1] == 0x8b:
		d.note(d.base+n.Line, "a compressed text stands there, and is not read")
	case utf8.Valid(data) && len(shell.Mentions(string(data), nil)) > 0:
		d.note(d.base+n.Line, "a text in base64 names an engine, and is not read")
	}
}
