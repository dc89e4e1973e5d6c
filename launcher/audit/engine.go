package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// The controls of the engine. They are asked once for each host.

var Rootless = &Control{
	ID: "ZL-101", Name: "rootless", Title: "The engine is rootless", Severity: High,
	Why:    "an escape lands as an ordinary user, not as uid 0 on the host",
	Fix:    "call podman as an ordinary user, without sudo; of docker use the rootless setup",
	Breaks: "host ports below 1024, some storage drivers, limits without delegated controllers",
	Refs:   []string{"OWASP #11", "CIS 2.1", "NIST 3.5.4", "NIST 4.5.4", "NSA rootless engines", "CWE-250", "IBM L131-144"},
	Reads:  []container.Row{container.Rootless},
	OfHost: true,
	Judge:  judgeRootless,
	Mend:   set(container.Prefix, nil),
}

func judgeRootless(k *Case) {
	prefix := peek(k, container.Prefix)
	rootless, _, known := container.Rootless.Get(k.Spec)
	switch {
	case known && rootless:
	case known && asRoot(prefix):
		k.Fail(at(container.Prefix), "%s must not stand before the command: the engine must run as an ordinary user", prefix[0])
	case known:
		k.Fail(container.Path{}, "the engine must run as an ordinary user, not as root")
	case peek(k, container.Engine) == "docker":
		k.Open(at(container.Rootless), "docker runs as root unless its rootless mode was set up: docker info tells")
	default:
		k.Open(at(container.Rootless), "whether the engine is rootless is not known: podman info tells")
	}
}

func asRoot(prefix []string) bool {
	return slices.ContainsFunc(prefix, func(w string) bool { return slices.Contains([]string{"sudo", "doas", "su"}, path.Base(w)) })
}

var NoTCPAPI = &Control{
	ID: "ZL-103", Name: "no-tcp-api", Title: "The engine's API is not on TCP", Severity: High,
	Why:    "an API without authentication gives whoever reaches it the rights of the engine's user",
	Fix:    "listen on a Unix socket, and reach another host by --url ssh://",
	Refs:   []string{"OWASP #1", "NIST 3.5.4", "CWE-306", "IBM L140-142"},
	Reads:  []container.Row{container.EngineAPI, container.Remote},
	OfHost: true,
	Judge:  judgeNoTCPAPI,
}

func judgeNoTCPAPI(k *Case) {
	remote, api := peek(k, container.Remote), peek(k, container.EngineAPI)
	_, _, known := container.EngineAPI.Get(k.Spec)
	switch {
	case strings.HasPrefix(remote, "tcp:"):
		k.Fail(at(container.Remote), "the engine must be reached by ssh:// or a Unix socket, not by %s", container.MaskText(remote))
	case strings.HasPrefix(api, "tcp:"):
		k.Fail(at(container.EngineAPI), "the engine must listen on a Unix socket, not on %s", container.MaskText(api))
	case strings.Contains(remote, "://") || known:
	case remote != "":
		k.Open(at(container.Remote), "which address the connection %q has is not known: podman system connection list tells", remote)
	default:
		k.Open(at(container.EngineAPI), "whether the engine also listens on TCP is not known: ss -ltnp on its host tells")
	}
}

var Patched = &Control{
	ID: "ZL-106", Name: "patched", Title: "Engine, runtime and kernel are patched", Severity: Medium,
	Why:    "known escapes need no mistake in the options",
	Fix:    "update podman, crun or runc, conmon and the kernel from the distribution",
	Breaks: "distributions mend old versions: the number alone proves nothing, their list of advisories does",
	Refs: []string{"OWASP #0", "CIS 1.1", "NIST 3.4.1", "NIST 4.4.1", "NIST 3.5.3", "CWE-1395", "IBM L184-190",
		"CVE-2026-94603", "CVE-2026-57231", "CVE-2026-55686", "CVE-2026-121885", "CVE-2026-111361", "CVE-2025-11395", "CVE-2024-9341", "CVE-2024-9676"},
	Reads:  []container.Row{container.EngineVersion},
	OfHost: true,
	Judge:  judgePatched,
}

// judgePatched never passes by itself: which mistakes are mended no version number
// tells.
func judgePatched(k *Case) {
	version, _, ok := container.EngineVersion.Get(k.Spec)
	kind := peek(k, container.Engine)
	switch {
	case ok && kind == "podman" && engine.Older(version, oldest[0], oldest[1], 0):
		k.Fail(at(container.EngineVersion), "podman must be %d.%d or later, it is %s: nobody mends that any more", oldest[0], oldest[1], version)
	case ok && kind == "podman" && len(fallsFor(version)) > 0:
		k.Review(at(container.EngineVersion), "podman %s by its version obeys hostile images: %s; the distribution may have mended it, its advisories and zlaunch doctor tell",
			version, strings.Join(fallsFor(version), ", "))
	case ok && version != "":
		k.Review(at(container.EngineVersion), "whether %s %s, its runtime and the kernel carry all fixes is for the distribution's advisories to say", kind, version)
	case beforeHost(k):
		k.NA("no host is named whose versions could be asked for")
	default:
		k.Open(at(container.EngineVersion), "the engine's version is not known")
	}
}

// oldest is the first Podman that zlaunch runs on and a distribution still mends
// (Debian 12).
var oldest = [2]int{4, 3}

// fallsFor names the advisories that a version falls for by its number.
func fallsFor(version string, by ...engine.Part) (names []string) {
	for _, a := range engine.Of(version) {
		if len(by) == 0 || slices.Contains(by, a.By) {
			names = append(names, a.Name())
		}
	}
	return names
}

// Advised is the control that judges what an advisory concerns.
func Advised(a engine.Advisory) *Control {
	return map[engine.Part]*Control{engine.ByImage: ImageSteers, engine.BySignature: Signatures, engine.ByEngine: Patched}[a.By]
}
