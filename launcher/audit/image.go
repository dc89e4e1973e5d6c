package audit

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of which image is run, and where from.

var imageByDigest = &Control{
	ID: "ZL-901", Name: "image-by-digest", Title: "Image pinned by digest", Severity: Medium,
	Why:    "a tag can be moved after review",
	Fix:    "NAME@sha256:…, as podman image inspect --format '{{.RepoDigests}}' NAME prints it",
	Breaks: "people read tags: NAME:TAG@sha256:… has both",
	Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 5.28", "CIS 4.2", "NIST 3.1.5", "NIST 4.1.5", "NIST 4.2.2", "NSA image scanning", "CWE-494", "CKV_K8S_43"},
	Reads:  []container.Row{container.Image},
	Judge:  judgeImageByDigest,
}

func judgeImageByDigest(k *Case) {
	if n, text, ok := imageOf(k); ok && !n.pinned() {
		k.Fail(at(container.Image), "image must name a digest, as NAME@sha256:…, not %q alone", text)
	}
}

var noLatest = &Control{
	ID: "ZL-902", Name: "no-latest", Title: "No latest, no missing tag", Severity: Medium,
	Why:   "what latest holds nobody knows, and there is no way back",
	Fix:   "NAME:1.6.0, or a digest",
	Refs:  []string{"IBM L184-190", "CIS 5.28", "NSA image scanning", "KSV-0013", "DS-0001", "CKV_K8S_14", "CKV_DOCKER_7", "DKL-DI-0006", "kube-score container-image-tag"},
	Reads: []container.Row{container.Image},
	Judge: judgeNoLatest,
}

func judgeNoLatest(k *Case) {
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

var qualifiedName = &Control{
	ID: "ZL-903", Name: "qualified-name", Title: "Fully qualified name", Severity: Medium,
	Why:   "a short name is looked up in a list of registries, where anybody may have taken it",
	Fix:   "REGISTRY/NAME; localhost/NAME for an image built here",
	Refs:  []string{"IBM L184-190", "NIST 4.1.5", "NSA image scanning", "KSV-0034", "CWE-427"},
	Reads: []container.Row{container.Image},
	Judge: judgeQualifiedName,
}

func judgeQualifiedName(k *Case) {
	n, text, ok := imageOf(k)
	switch {
	case !ok:
	case n.local:
		k.NA("%q is a file or directory and comes from no registry", text)
	case n.host == "" && !n.id:
		k.Fail(at(container.Image), "image must name its registry, %q is looked up in a list of them", text)
	}
}

var registryTLS = &Control{
	ID: "ZL-904", Name: "registry-tls", Title: "Trusted registry over TLS", Severity: Medium,
	Why:    "an image that comes without TLS can be another one",
	Fix:    "leave --tls-verify=false away",
	Breaks: "a registry with a certificate of its own: put its CA into /etc/containers/certs.d; a mirror must be looked at too",
	Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 4.2", "NIST 3.2.1", "NIST 4.2.1", "NSA image scanning", "KSV-0125", "CWE-319"},
	Reads:  []container.Row{container.Image, container.TlsVerify},
	Judge:  judgeRegistryTLS, Mend: mendRegistryTLS,
}

func judgeRegistryTLS(k *Case) {
	if n, text, ok := imageOf(k); ok && n.plain {
		k.Fail(at(container.Image), "image must not come over plain http, as %q does", text)
	}
	if v, ok := read(k, container.TlsVerify); ok && !v {
		k.Fail(at(container.TlsVerify), "tls_verify must be true")
	}
}

// mendRegistryTLS asks for TLS.
func mendRegistryTLS(s *container.Spec, at container.Path) {
	if at.Key == container.TlsVerify.Key() {
		container.TlsVerify.Set(s, true, mended)
		return
	}
	image, m, _ := container.Image.Get(s)
	container.Image.Set(s, strings.TrimPrefix(image, "http://"), m)
}

var Signatures = &Control{
	ID: "ZL-905", Name: "signatures", Title: "Signature policy enforced", Severity: Medium,
	Why:    "a signature proves who built the image",
	Fix:    "podman image trust set --type sigstoreSigned …, and leave --signature-policy away",
	Breaks: "a vendor that does not sign: pin the digest and record where it came from",
	Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 4.5", "CIS 4.12", "NIST 4.1.5", "NSA image scanning", "CWE-347", "CIS-DI-0005"},
	Reads:  []container.Row{container.SignedBy, container.SignaturePolicy},
	Judge:  judgeSignatures, Mend: mendSignatures,
}

func judgeSignatures(k *Case) {
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

// mendSignatures cannot change the host's policy.
func mendSignatures(s *container.Spec, at container.Path) {
	if at.Key == container.SignaturePolicy.Key() {
		container.SignaturePolicy.Clear(s)
	}
}

var imageArch = &Control{
	ID: "ZL-906", Name: "image-arch", Title: "Architecture matches the host", Severity: Low,
	Why:    "emulation is slow and one more attack surface, and the wrong architecture fails late",
	Fix:    "leave --arch and --platform away, and take an image for this machine",
	Breaks: "compiling for another machine",
	Refs:   []string{"IBM L20-24", "NIST 4.1", "NSA image scanning"},
	Reads:  []container.Row{container.HostArch, container.ImageArch, container.Platform},
	Judge:  judgeImageArch, Mend: mendImageArch,
}

func judgeImageArch(k *Case) {
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

// machines are other words for what Go calls an architecture.
var machines = map[string]string{"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armv8": "arm64", "powerpc64le": "ppc64le"}

func mendImageArch(s *container.Spec, at container.Path) {
	if at.Key == container.Platform.Key() {
		container.Platform.Clear(s)
	}
}
