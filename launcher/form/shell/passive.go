package shell

import (
	"cmp"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"slices"
	"strings"
)

// What follows are the commands of which it is known that they do not run what their
// arguments say. A command of none of the lists opens the text where an engine is
// named in its arguments.

// tellers print their arguments. They are harmless where a person reads that.
const tellers = "echo printf cat less more print figlet cowsay banner say wall notify-send dialog whiptail zenity"

// silent never print what they were told, but to a log, and run nothing.
const silent = `: true false test [ logger exit return break continue cd pushd popd sleep kill umask ulimit tput stty unalias unset read shift wait
	jobs getopts shopt set`

// finders look a name up.
const finders = "which type whereis pgrep pkill killall pidof getent id apropos whatis hash help"

// namers take names of packages, units, groups, files and texts to look for.
const namers = `apt apt-get apt-mark apt-cache aptitude dpkg dpkg-query yum dnf dnf5 microdnf tdnf rpm rpm-ostree zypper pacman apk brew port emerge pip pip3 pipx
	systemctl loginctl journalctl service rc-service rc-update update-rc.d chkconfig invoke-rc.d
	usermod groupadd groupmod groupdel gpasswd adduser addgroup deluser delgroup useradd newgrp
	mkdir rmdir rm ls ll stat du df touch chmod chown chgrp file basename dirname realpath readlink
	md5sum sha1sum sha256sum sha512sum
	grep egrep fgrep rg wc head tail sort uniq cut tr column nl fold fmt tac rev diff cmp comm jq yq
	ps top htop free lsof ss netstat ping
	git skopeo crane getcap restorecon semanage loginctl sysctl modprobe lsmod`

// sinks hand on what they read, or part of it, and nothing else.
const sinks = "grep egrep fgrep rg cat head tail sort uniq wc cut tr column nl fold fmt tac rev less more jq yq logger md5sum sha256sum"

// passes tells whether a command does nothing with an engine that its arguments name.
func passes(sc *script, name string, words []command.Word, c context) bool {
	if sc.strict {
		return false
	}
	args := words[1:]
	switch {
	case oneWordOf("[ test", name) && slices.ContainsFunc(args, sc.substitutes):
		return false
	case oneWordOf(silent, name):
		return name != "read" || !c.fed
	case oneWordOf(tellers, name):
		if oneWordOf("less more", name) && slices.ContainsFunc(args, beginsWith("+")) {
			return false // +!COMMAND
		}
		if name == "printf" && len(args) > 0 && (len(args[0].Spans) > 0 && args[0].Parts || strings.HasPrefix(args[0].Text, "-v")) {
			return false
		}
		return !sc.flow.caught(c)
	case oneWordOf(finders, name):
		return !sc.flow.caught(c) && !slices.ContainsFunc(args, func(w command.Word) bool { return strings.HasPrefix(w.Text, "-p") && name == "hash" })
	case oneWordOf(namers, name):
		return passesNames(name, args) && (name != "newgrp" || !c.fed)
	case name == "command":
		return len(args) > 0 && oneWordOf("-v -V -pv -pV", args[0].Text) && !sc.flow.caught(c)
	case name == "find":
		return !slices.ContainsFunc(args, func(w command.Word) bool {
			return strings.HasPrefix(w.Text, "-exec") || strings.HasPrefix(w.Text, "-ok") || strings.HasPrefix(w.Text, "-fp") || strings.HasPrefix(w.Text, "-fl")
		})
	}
	return false
}

// passesNames tells whether all arguments that may name an engine are names, and no
// option takes one.
func passesNames(name string, args []command.Word) bool {
	text := oneWordOf("grep egrep fgrep rg diff cmp comm jq yq head tail cut tr ls wc", name)
	if name == "systemctl" && slices.ContainsFunc(args, func(w command.Word) bool { return w.Text == "edit" }) {
		return false // it may take a unit from its standard input
	}
	if name == "git" && (len(args) == 0 || !oneWordOf("commit tag log add clone checkout switch push pull fetch status diff show branch rm mv stash", args[0].Text)) {
		return false
	}
	for i, w := range args {
		named := len(mentions(w.Text)) > 0
		switch {
		case !named || text:
		case strings.HasPrefix(w.Text, "-"):
			if name != "git" || !tellsGit(w.Text) {
				return false
			}
		case name == "git" && i > 0 && oneWordOf("-u --upload-pack --receive-pack --exec --template", args[i-1].Text):
			return false
		case i > 0 && (args[i-1].Text == "-o" || args[i-1].Text == "--eval" || args[i-1].Text == "-E" || args[i-1].Text == "--pipe" || args[i-1].Text == "--define"):
			return false
		case name == "git" && i > 0 && oneWordOf("-m --message -am -F", args[i-1].Text):
		case strings.Trim(w.Text, namesOnly) != "":
			return false
		case oneWordOf(managers, name) && !enginesOwn(w.Text) && !slices.ContainsFunc(args, stopping):
			return false // a unit that is called after an engine runs what nobody read
		}
	}
	return true
}

// tellsGit tells whether an option of git holds a text that git keeps or looks for:
// another may be a program, as --upload-pack is.
func tellsGit(o string) bool {
	o, _, _ = strings.Cut(o, "=")
	return oneWordOf("--message --grep --author --format --pretty --date --since --until --branch", o) || strings.HasPrefix(o, "-m")
}

// managers start units and services by their names.
const managers = "systemctl service rc-service rc-update update-rc.d chkconfig invoke-rc.d"

// enginesOwn tells whether a unit is the engine itself, not what runs a container by it:
// podman-kube@, podman-restart and docker-web do.
func enginesOwn(unit string) bool {
	name, kind, _ := strings.Cut(unit, ".")
	return oneWordOf("podman docker podman-clean-transient docker-cleanup crio", name) && oneWordOf("service socket path", cmp.Or(kind, "service"))
}

// stopping tells whether a word is a command for such a manager that starts nothing.
func stopping(w command.Word) bool {
	return oneWordOf("stop kill status show cat disable mask is-active is-enabled is-failed list-units list-unit-files list-dependencies reset-failed", w.Text)
}

// namesOnly are the bytes that names are made of.
const namesOnly = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:@+=~^*-{},"

// caught tells whether what a command prints goes elsewhere than to a person.
func (fl *flow) caught(c context) bool {
	if c.captured || fl.words.names.facts.catches {
		return true
	}
	return c.fn != nil && fl.words.names.facts.captured[c.fn.Name.Value]
}
