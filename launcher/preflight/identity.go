package preflight

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// askRoot is the hint of a problem with a Fix.
const askRoot = "zlaunch doctor --fix > fix.sh, read it, then: sudo sh fix.sh"

// rootless is ZL-101: nothing runs as root of the host.
func rootless(s Subject) []audit.Problem {
	switch {
	case s.Engine.Version != "" && !s.Engine.Rootless && (s.Engine.Remote || s.Host == nil):
		return []audit.Problem{{Control: audit.Rootless.ID, Fatal: true, Message: "the engine runs as root, and a container that escapes is root on its machine",
			Hint: "choose a connection of an ordinary user: podman system connection list"}}
	case s.local() && s.Host.EUID == 0:
		return []audit.Problem{{Control: audit.Rootless.ID, Fatal: true, Message: "you are root, and a container that escapes would be root on this host",
			Hint: "run it as an ordinary user: sudo -iu USER zlaunch run …; or --waive ZL-101=\"reason\""}}
	case s.local() && s.Engine.Version != "" && !s.Engine.Rootless:
		return []audit.Problem{{Control: audit.Rootless.ID, Fatal: true, Message: "the engine that answers is root's",
			Hint: "unset CONTAINER_HOST, or choose another: podman system connection list"}}
	}
	return nil
}

// engineVersion refuses a Podman that does not know keep-id:uid=.
func engineVersion(s Subject) []audit.Problem {
	if !engine.Older(s.Engine.Version, 4, 3, 0) {
		return nil
	}
	return []audit.Problem{{Control: audit.KeepIDPinned.ID, Fatal: true, Setting: at(container.Userns),
		Message: fmt.Sprintf("podman %s is older than 4.3 and cannot map you to the image's user", s.Engine.Version), Hint: "install podman 4.3 or newer"}}
}

// userNamespace asks whether the kernel and the helpers allow one at all.
func userNamespace(s Subject) []audit.Problem {
	if !s.local() || s.Host.EUID == 0 || s.Host.OS != "linux" {
		return nil
	}
	var out []audit.Problem
	if b := s.Host.Userns.Blocked; b != "" {
		out = append(out, audit.Problem{Control: audit.SubIDs.ID, Fatal: true, Fix: FixUserns,
			Message: "the kernel forbids user namespaces to ordinary users: " + b, Hint: askRoot})
	}
	if s.Host.Userns.AppArmorRestricted {
		out = append(out, audit.Problem{Control: audit.SubIDs.ID, Message: "AppArmor lets only programs with a profile of their own make user namespaces; a podman from elsewhere than this distribution fails",
			Hint: "podman unshare true"})
	}
	for _, h := range []struct {
		name string
		host.Helper
	}{{"newuidmap", s.Host.NewUIDMap}, {"newgidmap", s.Host.NewGIDMap}} {
		switch {
		case h.Path == "":
			out = append(out, audit.Problem{Control: audit.SubIDs.ID, Fatal: true, Fix: FixHelpers, Message: h.name + " is not installed, and without it no sub-ids can be mapped", Hint: askRoot})
		case !h.Privileged:
			out = append(out, audit.Problem{Control: audit.SubIDs.ID, Fatal: true, Fix: FixHelpers, Message: fmt.Sprintf("%s is neither setuid nor has file capabilities", h.Path), Hint: askRoot})
		}
	}
	return out
}

// enoughIDs is what images expect: uids up to 65534, as in Podman's own advice.
const enoughIDs = 65536

// subIDs is ZL-105. Where the engine already maps enough ids, they come from a
// directory service and the files do not matter.
func subIDs(s Subject) []audit.Problem {
	if !s.local() || s.Host.EUID == 0 || s.Host.OS != "linux" {
		return nil
	}
	var out []audit.Problem
	for _, of := range []struct {
		ids host.SubIDs
		own int
	}{{s.Host.SubUIDs, s.Host.UID}, {s.Host.SubGIDs, s.Host.GID}} {
		ids := of.ids
		n := ids.Count()
		switch {
		case s.Engine.IDs > enoughIDs:
		case n == 0:
			out = append(out, audit.Problem{Control: audit.SubIDs.ID, Fatal: true, Fix: FixSubIDs, Message: fmt.Sprintf("%s has no range for you (%s)", ids.File, user(s.Host)), Hint: askRoot})
		case n < enoughIDs:
			out = append(out, audit.Problem{Control: audit.SubIDs.ID, Fix: FixSubIDs, Message: fmt.Sprintf("%s gives you %d ids; images use up to %d", ids.File, n, enoughIDs), Hint: askRoot})
		}
		out = append(out, unmappable(ids, of.own)...)
		for _, o := range ids.Shared {
			out = append(out, audit.Problem{Control: audit.SubIDs.ID, Message: fmt.Sprintf("your ids %d-%d in %s are also those of %q: containers of both can reach each other's files",
				o.Own.Start, o.Own.End(), ids.File, o.Other.Owner), Hint: "ask root to give one of you another range, then: podman system migrate"})
		}
	}
	return out
}

// unmappable are ranges of which newuidmap makes no map: the kernel takes no id twice, and
// the caller's own is in each map (user_namespaces(7)).
func unmappable(ids host.SubIDs, own int) []audit.Problem {
	var out []audit.Problem
	wrong := func(line int, format string, args ...any) {
		out = append(out, audit.Problem{Control: audit.SubIDs.ID, Fatal: true,
			Message: fmt.Sprintf(format, args...) + ": newuidmap fails with \"Invalid argument\", and podman with it",
			Hint:    fmt.Sprintf("sudo sed -i %dd %s; podman system migrate", line, ids.File)})
	}
	for _, o := range ids.Twice {
		wrong(o.Other.Line, "lines %d and %d of %s overlap, %q and %q", o.Own.Line, o.Other.Line, ids.File, o.Own, o.Other)
	}
	for _, r := range ids.Own {
		if own > 0 && r.Has(uint64(own)) {
			wrong(r.Line, "line %d of %s, %q, has your own id %d in it", r.Line, ids.File, r, own)
		}
	}
	return out
}

func user(f *host.Facts) string {
	if f.Username == "" {
		return fmt.Sprintf("uid %d", f.UID)
	}
	return fmt.Sprintf("%q, uid %d", f.Username, f.UID)
}

// runtimeDir wants the directory of Podman's sockets and locks.
func runtimeDir(s Subject) []audit.Problem {
	if !s.local() || s.Host.EUID == 0 || s.Host.OS != "linux" || s.Host.RuntimeDir.Problem == "" {
		return nil
	}
	p := audit.Problem{Message: s.Host.RuntimeDir.Problem, Fatal: s.Host.RuntimeDir.Path != "", Fix: FixLinger,
		Hint: fmt.Sprintf("log in properly (ssh, or machinectl shell; su and sudo do not do), or: sudo loginctl enable-linger; export XDG_RUNTIME_DIR=/run/user/%d", s.Host.UID)}
	if s.Host.RuntimeDir.Own {
		p.Fix, p.Hint = "", "chmod 0700 "+model.Quote(s.Host.RuntimeDir.Path)
	}
	return []audit.Problem{p}
}

// linger warns of a server that dies with the login.
func linger(s Subject) []audit.Problem {
	if !s.local() || !s.Detached || s.Host.Linger || !s.Host.UserSystemd {
		return nil
	}
	return []audit.Problem{{Message: "the container ends when you log out: your user has no lingering services", Fix: FixLinger, Hint: "loginctl enable-linger"}}
}
