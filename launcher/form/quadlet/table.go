package quadlet

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// key is one key of a unit, how it becomes options of podman-run, and how one of those
// becomes a line of it again.
type key struct {
	name   string
	option string
	make   func(m *maker, k key)
	as     shape
}

// shape is how the value of an option is written behind its key.
type shape uint8

const (
	unwritten    shape = iota // the key says more, or less, than the option
	plainShape                // as it is
	wordShape                 // one word with C escapes
	nameShape                 // one word without
	truthShape                // true or false
	presentShape              // true, for an option without a value
)

// from writes an option as a line of the key; false is that it cannot say it.
func (k key) from(o command.Option) (string, bool) {
	text := o.String()
	value, is := strings.CutPrefix(text, k.option)
	if k.option == "-v" {
		value, is = strings.CutPrefix(text, "--volume")
	}
	if last := k.option[len(k.option)-1]; last != '=' && last != ':' && k.as != truthShape && k.as != presentShape {
		var has bool
		value, has = strings.CutPrefix(value, "=")
		is = is && has
	}
	if !is {
		return "", false
	}
	v, fits := shaped(unfilled(value, o), k.as)
	return k.name + "=" + v, fits
}

// one is an option with the last value of its key, unless that is empty.
func one(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		if l, _ := m.u.last(m.section, k.name); l.value != "" {
			m.option(l.word, k.option, l.value)
		}
	}, plainShape}
}

// each is an option for every line of its key.
func each(name, option string) key {
	return key{name, option, func(m *maker, k key) { m.each(k.name, k.option) }, plainShape}
}

// several is an option for every word of every line.
func several(name, option string, as rule) key {
	written := nameShape
	if as == execWords {
		written = wordShape
	}
	return key{name, option, func(m *maker, k key) { m.words(k.name, k.option, as) }, written}
}

// lower is [several] in small letters.
func lower(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		for _, l := range m.u.all(m.section, k.name) {
			m.split(l, listWords, func(w string) { m.option(l.word, k.option, strings.ToLower(w)) })
		}
	}, nameShape}
}

// onOff is a switch that a key turns on or off.
func onOff(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		if l, yes, said := m.u.truth(m.section, k.name); said {
			m.onOff(l.word, k.option, yes)
		}
	}, truthShape}
}

// on is an option that a key turns on, and no key turns off.
func on(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		if l, yes, _ := m.u.truth(m.section, k.name); yes {
			m.option(l.word, k.option, "")
		}
	}, presentShape}
}

// pairs is an option for every NAME=VALUE word, the last of a name alone.
func pairs(name, option string) key {
	return key{name, option, func(m *maker, k key) { m.pairs(k) }, wordShape}
}

// ownKeys are the keys of [Container] in the generator's order. Those before and
// behind the others, which make nothing here, are made in [maker.line].
var ownKeys = []key{
	{"ContainerName", "--name", nil, plainShape},
	{"LogDriver", "--log-driver", makeLogDriver, plainShape},
	several("LogOpt", "--log-opt", listWords),
	{"CgroupsMode", "--cgroups", makeCgroups, plainShape},
	{"Entrypoint", "--entrypoint=", makeEntrypoint, plainShape},
	one("Timezone", "--tz"), one("PidsLimit", "--pids-limit"), one("ShmSize", "--shm-size"), one("WorkingDir", "--workdir"),
	one("IP", "--ip"), one("IP6", "--ip6"), one("HostName", "--hostname"), one("StopSignal", "--stop-signal"),
	one("StopTimeout", "--stop-timeout"), one("Pull", "--pull"), one("Memory", "--memory"), one("Retry", "--retry"), one("RetryDelay", "--retry-delay"),
	each("NetworkAlias", "--network-alias"), {"Ulimit", "--ulimit", makeUlimits, plainShape}, each("DNS", "--dns"), each("DNSOption", "--dns-option"),
	each("DNSSearch", "--dns-search"), each("GroupAdd", "--group-add"), each("AddHost", "--add-host"), each("Tmpfs", "--tmpfs"),
	onOff("RunInit", "--init"), onOff("EnvironmentHost", "--env-host"), onOff("HttpProxy", "--http-proxy"), onOff("ReadOnlyTmpfs", "--read-only-tmpfs"),
	{"Network", "--network", makeNetworks, plainShape},
	{"Notify", "--sdnotify=", makeNotify, unwritten},
	on("NoNewPrivileges", "--security-opt=no-new-privileges"),
	on("SecurityLabelDisable", "--security-opt=label=disable"), on("SecurityLabelNested", "--security-opt=label=nested"),
	one("SecurityLabelType", "--security-opt=label=type:"), one("SecurityLabelFileType", "--security-opt=label=filetype:"),
	one("SecurityLabelLevel", "--security-opt=label=level:"), one("AppArmor", "--security-opt=apparmor="),
	{"AddDevice", "--device", makeDevices, nameShape},
	{"SeccompProfile", "--security-opt=seccomp=", makeSeccomp, plainShape},
	lower("DropCapability", "--cap-drop"), lower("AddCapability", "--cap-add"),
	several("Sysctl", "--sysctl", listWords),
	{"ReadOnly", "--read-only", makeReadOnly, truthShape},
	{"User", "--user", makeUser, unwritten},
	{"UserNS", "--userns", makeMappings, plainShape},
	{"Volume", "-v", makeVolumes, plainShape},
	one("AutoUpdate", "--label=io.containers.autoupdate="),
	{"ExposeHostPort", "--expose", makeExpose, plainShape},
	each("PublishPort", "--publish"),
	pairs("Environment", "--env"), pairs("Label", "--label"), pairs("Annotation", "--annotation"),
	several("Mask", "--security-opt=mask=", execWords), several("Unmask", "--security-opt=unmask=", execWords),
	{"EnvironmentFile", "--env-file", makeEnvFiles, wordShape},
	several("Secret", "--secret", execWords),
	{"Mount", "--mount", makeMounts, unwritten}, // of a word without "=" the generators of 4.5 to 4.7 die, and of a quote systemd complains
	one("HealthCmd", "--health-cmd"), one("HealthInterval", "--health-interval"), one("HealthOnFailure", "--health-on-failure"),
	one("HealthLogDestination", "--health-log-destination"), one("HealthMaxLogCount", "--health-max-log-count"),
	one("HealthMaxLogSize", "--health-max-log-size"), one("HealthRetries", "--health-retries"), one("HealthStartPeriod", "--health-start-period"),
	one("HealthTimeout", "--health-timeout"), one("HealthStartupCmd", "--health-startup-cmd"), one("HealthStartupInterval", "--health-startup-interval"),
	one("HealthStartupRetries", "--health-startup-retries"), one("HealthStartupSuccess", "--health-startup-success"),
	one("HealthStartupTimeout", "--health-startup-timeout"),
	{"Pod", "--pod", makePod, unwritten},
	one("ImageVolume", "--image-volume"), one("Umask", "--umask"),
}

func (m *maker) keys(keys []key) {
	for _, k := range keys {
		if k.make != nil {
			k.make(m, k)
		}
	}
}

// option adds an option with its value: in the next word, or behind what ends the
// option's own.
func (m *maker) option(word int, option, value string) {
	switch last := option[len(option)-1]; {
	case value == "":
		m.add(word, option)
	case last == '=' || last == ':':
		m.add(word, option+value)
	default:
		m.add(word, option, value)
	}
}

func (m *maker) onOff(word int, option string, yes bool) {
	if !yes {
		option += "=false"
	}
	m.add(word, option)
}

func (m *maker) each(name, option string) {
	for _, l := range m.u.all(m.section, name) {
		m.option(l.word, option, l.value)
	}
}

// words adds an option for each word of a key; without an option, the words.
func (m *maker) words(name, option string, as rule) {
	for _, l := range m.u.all(m.section, name) {
		m.split(l, as, func(w string) {
			if option == "" {
				m.add(l.word, w)
			} else {
				m.option(l.word, option, w)
			}
		})
	}
}

// pairs: before 5.6 a name without a value says nothing; since then it takes the
// value that Podman's own environment has.
func (m *maker) pairs(k key) {
	last := map[string]argument{}
	for _, l := range m.u.all(m.section, k.name) {
		m.split(l, execWords, func(w string) {
			name, _, has := strings.Cut(w, "=")
			if has || m.v.since(5, 6) {
				last[name] = argument{w, l.word}
			}
		})
	}
	names := make([]string, 0, len(last))
	for n := range last {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		m.add(last[n].word, k.option, last[n].text)
	}
}
