package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// images are the controls of group 9 that judge what is run.
var images = []*Control{
	{
		ID: "ZL-901", Name: "image-by-digest", Title: "Image pinned by digest", Severity: Medium,
		Why:    "a tag can be moved after review",
		Fix:    "NAME@sha256:…, as podman image inspect --format '{{.RepoDigests}}' NAME prints it",
		Breaks: "people read tags: NAME:TAG@sha256:… has both",
		Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 5.28", "CIS 4.2", "NIST 3.1.5", "NIST 4.1.5", "NIST 4.2.2", "NSA image scanning", "CWE-494", "CKV_K8S_43"},
		Reads:  []container.Row{container.Image},
		Judge:  imageByDigest,
	},
	{
		ID: "ZL-902", Name: "no-latest", Title: "No latest, no missing tag", Severity: Medium,
		Why:   "what latest holds nobody knows, and there is no way back",
		Fix:   "NAME:1.6.0, or a digest",
		Refs:  []string{"IBM L184-190", "CIS 5.28", "NSA image scanning", "KSV-0013", "DS-0001", "CKV_K8S_14", "CKV_DOCKER_7", "DKL-DI-0006", "kube-score container-image-tag"},
		Reads: []container.Row{container.Image},
		Judge: imageTagged,
	},
	{
		ID: "ZL-903", Name: "qualified-name", Title: "Fully qualified name", Severity: Medium,
		Why:   "a short name is looked up in a list of registries, where anybody may have taken it",
		Fix:   "REGISTRY/NAME; localhost/NAME for an image built here",
		Refs:  []string{"IBM L184-190", "NIST 4.1.5", "NSA image scanning", "KSV-0034", "CWE-427"},
		Reads: []container.Row{container.Image},
		Judge: imageQualified,
	},
	{
		ID: "ZL-904", Name: "registry-tls", Title: "Trusted registry over TLS", Severity: Medium,
		Why:    "an image that comes without TLS can be another one",
		Fix:    "leave --tls-verify=false away",
		Breaks: "a registry with a certificate of its own: put its CA into /etc/containers/certs.d; a mirror must be looked at too",
		Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 4.2", "NIST 3.2.1", "NIST 4.2.1", "NSA image scanning", "KSV-0125", "CWE-319"},
		Reads:  []container.Row{container.Image, container.TlsVerify},
		Judge:  registryOverTLS, Mend: mendRegistry,
	},
	{
		ID: "ZL-905", Name: "signatures", Title: "Signature policy enforced", Severity: Medium,
		Why:    "a signature proves who built the image",
		Fix:    "podman image trust set --type sigstoreSigned …, and leave --signature-policy away",
		Breaks: "a vendor that does not sign: pin the digest and record where it came from",
		Refs:   []string{"IBM L184-190", "OWASP #13", "CIS 4.5", "CIS 4.12", "NIST 4.1.5", "NSA image scanning", "CWE-347", "CIS-DI-0005"},
		Reads:  []container.Row{container.SignedBy, container.SignaturePolicy},
		Judge:  signaturesAsked, Mend: mendSignature,
	},
	{
		ID: "ZL-906", Name: "image-arch", Title: "Architecture matches the host", Severity: Low,
		Why:    "emulation is slow and one more attack surface, and the wrong architecture fails late",
		Fix:    "leave --arch and --platform away, and take an image for this machine",
		Breaks: "compiling for another machine",
		Refs:   []string{"IBM L20-24", "NIST 4.1", "NSA image scanning"},
		Reads:  []container.Row{container.HostArch, container.ImageArch, container.Platform},
		Judge:  imageArchitecture, Mend: mendPlatform,
	},
	{
		ID: "ZL-907", Name: "pull-policy", Title: "Pull policy fits the reference", Severity: Low,
		Why:    "missing with a tag runs a stale image, always with a tag an unreviewed one",
		Fix:    "a digest with --pull missing; a tag with --pull never",
		Breaks: "with never the image must be pulled by hand first",
		Refs:   []string{"IBM L184-190", "CIS 5.28", "NIST 3.2.2", "NSA image scanning", "CKV_K8S_15", "kube-score container-image-pull-policy"},
		Reads:  []container.Row{container.Pull, container.Image},
		Judge:  pullFits, // no Mend: never would stop a run whose image is not here yet
	},
	{
		ID: "ZL-908", Name: "image-user", Title: "Image default user is not root", Severity: Low,
		Why:    "an image that starts as root makes every run root that forgets --user",
		Fix:    "USER in the Containerfile; until then --user",
		Breaks: "an image that must be root, as a compiler may: ZL-301 judges the run",
		Refs:   []string{"IBM L122-123", "IBM L199-215", "CIS 4.1", "NSA image scanning", "CWE-250", "DS-0002", "CKV_DOCKER_3", "CKV_DOCKER_8", "CIS-DI-0001", "talk L325-345"},
		Reads:  []container.Row{container.ImageUser},
		Judge:  imageUserNotRoot,
	},
	{
		ID: "ZL-915", Name: "image-labels", Title: "Image labels do not widen rights", Severity: Low,
		Why:   "io.containers.capabilities asks for capabilities, and seccomp_policy image trusts a filter the image brings",
		Fix:   "leave --seccomp-policy=image away, and take an image without the label",
		Refs:  []string{"IBM L146-148", "CIS 5.4", "CWE-829"},
		Reads: []container.Row{container.ImageLabels, container.SeccompPolicy},
		Judge: imageLabelsKept, Mend: set(container.SeccompPolicy, "default"),
	},
	{
		ID: "ZL-916", Name: "image-current", Title: "Running container matches the current image", Severity: Medium,
		Why:   "an update that was pulled and not started leaves the old code serving",
		Fix:   "start the container anew",
		Refs:  []string{"IBM L184-190", "CIS 5.28", "NIST 3.2.2"},
		Reads: []container.Row{container.ImageCurrent},
		Judge: imageIsCurrent,
	},
	steering,
}
