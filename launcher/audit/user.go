package audit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of who the process is in the container.

var NonRootUser = &Control{
	ID: "ZL-301", Name: "non-root-user", Title: "The process is not root in the container", Severity: High,
	Why:    "root in the container owns the image's files and, under the default mapping, is you",
	Fix:    "--user UID:GID of the image's own user",
	Breaks: "zDLC compiles as root by design: run it with --userns=nomap or auto, where root is nobody on the host",
	Refs: []string{"OWASP #2", "CIS 4.1", "PSS restricted", "KSV-0012", "KSV-0105", "DS-0002", "CKV_K8S_23", "CKV_DOCKER_3", "CKV_DOCKER_8",
		"CIS-DI-0001", "kubesec RunAsNonRoot", "NSA non-root", "talk L325-345", "CWE-250", "IBM L122-129", "IBM L199-215", "IBM L230-240"},
	Reads: []container.Row{container.User},
	Judge: judgeNonRootUser,
}

// judgeNonRootUser is less grave where a user namespace makes container root a
// nobody on the host.
func judgeNonRootUser(k *Case) {
	user, _, ok := runsAs(k)
	if !ok {
		return
	}
	if !rootUser(user) {
		if name := nameIn(user); name != "" {
			k.Open(at(container.User), "what uid the image's passwd gives %q is not known: name the number", name)
		}
		return
	}
	const obligation = `user must not be root: name the image's own user, as "1000:1000"`
	if p := at(container.User); rootIsNobody(k) {
		k.FailAs(Medium, p, "%s (here root is one of the sub-uids on the host)%s", obligation, calledOtherwise(k))
	} else {
		k.Fail(p, "%s%s%s", obligation, behindRoot(k), calledOtherwise(k))
	}
}

// rootIsNobody tells whether the mapping is known to give container root a
// sub-uid.
func rootIsNobody(k *Case) bool {
	mode, rest, _ := strings.Cut(peek(k, container.Userns), ":")
	switch mode {
	case "auto", "nomap":
		return true
	case "keep-id": // pinned to 0, container root is the caller
		return peek(k, container.Rootless) && !slices.ContainsFunc(strings.Split(rest, ","), func(o string) bool {
			name, id, _ := strings.Cut(o, "=")
			return name == "uid" && isRoot(id)
		})
	}
	return false
}

func behindRoot(k *Case) string {
	rootless, _, known := container.Rootless.Get(k.Spec)
	if _, out, ok := strings.Cut(peek(k, container.UidMap), "="); ok {
		return " (it is uid " + out + " on the host)"
	}
	switch {
	case known && rootless:
		return " (it is you on the host)"
	case known:
		return " (it is root on the host)"
	}
	return ""
}

var DeclaredIdentity = &Control{
	ID: "ZL-302", Name: "declared-identity", Title: "The process is the declared identity", Severity: Medium,
	Why:    "not root is not enough: the wrong uid reads what belongs to others",
	Fix:    "--user with the numbers of the image's own user",
	Breaks: "an update of the image may number its user anew: look again with each digest",
	Refs:   []string{"OWASP #2", "NIST 4.1.2", "CWE-266", "IBM L122-123", "IBM L214"},
	Reads:  []container.Row{container.User},
	Judge:  judgeDeclaredIdentity,
}

// judgeDeclaredIdentity holds the user against what the image declares; a plan names it in
// numbers, which is what the kernel knows.
func judgeDeclaredIdentity(k *Case) {
	user, m, ok := runsAsOther(k)
	if !ok {
		return
	}
	if user == caller {
		k.NA("the process is the caller by keep-id, which ZL-304 judges")
		return
	}
	name, _, _ := strings.Cut(user, ":")
	_, isNumber := number(name)
	if planned(k) {
		if _, _, both := strings.Cut(user, ":"); !isNumber || !both {
			k.Fail(at(container.User), `user must be pinned in numbers, as "1000:1000", not %q`, user)
		}
		return
	}
	declared, _, known := container.ImageUser.Get(k.Spec)
	own, _, _ := strings.Cut(declared, ":")
	_, ownNumber := number(own)
	switch {
	case known && !isRoot(own) && isNumber == ownNumber && own != name:
		k.Fail(at(container.User), "user must be the image's own, %s, not %s", own, name)
	case !isNumber && (ownNumber || !known) && m.Evidence <= container.Created:
		k.Open(at(container.User), "which uid %q is, only the image's passwd tells", name)
	}
}

var highUID = &Control{
	ID: "ZL-309", Name: "high-uid", Title: "A high uid where no user namespace maps it", Severity: Info,
	Why:    "without a user namespace a low uid is a user of the host",
	Fix:    "--userns=auto, or --user with a uid above 10000",
	Breaks: "other tools report this of rootless containers too, where a user namespace always maps the uid",
	Refs:   []string{"KSV-0020", "KSV-0021", "CKV_K8S_40", "kubesec RunAsUser"},
	Reads:  []container.Row{container.User},
	Judge:  judgeHighUID,
}

func judgeHighUID(k *Case) {
	rootless, _, who := container.Rootless.Get(k.Spec)
	mode, _, modeKnown := container.Userns.Get(k.Spec)
	switch {
	case who && rootless, modeKnown && !unmapped(mode):
		k.NA("a user namespace maps the uid, so that it is no user of the host")
		return
	case !who || !modeKnown:
		k.Open(at(container.UidMap), "whether a user namespace maps the uid is not known")
		return
	}
	user, _, ok := runsAs(k)
	uid, _, _ := strings.Cut(user, ":")
	if n, isNumber := number(uid); ok && isNumber && n < highUIDFrom {
		k.Fail(at(container.User), "the uid should be above %d where no user namespace maps it, it is %d", highUIDFrom, n)
	}
}

// highUIDFrom is above what hosts give to people and services (KSV-0020).
const highUIDFrom = 10_000

var noInjectedUsers = &Control{
	ID: "ZL-310", Name: "no-injected-users", Title: "No injected users or groups", Severity: Low,
	Why:   "names put into the container's passwd and group stand for ids nobody reviewed",
	Fix:   "leave --passwd-entry, --group-entry and --hostuser away",
	Refs:  []string{"CWE-266"},
	Reads: []container.Row{container.InjectedUsers},
	Judge: empty(container.InjectedUsers, "--passwd-entry, --group-entry and --hostuser must be left away"),
	Mend:  set(container.InjectedUsers, nil),
}

var umask = &Control{
	ID: "ZL-311", Name: "umask", Title: "The umask is 0022 or tighter", Severity: Low,
	Why:    "files written to shared volumes stay unwritable for others",
	Fix:    "--umask 0027",
	Breaks: "output that a group shares: 0002, and say why",
	Refs:   []string{"systemd UMask=", "CWE-276"},
	Reads:  []container.Row{container.Umask},
	Judge:  judgeUmask,
	Mend:   set(container.Umask, "0027"),
}

// judgeUmask wants neither the group nor others to write; 0002 needs a reason.
func judgeUmask(k *Case) {
	v, ok := read(k, container.Umask)
	if !ok || v == "" {
		return // the engine's own 0022
	}
	_, m, _ := container.Umask.Get(k.Spec)
	mask, err := strconv.ParseUint(v, 8, 16)
	switch {
	case err != nil:
		k.Fail(at(container.Umask), `umask must be octal, as "0027", not %q`, v)
	case mask&0o002 == 0:
		k.Fail(at(container.Umask), `umask must keep others from writing: "0027", not %q`, v)
	case mask&0o020 == 0 && m.Why == "":
		k.Fail(at(container.Umask), `umask must keep the group from writing, or say why: "0027", not %q`, v)
	}
}
