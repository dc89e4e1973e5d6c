package shell

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// Span is a range of bytes of a text: From is the first, To the one after the last.
type Span struct{ From, To int }

// Cover is ranges of a text, sorted and joined.
type Cover []Span

// CoverOf joins ranges, which may overlap and stand in any order.
func CoverOf(spans []Span) Cover {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	var out Cover
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Holds tells whether a byte stands in one of the ranges.
func (c Cover) Holds(at int) bool {
	i := sort.Search(len(c), func(i int) bool { return c[i].To > at })
	return i < len(c) && c[i].From <= at
}

// engines are the programs that make containers, by names that mean nothing else in
// a text. What begins or ends with one and goes on with '-' is one too: docker-compose,
// podman-remote, nvidia-docker.
var engines = []string{"podman", "docker", "nerdctl", "buildah", "crictl", "kubectl", "runc", "crun", "runsc", "systemd-nspawn", "apptainer",
	"singularity", "minikube", "k3s", "udocker", "podmansh", "krun", "distrobox", "ramalama", "earthly", "x11docker", "devcontainer"}

// alsoEngines are those whose names are words of other trades too, and count where a
// command stands.
var alsoEngines = []string{"ctr", "oc", "lima", "limactl", "colima", "kind", "k3d", "lxc", "lxc-start", "lxc-execute", "incus", "machinectl", "helm", "finch",
	"microk8s", "enroot", "ch-run", "youki", "kata-runtime", "rootlesskit", "apple-container", "toolbox", "toolbx", "containerd", "rkt", "act", "dagger",
	"nomad", "cog", "skaffold", "tilt", "ddev", "lando", "waydroid", "balena", "sarus", "shifter", "portablectl", "containerlab", "lxd", "host-spawn"}

// mention is a place that names an engine.
type mention struct {
	Span
	name string
}

// Mentions lists the lines of a text that name an engine outside of the ranges that
// were read, each with Word -1 and its number in the reason: whatever it is that
// stands there, it could start a container, and nobody judged it. A name within a
// path to a directory, a host name, an address of the web or a name of a variable is
// no mention. Lines beyond the first thousand are counted in the last of the list.
func Mentions(text string, read []Span) []form.Open {
	lines, cover := starts([]byte(text)), CoverOf(read)
	var out []form.Open
	last, more := 0, 0
	for _, m := range mentions(text) {
		if cover.Holds(m.From) {
			continue
		}
		line, _ := placeIn(lines, m.From)
		switch {
		case line == last:
		case len(out) < maxListed:
			out = append(out, form.Open{Word: -1, Why: fmt.Sprintf("line %d: what is done with %s is not read", line, m.name)})
		default:
			more++
		}
		last = line
	}
	if more > 0 {
		out = append(out, form.Open{Word: -1, Why: fmt.Sprintf("%d more lines name an engine", more)})
	}
	return out
}

// maxListed bounds what one text can make a report list.
const maxListed = 1000

// mentions finds the places that name an engine, or mean one by a sign, in order.
func mentions(text string) []mention {
	var out []mention
	for _, name := range engines {
		for from := 0; ; {
			i := strings.Index(text[from:], name)
			if i < 0 {
				break
			}
			i += from
			from = i + len(name)
			if begins(text, i) && ends(text, name, from) {
				out = append(out, mention{Span{i, from}, name})
			}
		}
	}
	out = append(out, signed(text)...)
	slices.SortFunc(out, func(a, b mention) int { return a.From - b.From })
	return out
}

// window is how far a name of a file, a host or an option is followed, in bytes.
const window = 256

// begins tells whether a program's name can begin at i: not within an identifier, a
// variable, the name of an option or an address of the web.
func begins(text string, i int) bool {
	if i > 0 && identifier(text[i-1]) || strings.HasSuffix(text[:i], "$") || strings.HasSuffix(text[:i], "${") {
		return false
	}
	from := i
	for from > 0 && i-from < window && !separates(text[from-1]) {
		from--
	}
	token := text[from:i]
	if strings.HasPrefix(token, "http://") || strings.HasPrefix(token, "https://") {
		return strings.Contains(token, "?")
	}
	return len(token) < 2 || token[0] != '-' || strings.ContainsAny(token, "=/:,")
}

// ends tells whether a program's name can end at the byte to, which follows it.
func ends(text, name string, to int) bool {
	rest := text[to:min(to+window, len(text))]
	switch {
	case rest == "":
		return true
	case letter(rest[0]):
		return false
	case rest[0] == '/':
		return false // a directory, a repository
	case strings.HasPrefix(rest, "://"):
		return false // a transport
	case rest[0] == '.' && len(rest) > 1 && letter(rest[1]):
		return program(name, rest[1:])
	}
	return true
}

// notPrograms are the endings of names that no shell and no other program runs.
var notPrograms = []string{"com", "conf", "d", "gpg", "asc", "ini", "io", "json", "key", "list", "log", "md", "org", "path", "pid", "pub", "repo", "rules", "service",
	"socket", "sources", "target", "timer", "toml", "txt", "yaml", "yml"}

// program tells whether NAME.REST may be run: docker.io is what Debian calls Docker,
// NAME.exe is run from Linux too, and through NAME.sock everything is done.
func program(name, rest string) bool {
	n := 0
	for n < len(rest) && identifier(rest[n]) {
		n++
	}
	if name == "docker" && rest[:n] == "io" {
		return n == len(rest) || rest[n] != '/' && rest[n] != ':'
	}
	return !slices.Contains(notPrograms, rest[:n])
}

// separates tells whether a byte stands between the words of a text.
func separates(c byte) bool {
	return c <= ' ' || strings.IndexByte("\"'`;|&()<>{}[],", c) >= 0
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func identifier(c byte) bool { return letter(c) || c >= '0' && c <= '9' }
