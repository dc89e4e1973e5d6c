package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The name of an image, in its parts.

// imageName is an image as --image or the command line name it, in its parts.
type imageName struct {
	host   string // registry; "" a short name
	path   string
	tag    string
	digest string // "sha256:…", and nothing that only looks like one
	plain  bool   // http:// stands in front
	id     bool   // it is the id of a local image
	local  bool   // it is a file or directory and comes from no registry
}

// pinned tells whether the name can mean one content only.
func (n imageName) pinned() bool { return n.id || n.digest != "" }

// imageOf reads the image's name. Of a root directory there is none.
func imageOf(k *Case) (n imageName, text string, ok bool) {
	if peek(k, container.Rootfs) != "" {
		k.NA("a root directory is run, and no image: ZL-521")
		return n, "", false
	}
	text, ok = read(k, container.Image)
	return parseImage(text), text, ok
}

// parseImage reads any text; what is no name of an image has no parts.
func parseImage(text string) imageName {
	var n imageName
	if len(text) >= 64 && imageID().MatchString(text) {
		n.id = true
		return n
	}
	text, n.plain = strings.CutPrefix(text, "http://")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "docker://")
	if kind, _, ok := strings.Cut(text, ":"); ok && slices.Contains(transports, kind) {
		n.local = true
		return n
	}
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		if imageDigest().MatchString(text[i+1:]) {
			n.digest = text[i+1:]
		}
		text = text[:i]
	}
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, '/') {
		text, n.tag = text[:i], text[i+1:]
	}
	n.path = text
	if host, rest, ok := strings.Cut(text, "/"); ok && (host == "localhost" || strings.ContainsAny(host, ".:")) {
		n.host, n.path = host, rest
	}
	return n
}

var (
	imageID     = lazyregexp.New(`^(sha256:)?[0-9a-f]{64}$`)
	imageDigest = lazyregexp.New(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`)
)

// transports are the prefixes of images that come from no registry.
var transports = []string{"containers-storage", "dir", "docker-archive", "docker-daemon", "oci", "oci-archive", "ostree", "sif", "tarball", "atomic"}
