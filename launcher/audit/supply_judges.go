package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// imageOf reads the image's name. Of a root directory there is none.
func imageOf(k *Case) (n imageName, text string, ok bool) {
	if peek(k, container.Rootfs) != "" {
		k.NA("a root directory is run, and no image: ZL-521")
		return n, "", false
	}
	text, ok = read(k, container.Image)
	return parseImage(text), text, ok
}

func imageByDigest(k *Case) {
	if n, text, ok := imageOf(k); ok && !n.pinned() {
		k.Fail(at(container.Image), "image must name a digest, as NAME@sha256:…, not %q alone", text)
	}
}

func imageTagged(k *Case) {
	n, text, ok := imageOf(k)
	switch {
	case !ok || n.pinned():
	case n.local:
		k.NA("%q is a file or directory, which has no tag", text)
	case n.tag == "":
		k.Fail(at(container.Image), "image must name a tag or a digest, %q means :latest", text)
	case n.tag == "latest":
		k.Fail(at(container.Image), "image must name a tag other than latest, or a digest")
	}
}

func imageQualified(k *Case) {
	n, text, ok := imageOf(k)
	switch {
	case !ok:
	case n.local:
		k.NA("%q is a file or directory and comes from no registry", text)
	case n.host == "" && !n.id:
		k.Fail(at(container.Image), "image must name its registry, %q is looked up in a list of them", text)
	}
}

func registryOverTLS(k *Case) {
	if n, text, ok := imageOf(k); ok && n.plain {
		k.Fail(at(container.Image), "image must not come over plain http, as %q does", text)
	}
	if v, ok := read(k, container.TlsVerify); ok && !v {
		k.Fail(at(container.TlsVerify), "tls_verify must be true")
	}
}

func signaturesAsked(k *Case) {
	if v, ok := read(k, container.SignaturePolicy); ok && v != "" {
		k.Fail(at(container.SignaturePolicy), "signature_policy must be left to the host, not %q", v)
	}
	demand, _, known := container.SignedBy.Get(k.Spec)
	switch {
	case !known:
		k.Open(at(container.SignedBy), "what the host's policy.json demands of the image is not known")
	case demand == "anything":
		k.Fail(at(container.SignedBy), "the host's policy.json must demand a signature of the image, it accepts anything")
	}
}

// machines are other words for what Go calls an architecture.
var machines = map[string]string{"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armv8": "arm64", "powerpc64le": "ppc64le"}

// archOf is the architecture of os/arch/variant, or of the bare word.
func archOf(platform string) string {
	parts := strings.Split(strings.ToLower(platform), "/")
	arch := parts[0]
	if len(parts) > 1 {
		arch = parts[1]
	}
	if a, ok := machines[arch]; ok {
		return a
	}
	return arch
}

func imageArchitecture(k *Case) {
	host, known := read(k, container.HostArch)
	if !known {
		return
	}
	if asked := peek(k, container.Platform); asked != "" && archOf(asked) != host {
		k.Fail(at(container.Platform), "platform must be that of the host, %s, not %q", host, asked)
		return
	}
	if _, _, known := container.ImageArch.Get(k.Spec); !known && peek(k, container.Rootfs) != "" {
		k.NA("a root directory is run, and no image")
		return
	}
	if image, ok := read(k, container.ImageArch); ok && archOf(image) != host {
		k.Fail(at(container.ImageArch), "the image must be built for the host, %s, not for %q", host, image)
	}
}

func pullFits(k *Case) {
	n, _, ok := imageOf(k)
	if !ok {
		return
	}
	policy, m, known := container.Pull.Get(k.Spec)
	switch path := at(container.Pull); {
	case !known && peek(k, container.Subject) == "container":
		k.NA("it was pulled before it was seen: ZL-916")
	case !known:
		k.Open(path, "pull is not known")
	case n.local || n.host == "localhost" || policy == "never":
	case n.pinned() && (policy == "always" || policy == "newer"):
		k.Fail(path, "pull must be missing or never: a digest is always the same")
	case !n.pinned() && m.Why == "":
		k.Fail(path, "pull of a tag must be never, or newer with its why: %q runs what an earlier or a later pull brought", policy)
	}
}

func imageUserNotRoot(k *Case) {
	v, known := read(k, container.ImageUser)
	word, numbers := lookedUp(k)
	looked := word == v && numbers != ""
	switch {
	case !known:
	case rootUser(v) || looked && rootUser(numbers):
		k.Fail(at(container.ImageUser), "the image's USER must not be root%s", calledOtherwise(k))
	case nameIn(v) != "" && !looked:
		k.Open(at(container.ImageUser), "what uid the image's passwd gives %q is not known: have the image name the number", nameIn(v))
	}
}

// narrow are the capabilities an image may ask for: Podman's default set, which
// the label can only make smaller.
var narrow = []string{"chown", "dac_override", "fowner", "fsetid", "kill", "net_bind_service", "setfcap", "setgid", "setpcap", "setuid", "sys_chroot"}

func imageLabelsKept(k *Case) {
	each(k, container.ImageLabels, func(path container.Path, name, value string, _ container.Mark) {
		if name != "io.containers.capabilities" {
			return
		}
		for _, c := range strings.Split(value, ",") {
			c = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(c)), "cap_")
			if c != "" && !slices.Contains(narrow, c) {
				k.Fail(path, "the image's label %s must not ask for %q", name, c)
				return
			}
		}
	})
	if v, ok := read(k, container.SeccompPolicy); ok && v == "image" {
		k.Fail(at(container.SeccompPolicy), `seccomp_policy must be "default": with "image" the image chooses its own filter`)
	}
}

func imageIsCurrent(k *Case) {
	if s := peek(k, container.Subject); s == "plan" || s == "line" || s == "unit" {
		k.NA("a %s does not run yet", s)
		return
	}
	if v, ok := read(k, container.ImageCurrent); ok && !v {
		k.Fail(at(container.ImageCurrent), "the container must be started anew: its image's name means another image now")
	}
}
