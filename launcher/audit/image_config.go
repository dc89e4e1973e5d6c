package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of what an image says of itself: user, labels, secrets.

var imageUser = &Control{
	ID: "ZL-908", Name: "image-user", Title: "Image default user is not root", Severity: Low,
	Why:    "an image that starts as root makes every run root that forgets --user",
	Fix:    "USER in the Containerfile; until then --user",
	Breaks: "an image that must be root, as a compiler may: ZL-301 judges the run",
	Refs:   []string{"IBM L122-123", "IBM L199-215", "CIS 4.1", "NSA image scanning", "CWE-250", "DS-0002", "CKV_DOCKER_3", "CKV_DOCKER_8", "CIS-DI-0001", "talk L325-345"},
	Reads:  []container.Row{container.ImageUser},
	Judge:  judgeImageUser,
}

func judgeImageUser(k *Case) {
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

var imageLabels = &Control{
	ID: "ZL-915", Name: "image-labels", Title: "Image labels do not widen rights", Severity: Low,
	Why:   "io.containers.capabilities asks for capabilities, and seccomp_policy image trusts a filter the image brings",
	Fix:   "leave --seccomp-policy=image away, and take an image without the label",
	Refs:  []string{"IBM L146-148", "CIS 5.4", "CWE-829"},
	Reads: []container.Row{container.ImageLabels, container.SeccompPolicy},
	Judge: judgeImageLabels, Mend: set(container.SeccompPolicy, "default"),
}

func judgeImageLabels(k *Case) {
	each(k, container.ImageLabels, func(path container.Path, name, value string, _ container.Mark) {
		if name != "io.containers.capabilities" {
			return
		}
		for _, c := range strings.Split(value, ",") {
			c = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(c)), "cap_")
			if c != "" && !slices.Contains(imageCaps, c) {
				k.Fail(path, "the image's label %s must not ask for %q", name, c)
				return
			}
		}
	})
	if v, ok := read(k, container.SeccompPolicy); ok && v == "image" {
		k.Fail(at(container.SeccompPolicy), `seccomp_policy must be "default": with "image" the image chooses its own filter`)
	}
}

// imageCaps are the capabilities an image may ask for: Podman's default set, which
// the label can only make smaller.
var imageCaps = []string{"chown", "dac_override", "fowner", "fsetid", "kill", "net_bind_service", "setfcap", "setgid", "setpcap", "setuid", "sys_chroot"}

var noImageSecret = &Control{
	ID: "ZL-926", Name: "no-image-secret", Title: "No secret in the image config", Severity: Medium,
	Why:   "ENV and LABEL of an image ship to everyone who pulls it",
	Fix:   "build without it (RUN --mount=type=secret), and change the secret, which is known now",
	Refs:  []string{"IBM L184-190", "CIS 4.10", "NIST 3.1.4", "NSA secrets", "CWE-798", "CIS-DI-0010", "DS-0031"},
	Reads: []container.Row{container.ImageSecrets},
	Judge: judgeNoImageSecret,
}

func judgeNoImageSecret(k *Case) {
	if v, ok := read(k, container.ImageSecrets); ok && len(v) > 0 {
		k.Fail(at(container.ImageSecrets), "the image must not hold secrets, it has %q", v)
	}
}
