package quadlet

import (
	"path"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// The keys that are more than one option each.

// logDriver: Podman 4.4 says passthrough and has no key.
func makeLogDriver(m *maker, k key) {
	l, said := m.u.last(m.section, k.name)
	switch {
	case said:
		m.add(l.word, k.option, l.value)
	case !m.v.since(4, 5):
		m.add(-1, k.option, "passthrough")
	}
}

func makeCgroups(m *maker, k key) {
	if l, _ := m.u.last(m.section, k.name); l.value != "" {
		m.add(l.word, k.option, l.value)
		return
	}
	m.add(-1, "--cgroups=split")
}

// entrypoint: from 5.3 to 5.8.1 an empty one does not take the image's away.
func makeEntrypoint(m *maker, k key) {
	l, said := m.u.last(m.section, k.name)
	if said && (l.value != "" || m.u.quotes == onePair || !m.v.since(5, 3)) {
		m.add(l.word, k.option+l.value)
	}
}

// makeNotify is how systemd learns that the container runs; a oneshot unit waits for
// its end.
func makeNotify(m *maker, k key) {
	kind, _ := m.u.last("Service", "Type")
	if kind.value != "" && kind.value != "notify" && kind.value != "oneshot" {
		m.wrong(kind.word, "[Service] Type= is neither notify nor oneshot; Podman refuses the unit")
	}
	if kill, said := m.u.last("Service", "KillMode"); said && kill.value != "mixed" && kill.value != "control-group" {
		m.wrong(kill.word, "[Service] KillMode= is neither mixed nor control-group; Podman refuses the unit")
	}
	if kind.value == "oneshot" {
		return
	}
	l, yes, _ := m.u.truth(m.section, k.name)
	switch {
	case strings.EqualFold(l.value, "healthy") && m.v.since(5, 0):
		m.add(l.word, k.option+"healthy")
	case yes:
		m.add(l.word, k.option+"container")
	default:
		m.add(-1, k.option+"conmon")
	}
	m.add(-1, "-d")
}

// devices: "-" in front of one leaves it out on a host that has none such, since 4.5.
func makeDevices(m *maker, k key) {
	for _, l := range m.u.all(m.section, k.name) {
		m.split(l, listWords, func(w string) {
			if m.v.since(4, 5) {
				w = strings.TrimPrefix(w, "-")
			}
			m.add(l.word, k.option, w)
		})
	}
}

// ulimits: before 5.0 the last one counts.
func makeUlimits(m *maker, k key) {
	if !m.v.since(5, 0) {
		one(k.name, k.option).make(m, k)
		return
	}
	m.each(k.name, k.option)
}

// seccomp: a file in the directory of units is the one beside the unit, see [beside]. Where that
// is not so, Podman finds none and starts nothing.
func makeSeccomp(m *maker, k key) {
	l, said := m.u.last(m.section, k.name)
	if !said {
		return
	}
	if name, is := strings.CutPrefix(l.value, here); is && !strings.ContainsAny(name, "%$/") {
		l.value = literal(path.Join("/", path.Dir(m.u.file), name))
	}
	m.add(l.word, k.option+l.value)
}

// readOnly: 4.4 to 4.7 take Podman's own tmpfs away with it.
func makeReadOnly(m *maker, k key) {
	l, yes, said := m.u.truth(m.section, k.name)
	if said {
		m.onOff(l.word, k.option, yes)
	}
	t, volatile, _ := m.u.truth(m.section, "VolatileTmp")
	switch {
	case volatile && !yes:
		m.add(t.word, "--tmpfs", "/tmp:rw,size=512M,mode=1777")
	case !volatile && yes && !m.v.since(4, 8):
		m.add(l.word, "--read-only-tmpfs=false")
	}
}

// portRange is what the generator takes for --expose.
var portRange = lazyregexp.New(`\d+(-\d+)?(/udp|/tcp)?$`)

func makeExpose(m *maker, k key) {
	for _, l := range m.u.all(m.section, k.name) {
		v := strings.TrimSpace(l.value)
		if !portRange().MatchString(v) {
			m.wrong(l.word, "%s= is no port; Podman refuses the unit", k.name)
		}
		m.add(l.word, k.option, v)
	}
}

func makeEnvFiles(m *maker, k key) {
	for _, l := range m.u.all(m.section, k.name) {
		m.split(l, execWords, func(w string) { m.add(l.word, k.option, absolute(m, w)) })
	}
}

// absolute is a path as the generator writes it: from the unit's directory, unless
// a specifier begins it.
func absolute(m *maker, p string) string {
	specifier := strings.HasPrefix(p, "%") && !strings.HasPrefix(p, "%%")
	if specifier && m.v.since(4, 5) || path.IsAbs(p) {
		return p
	}
	return path.Join("/", path.Dir(m.u.file), p)
}

// user: 4.4 to 4.7 read numbers alone, and take all else for 0.
func makeUser(m *maker, k key) {
	user, _ := m.u.last(m.section, k.name)
	group, _ := m.u.last(m.section, "Group")
	if !m.v.since(4, 8) {
		makeNumbers(m, k, user, group)
		return
	}
	if user.value == "" {
		if group.value != "" {
			m.wrong(group.word, "Group= stands without User=; Podman refuses the unit")
		}
		return
	}
	id := user.value
	if group.value != "" {
		id += ":" + group.value
	}
	m.add(user.word, k.option, id)
}

func makeNumbers(m *maker, k key, user, group line) {
	number := func(l line, key string) string {
		if l.value != "" && strings.Trim(l.value, "0123456789") == "" {
			return l.value
		}
		m.wrong(l.word, "%s= is no number, and Podman %s takes it for 0", key, m.v)
		return "0"
	}
	switch {
	case user.word < 0 && group.word < 0:
	case group.word < 0:
		m.add(user.word, k.option, number(user, k.name))
	case user.word < 0:
		m.wrong(group.word, "Group= stands without User=, for which Podman %s takes 0", m.v)
		m.add(group.word, k.option, "0:"+number(group, "Group"))
	default:
		m.add(user.word, k.option, number(user, k.name)+":"+number(group, "Group"))
	}
}

// makeMappings is the user namespace, in today's keys or the old ones.
func makeMappings(m *maker, _ key) {
	before := len(m.args)
	m.keys([]key{one("UserNS", "--userns"), several("UIDMap", "--uidmap", listWords), several("GIDMap", "--gidmap", listWords),
		one("SubUIDMap", "--subuidname"), one("SubGIDMap", "--subgidname")})
	remap, _ := m.u.last(m.section, "RemapUsers")
	uids, gids := listOf(m, "RemapUid"), listOf(m, "RemapGid")
	switch {
	case len(m.args) > before && !m.v.since(4, 8):
	case len(m.args) > before && (remap.value != "" || len(uids)+len(gids) > 0):
		m.wrong(remap.word, "the old Remap keys stand beside UserNS= or UIDMap=; Podman refuses the unit")
	case len(m.args) > before:
	case remap.value == "" && len(uids)+len(gids) > 0:
		m.wrong(append(uids, gids...)[0].word, "RemapUid= and RemapGid= stand without RemapUsers=; Podman refuses the unit")
	case remap.value != "":
		remapUsers(m, remap, uids, gids)
	}
}

func listOf(m *maker, name string) (out []argument) {
	for _, l := range m.u.all(m.section, name) {
		m.split(l, listWords, func(w string) { out = append(out, argument{w, l.word}) })
	}
	return out
}

// remapUsers reads RemapUsers=, RemapUid=, RemapGid= and RemapUidSize=.
func remapUsers(m *maker, remap line, uids, gids []argument) {
	names := map[string][2]string{"auto": {"uidmapping=", "gidmapping="}, "keep-id": {"uid=", "gid="}}[remap.value]
	switch remap.value {
	case "manual":
		for _, a := range uids {
			m.add(a.word, "--uidmap", a.text)
		}
		for _, a := range gids {
			m.add(a.word, "--gidmap", a.text)
		}
		return
	case "auto", "keep-id":
	default:
		m.wrong(remap.word, "RemapUsers= is neither manual, auto nor keep-id; Podman refuses the unit")
		return
	}
	if remap.value == "keep-id" && !m.v.since(4, 5) {
		uids, gids = nil, nil
	}
	var opts []string
	for _, a := range uids {
		opts = append(opts, names[0]+a.text)
	}
	for _, a := range gids {
		opts = append(opts, names[1]+a.text)
	}
	if size := m.u.text(m.section, "RemapUidSize"); remap.value == "auto" && size != "" && size != "0" {
		opts = append(opts, "size="+size)
	}
	value := remap.value
	if len(opts) > 0 {
		value += ":" + strings.Join(opts, ",")
	}
	m.add(remap.word, "--userns", value)
}
