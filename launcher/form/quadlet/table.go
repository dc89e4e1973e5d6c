package quadlet

import (
	"slices"
	"strings"
)

// key is one key of a unit and how it becomes options of podman-run.
type key struct {
	name   string
	option string
	make   func(m *maker, k key)
}

// one is an option with the last value of its key, unless that is empty.
func one(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		if l, _ := m.u.last(m.section, k.name); l.value != "" {
			m.option(l.word, k.option, l.value)
		}
	}}
}

// each is an option for every line of its key.
func each(name, option string) key {
	return key{name, option, func(m *maker, k key) { m.each(k.name, k.option) }}
}

// several is an option for every word of every line.
func several(name, option string, as rule) key {
	return key{name, option, func(m *maker, k key) { m.words(k.name, k.option, as) }}
}

// lower is [several] in small letters.
func lower(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		for _, l := range m.u.all(m.section, k.name) {
			m.split(l, listWords, func(w string) { m.option(l.word, k.option, strings.ToLower(w)) })
		}
	}}
}

// onOff is a switch that a key turns on or off.
func onOff(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		if l, yes, said := m.u.truth(m.section, k.name); said {
			m.onOff(l.word, k.option, yes)
		}
	}}
}

// on is an option that a key turns on, and no key turns off.
func on(name, option string) key {
	return key{name, option, func(m *maker, k key) {
		if l, yes, _ := m.u.truth(m.section, k.name); yes {
			m.option(l.word, k.option, "")
		}
	}}
}

// pairs is an option for every NAME=VALUE word, the last of a name alone.
func pairs(name, option string) key {
	return key{name, option, func(m *maker, k key) { m.pairs(k) }}
}

// ownKeys are the keys of [Container] in the generator's order. Those before and
// behind the others are made in [maker.line].
var ownKeys = []key{
	{"LogDriver", "--log-driver", makeLogDriver},
	several("LogOpt", "--log-opt", listWords),
	{"CgroupsMode", "--cgroups", makeCgroups},
	{"Entrypoint", "--entrypoint=", makeEntrypoint},
	one("Timezone", "--tz"), one("PidsLimit", "--pids-limit"), one("ShmSize", "--shm-size"), one("WorkingDir", "--workdir"),
	one("IP", "--ip"), one("IP6", "--ip6"), one("HostName", "--hostname"), one("StopSignal", "--stop-signal"),
	one("StopTimeout", "--stop-timeout"), one("Pull", "--pull"), one("Memory", "--memory"), one("Retry", "--retry"), one("RetryDelay", "--retry-delay"),
	each("NetworkAlias", "--network-alias"), each("Ulimit", "--ulimit"), each("DNS", "--dns"), each("DNSOption", "--dns-option"),
	each("DNSSearch", "--dns-search"), each("GroupAdd", "--group-add"), each("AddHost", "--add-host"), each("Tmpfs", "--tmpfs"),
	onOff("RunInit", "--init"), onOff("EnvironmentHost", "--env-host"), onOff("HttpProxy", "--http-proxy"), onOff("ReadOnlyTmpfs", "--read-only-tmpfs"),
	{"Network", "--network", makeNetworks},
	{"Notify", "--sdnotify=", makeNotify},
	on("NoNewPrivileges", "--security-opt=no-new-privileges"),
	on("SecurityLabelDisable", "--security-opt=label=disable"), on("SecurityLabelNested", "--security-opt=label=nested"),
	one("SecurityLabelType", "--security-opt=label=type:"), one("SecurityLabelFileType", "--security-opt=label=filetype:"),
	one("SecurityLabelLevel", "--security-opt=label=level:"), one("AppArmor", "--security-opt=apparmor="),
	{"AddDevice", "--device", makeDevices},
	{"SeccompProfile", "--security-opt=seccomp=", makeSeccomp},
	lower("DropCapability", "--cap-drop"), lower("AddCapability", "--cap-add"),
	several("Sysctl", "--sysctl", listWords),
	{"ReadOnly", "--read-only", makeReadOnly},
	{"User", "--user", makeUser},
	{"UserNS", "--userns", makeMappings},
	{"Volume", "-v", makeVolumes},
	one("AutoUpdate", "--label=io.containers.autoupdate="),
	{"ExposeHostPort", "--expose", makeExpose},
	each("PublishPort", "--publish"),
	pairs("Environment", "--env"), pairs("Label", "--label"), pairs("Annotation", "--annotation"),
	several("Mask", "--security-opt=mask=", execWords), several("Unmask", "--security-opt=unmask=", execWords),
	{"EnvironmentFile", "--env-file", makeEnvFiles},
	several("Secret", "--secret", execWords),
	{"Mount", "--mount", makeMounts},
	one("HealthCmd", "--health-cmd"), one("HealthInterval", "--health-interval"), one("HealthOnFailure", "--health-on-failure"),
	one("HealthLogDestination", "--health-log-destination"), one("HealthMaxLogCount", "--health-max-log-count"),
	one("HealthMaxLogSize", "--health-max-log-size"), one("HealthRetries", "--health-retries"), one("HealthStartPeriod", "--health-start-period"),
	one("HealthTimeout", "--health-timeout"), one("HealthStartupCmd", "--health-startup-cmd"), one("HealthStartupInterval", "--health-startup-interval"),
	one("HealthStartupRetries", "--health-startup-retries"), one("HealthStartupSuccess", "--health-startup-success"),
	one("HealthStartupTimeout", "--health-startup-timeout"),
	{"Pod", "--pod", makePod},
}

func (m *maker) keys(keys []key) {
	for _, k := range keys {
		k.make(m, k)
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
