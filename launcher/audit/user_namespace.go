package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
)

// The controls of who the process is on the host. Rootless, the host's number matters more.

var hostIdentity = &Control{
	ID: "ZL-303", Name: "host-identity", Title: "The identity behind the process on the host is acceptable", Severity: High,
	Why:    "the identity behind the process decides what an escape can read",
	Fix:    "run rootless; as root --userns=auto",
	Breaks: "auto needs free sub-ids of the user containers",
	Refs:   []string{"OWASP #2", "OWASP #11", "CIS 5.31", "kubesec HostUsers", "NIST 4.5.2", "CWE-250", "IBM L131-138"},
	Reads:  []container.Row{container.UidMap, container.GidMap},
	Judge:  judgeHostIdentity,
	Mend:   set(container.Userns, "auto"),
}

// judgeHostIdentity asks who an escape would be. Rootless it is the caller or a
// sub-uid of the caller; which of them ZL-301 weighs.
func judgeHostIdentity(k *Case) {
	rootless, _, who := container.Rootless.Get(k.Spec)
	mode, _, modeKnown := container.Userns.Get(k.Spec)
	in, out, mapped := strings.Cut(peek(k, container.UidMap), "=")
	manual := len(peek(k, container.UidMaps)) > 0
	switch {
	case mapped && out == "0":
		k.Fail(at(container.UidMap), "uid %s of the container must not be uid 0 of the host", in)
	case who && !rootless && modeKnown && unmapped(mode) && !manual:
		k.Fail(at(container.Userns), "userns must be auto where the engine runs as root: uid 0 of the container is uid 0 of the host now")
	case mapped, who && rootless, manual, modeKnown && slices.Contains([]string{"auto", "nomap", "private"}, mode), strings.HasPrefix(mode, "auto:"):
	case !who && modeKnown && unmapped(mode):
		k.Open(at(container.UidMap), "whether uid 0 of the container is uid 0 of the host depends on whether the engine runs as root, which is not known")
	default:
		k.Open(at(container.UidMap), "which id of the host is behind the process is not known: /proc/PID/uid_map tells")
	}
}

var KeepIDPinned = &Control{
	ID: "ZL-304", Name: "keep-id-pinned", Title: "keep-id is pinned to the image's user", Severity: Medium,
	Why:    "any other uid cannot read your 0600 model, and people answer with chmod 777",
	Fix:    "--userns=keep-id:uid=UID,gid=GID --user UID:GID",
	Breaks: "the process carries your own uid on the host; needs Podman 4.3",
	Refs:   []string{"OWASP #2", "CWE-732", "IBM L122", "IBM L170-172"},
	Reads:  []container.Row{container.Userns},
	Judge:  judgeKeepIDPinned,
	Mend:   mendKeepIDPinned,
}

// judgeKeepIDPinned wants the caller's uid where the image's user is. Another mode than
// keep-id is a decision of its own.
func judgeKeepIDPinned(k *Case) {
	mode, ok := read(k, container.Userns)
	if !ok {
		return
	}
	word, rest, _ := strings.Cut(mode, ":")
	if word != "keep-id" {
		k.NA("userns is not keep-id")
		return
	}
	user, m, known := container.User.Get(k.Spec)
	uid, _, _ := strings.Cut(user, ":")
	pin, pinned := suboption(rest, "uid")
	switch {
	case !pinned && known && user != "" && stated(m):
	case !pinned:
		k.Fail(at(container.Userns), "userns must pin the image's user: keep-id:uid=UID,gid=GID")
	case known && differs(pin, uid):
		k.Fail(at(container.Userns), "userns must pin the uid that runs: keep-id:uid=%s,gid=GID, not uid=%s", uid, pin)
	}
}

// differs tells that two ids are different numbers.
func differs(a, b string) bool {
	x, ok := number(a)
	y, ok2 := number(b)
	return ok && ok2 && x != y
}

// mendKeepIDPinned pins the stated user; without one there is nothing to pin to.
func mendKeepIDPinned(s *container.Spec, _ container.Path) {
	user, _, _ := container.User.Get(s)
	uid, gid, both := strings.Cut(user, ":")
	_, ok := number(uid)
	if _, ok2 := number(gid); both && ok && ok2 {
		container.Userns.Set(s, engine.KeepID(uid, gid), mended)
	}
}

var noForeignUserns = &Control{
	ID: "ZL-305", Name: "no-foreign-userns", Title: "No foreign user namespace", Severity: High,
	Why:    "ns: and container: take over whatever rights that namespace has",
	Fix:    "--userns=keep-id:uid=UID,gid=GID, auto or nomap",
	Breaks: "pods share one by design: judge the pod",
	Refs:   []string{"CIS 5.31", "CWE-653"},
	Reads:  []container.Row{container.Userns},
	Judge:  judgeNoForeignUserns,
	Mend:   func(s *container.Spec, _ container.Path) { container.Userns.Clear(s) },
}

func judgeNoForeignUserns(k *Case) {
	mode, ok := read(k, container.Userns)
	if ok && (strings.HasPrefix(mode, "ns:") || strings.HasPrefix(mode, "container:")) {
		k.Fail(at(container.Userns), "userns must not be %q: it joins a foreign user namespace", mode)
	}
	if _, m, _ := container.Userns.Get(k.Spec); ok && mode == "host" && peek(k, container.Engine) == "docker" && !byEngine(m) {
		k.Fail(at(container.Userns), "userns must not be host: where the daemon maps ids, that undoes it for this container")
	}
}

// unmapped tells that a mode gives an engine of root no user namespace: keep-id is
// for ordinary users alone.
func unmapped(mode string) bool {
	return mode == "" || mode == "host" || strings.HasPrefix(mode, "keep-id")
}
