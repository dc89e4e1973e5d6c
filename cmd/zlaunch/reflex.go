package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	podmancommand "github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// People bring podman's words along. Those that zlaunch does not have are answered with
// the line to type instead; no help lists them.

// verbs of podman's and of others, and what is typed here. NAME stands for the names on
// the line, PROFILE for the profile that they may be runs of, and ARGS for the whole rest.
var verbs = map[string]string{
	"ls": "zlaunch ps\nzlaunch list", "rm": "zlaunch stop NAME", "kill": "zlaunch stop NAME", "remove": "zlaunch stop NAME", "down": "zlaunch stop NAME",
	"start": "zlaunch run -d PROFILE", "create": "zlaunch run -d PROFILE", "up": "zlaunch run -d PROFILE", "serve": "zlaunch run -d PROFILE", "launch": "zlaunch run -d PROFILE",
	"restart": "zlaunch stop NAME && zlaunch run -d PROFILE",
	"images":  "zlaunch list\npodman images ARGS", "image": "zlaunch list\npodman image ARGS",
	"port": "zlaunch ps", "container": "zlaunch ps", "info": "zlaunch doctor", "system": "zlaunch doctor", "check": "zlaunch doctor",
	"generate": "zlaunch plan PROFILE --podman", "kube": "zlaunch plan PROFILE --podman",
	"profiles": "zlaunch list", "lint": "zlaunch validate ARGS",
}

// podmansOwn are verbs of podman's that do for a run of zlaunch what they do for any
// other, or have nothing to do with one.
var podmansOwn = strings.Fields(`attach auto-update build checkpoint commit cp events export farm healthcheck history import init load login logout
	machine manifest mount network pause pod push rename restore rmi save search secret stats tag top umount unpause unshare untag update volume wait`)

// verbInstead is what to type instead of a command line that begins with a verb zlaunch
// does not have; "" not known.
func verbInstead(verb string, args []string) string {
	answer := verbs[verb]
	if slices.Contains(podmansOwn, verb) {
		answer = "podman " + verb + " ARGS"
	}
	names := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.HasPrefix(a, "-") })
	profile := slices.Clone(names[:min(1, len(names))])
	for i := range profile {
		profile[i] = strings.TrimPrefix(profile[i], "zlaunch-")
	}
	for _, part := range []struct {
		word string
		args []string
	}{{"NAME", names}, {"PROFILE", profile}, {"ARGS", args}} {
		text, err := podmanrun.Line(part.args)
		if err != nil {
			return "" // not to be pasted
		}
		if text != "" || part.word == "ARGS" {
			answer = strings.ReplaceAll(answer, part.word, text)
		}
	}
	return strings.TrimSpace(answer)
}

// meant are options of others' habits, behind the command, and what to type instead.
var meant = map[string]string{
	"run --port": publishes, "plan --port": publishes, "run --expose": publishes, "plan --expose": publishes,
	"stop -t": stopTime, "stop --time": stopTime, "stop --timeout": stopTime,
}

const (
	publishes = "a port of the profile, at one of this host: -p HOST:NAME, as -p 9000:http"
	stopTime  = "how long a workload may take to end is set with its run: zlaunch run --podman-arg=--stop-timeout=SECONDS"
)

// instead is what to type instead of a command line whose options are not all c's own; ""
// not known. Where c takes options of podman-run at all, they are handed on, else podman
// has a command of that name which takes them. Relative sources of volumes are below dir.
func (c *command) instead(dir string, fs *pflag.FlagSet, args []string) string {
	for _, a := range args {
		option, _, _ := strings.Cut(a, "=")
		if answer := meant[c.name()+" "+option]; answer != "" {
			return answer
		}
	}
	line, handed := []string{"zlaunch", c.name()}, fs.Lookup("podman-arg") != nil
	switch {
	case !handed && slices.Contains([]string{"exec", "logs", "ps", "pull"}, c.name()):
		line = append([]string{"podman", c.name()}, args...)
	case !handed:
		return ""
	default:
		rest, ok := handOn(fs, args)
		if !ok {
			return ""
		}
		for _, word := range rest {
			line = append(line, placed(dir, word))
		}
	}
	text, err := podmanrun.Line(line)
	if err != nil {
		return "" // not to be pasted
	}
	if handed && strings.Contains(text, volumeHanded) {
		text += "\na model tree, checked and read-only: --models PATH"
	}
	return text
}

const volumeHanded = "--podman-arg=--volume="

// placed is a word whose volume is below dir, written as a plan takes it: absolute.
func placed(dir, word string) string {
	spec, is := strings.CutPrefix(word, volumeHanded)
	source, rest, mounted := strings.Cut(spec, ":")
	if !is || !mounted || dir == "" || !strings.HasPrefix(source, ".") {
		return word
	}
	return volumeHanded + filepath.Join(dir, source) + ":" + rest
}

// handOn writes the options that fs does not have as --podman-arg; false where podman does
// not have one either.
func handOn(fs *pflag.FlagSet, args []string) (line []string, ok bool) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return append(line, args[i:]...), true
		case len(a) < 2 || a[0] != '-' || known(fs, a):
			line = append(line, a)
			if len(a) > 1 && a[0] == '-' && awaitsValue(fs, a) != nil && i+1 < len(args) {
				i++
				line = append(line, args[i])
			}
			continue
		}
		word, value, given := strings.TrimLeft(a, "-"), "", false
		if strings.HasPrefix(a, "--") {
			word, value, given = strings.Cut(word, "=")
		} else if len(word) > 1 {
			word, value, given = word[:1], strings.TrimPrefix(word[1:], "="), true
		}
		name, takes, is := podmancommand.OptionOf(word)
		if !is || takes && !given && i+1 == len(args) {
			return nil, false
		}
		if takes && !given {
			i++
			value, given = args[i], true
		}
		line = append(line, handedOn(fs, name, value, given))
	}
	return line, true
}

// known tells whether fs has the option, or each of the letters, that word is.
func known(fs *pflag.FlagSet, word string) bool {
	if name, long := strings.CutPrefix(word, "--"); long {
		name, _, _ = strings.Cut(name, "=")
		return fs.Lookup(name) != nil
	}
	return word[1] < 128 && fs.ShorthandLookup(word[1:2]) != nil
}

// handedOn is one option of podman's in the words of zlaunch.
func handedOn(fs *pflag.FlagSet, name, value string, given bool) string {
	switch {
	case name == "gpus" && value == "all":
		return "--gpu"
	case name == "gpus":
		return "--gpu=nvidia.com/gpu=" + strings.TrimPrefix(value, "device=")
	case given && fs.Lookup(name) != nil: // podman's letter, or other name, for one that zlaunch has
		return "--" + name + "=" + value
	case given:
		return "--podman-arg=--" + name + "=" + value
	}
	return "--podman-arg=--" + name
}
