package quadlet

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// shape is how the value of a key is written.
type shape uint8

const (
	plainShape shape = iota // as it is
	wordShape               // one word with C escapes
	nameShape               // one word without
	truthShape              // true or false
)

// fixKeys are the keys that state an option of podman-run, the longer option
// before one that begins it.
var fixKeys = []struct {
	option, key string
	shape       shape
}{
	{"--security-opt=seccomp=", "SeccompProfile", plainShape}, {"--security-opt=apparmor=", "AppArmor", plainShape},
	{"--security-opt=mask=", "Mask", wordShape}, {"--security-opt=unmask=", "Unmask", wordShape},
	{"--security-opt=label=type:", "SecurityLabelType", plainShape}, {"--security-opt=label=level:", "SecurityLabelLevel", plainShape},
	{"--security-opt=label=filetype:", "SecurityLabelFileType", plainShape},
	{"--cap-drop=", "DropCapability", nameShape}, {"--cap-add=", "AddCapability", nameShape},
	{"--read-only-tmpfs", "ReadOnlyTmpfs", truthShape}, {"--read-only", "ReadOnly", truthShape}, {"--init", "RunInit", truthShape},
	{"--http-proxy", "HttpProxy", truthShape}, {"--env-host", "EnvironmentHost", truthShape},
	{"--userns=", "UserNS", plainShape}, {"--network=", "Network", plainShape}, {"--publish=", "PublishPort", plainShape},
	{"--tmpfs=", "Tmpfs", plainShape}, {"--volume=", "Volume", plainShape}, {"--mount=", "Mount", wordShape},
	{"--pids-limit=", "PidsLimit", plainShape}, {"--memory=", "Memory", plainShape}, {"--shm-size=", "ShmSize", plainShape},
	{"--ulimit=", "Ulimit", plainShape}, {"--sysctl=", "Sysctl", nameShape}, {"--device=", "AddDevice", nameShape},
	{"--group-add=", "GroupAdd", plainShape}, {"--hostname=", "HostName", plainShape}, {"--workdir=", "WorkingDir", plainShape},
	{"--stop-timeout=", "StopTimeout", plainShape}, {"--pull=", "Pull", plainShape}, {"--log-driver=", "LogDriver", plainShape},
	{"--log-opt=", "LogOpt", nameShape}, {"--env-file=", "EnvironmentFile", wordShape}, {"--env=", "Environment", wordShape},
	{"--label=", "Label", wordShape}, {"--annotation=", "Annotation", wordShape}, {"--secret=", "Secret", wordShape},
	{"--dns=", "DNS", plainShape}, {"--add-host=", "AddHost", plainShape}, {"--expose=", "ExposeHostPort", plainShape},
	{"--cgroups=", "CgroupsMode", plainShape}, {"--health-cmd=", "HealthCmd", plainShape},
}

// keyOf writes one option as a line of [Container]: two for User= and Group=.
func (f *fixer) keyOf(option command.Option) []string {
	text := option.String()
	if text == "--security-opt=no-new-privileges" && knowsKey(f, "NoNewPrivileges") {
		return []string{"NoNewPrivileges=true"}
	}
	if text == "--security-opt=label=disable" && knowsKey(f, "SecurityLabelDisable") {
		return []string{"SecurityLabelDisable=true"}
	}
	if who, ok := strings.CutPrefix(text, "--user="); ok {
		user, group, both := strings.Cut(who, ":")
		if f.v.since(4, 8) && plainly(user) && plainly(group) && user != "" && both == (group != "") {
			return append([]string{"User=" + unfilled(user, option)}, groupLine(unfilled(group, option))...)
		}
	}
	for _, k := range fixKeys {
		value, ok := strings.CutPrefix(text, k.option)
		if !ok || !knowsKey(f, k.key) {
			continue
		}
		if v, fits := shaped(unfilled(value, option), k.shape); fits {
			return []string{k.key + "=" + v}
		}
	}
	if option.Open {
		return []string{"PodmanArgs=-v " + word(unfilled(option.Value, option))}
	}
	return []string{"PodmanArgs=" + word(unfilled(text, option))}
}

func groupLine(group string) []string {
	if group == "" {
		return nil
	}
	return []string{"Group=" + group}
}

func knowsKey(f *fixer, key string) bool {
	since := keySince["Container"][key]
	return since != "" && f.v.knows(since)
}

// unfilled writes a value so that systemd fills in no more than it did: a volume with a
// hole keeps it.
func unfilled(v string, option command.Option) string {
	if option.Open && !strings.HasPrefix(option.Value, "~") {
		return v
	}
	return literal(v)
}

// shaped writes a value, and tells whether the shape can hold it.
func shaped(v string, as shape) (string, bool) {
	switch as {
	case truthShape:
		switch v {
		case "", "=true":
			return "true", true
		case "=false":
			return "false", true
		}
		return "", false
	case wordShape:
		return word(v), v != ""
	case nameShape:
		return v, plainly(v) && v != "" && !strings.ContainsAny(v, " \t\"'\\")
	}
	return v, plainly(v) && v != ""
}

// plainly tells whether a value can stand behind KEY= as it is.
func plainly(v string) bool {
	return strings.TrimSpace(v) == v && !strings.HasSuffix(v, `\`) && !strings.HasPrefix(v, `"`) && !strings.HasSuffix(v, `"`) &&
		!strings.ContainsFunc(v, unicode.IsControl)
}

// word writes a word as systemd splits words.
func word(v string) string {
	if v != "" && !strings.ContainsAny(v, " \"'\\") && !strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return v
	}
	var b strings.Builder
	for _, c := range v {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case unicode.IsControl(c):
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteRune(c)
		}
	}
	return `"` + b.String() + `"`
}

// write takes the lines away that go and puts the added ones behind the last of
// their section.
func (f *fixer) write(added map[string][]string) []string {
	lines, _ := parse(strings.Join(f.r.Lines, "\n"))
	cut, instead, last := map[int]bool{}, map[int]string{}, map[string]int{}
	for i, text := range f.r.Lines {
		if text = strings.TrimSpace(text); text != "" && isSection(text) {
			last[text[1:strings.Index(text, "]")]] = i + 1
		}
	}
	for i, l := range lines {
		end := l.at + strings.Count(l.raw, "\n")
		last[l.section] = max(last[l.section], end)
		if !f.gone[i] { // the words of a unit are its lines, in order
			continue
		}
		for n := l.at; n <= end; n++ {
			cut[n] = true
		}
		instead[l.at] = f.rest(l)
	}
	return assemble(f.r.Lines, cut, instead, last, added)
}

// rest is what stays of a line: of PodmanArgs= the words that decide nothing that
// changed.
func (f *fixer) rest(l line) string {
	if l.key != "PodmanArgs" {
		return ""
	}
	words, err := split(l.value, execWords)
	if err != nil {
		return ""
	}
	got, err := command.Read(slices.Concat([]string{"podman", "run"}, words, []string{"image"}))
	if err != nil {
		return ""
	}
	drop := map[int]bool{}
	for p, at := range got.At {
		for _, i := range at {
			drop[i] = drop[i] || f.changed[p]
		}
	}
	var out []string
	for i, w := range words {
		if !drop[i+2] {
			out = append(out, word(w))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "PodmanArgs=" + strings.Join(out, " ")
}

func assemble(was []string, cut map[int]bool, instead map[int]string, last map[string]int, added map[string][]string) []string {
	var out []string
	behind := map[int][]string{}
	for _, section := range []string{"Unit", "Container", "Service"} {
		if at, has := last[section]; has {
			behind[at] = append(behind[at], added[section]...)
		}
	}
	for i, text := range was {
		if !cut[i+1] {
			out = append(out, text)
		}
		if instead[i+1] != "" {
			out = append(out, instead[i+1])
		}
		out = append(out, behind[i+1]...)
	}
	for _, section := range []string{"Unit", "Container", "Service"} {
		if _, has := last[section]; !has && len(added[section]) > 0 {
			out = append(append(out, "["+section+"]"), added[section]...)
		}
	}
	return out
}
