package shell

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// hider draws scripts that hide a privileged run.
type hider struct {
	*rand.Rand
	n    int      // names that were given
	ways []string // how this one is hidden, for a message
}

func (h *hider) name(s string) string { h.n++; return fmt.Sprintf("%s%d", s, h.n) }

func draw[T any](h *hider, of []T) T { return of[h.IntN(len(of))] }

// quote writes a text as one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// script draws one: a run, and up to four ways around it.
func (h *hider) script() string {
	h.ways = nil
	text := h.run()
	for range h.IntN(5) {
		w := draw(h, wraps)
		h.ways = append(h.ways, w.name)
		text = w.around(h, text)
	}
	return strings.Repeat("true\n", h.IntN(3)) + text + "\n"
}

// run draws a privileged run whose words are written in odd ways.
func (h *hider) run() string {
	w := draw(h, spellings)
	h.ways = append(h.ways, w.name)
	return w.around(h, draw(h, []string{"podman", "docker", "podman", "podman", "nerdctl", "docker.io", "podman-remote", "nvidia-docker"}))
}

type way struct {
	name   string
	around func(h *hider, text string) string
}

// args draws what follows the engine's name.
func (h *hider) args() string {
	return draw(h, []string{
		"run --privileged x/y:1", "run --rm -it --privileged x/y:1 sh", "run --privileged=true -- x/y:1", "container run --privileged x/y:1", "create --privileged x/y:1",
		"run --rm --privileged \\\n  x/y:1", "run '--privileged' x/y:1", `run --priv""ileged x/y:1`, `run "--privileged" 'x/y:1'`, "--log-level=debug run --privileged x/y:1",
		"exec --privileged c sh", "start c", "kube play pod.yaml", "pod create --privileged", "compose up", "container clone c", "run $'--privileged' x/y:1",
	})
}

// spellings are ways to write the run itself, by the engine's name.
var spellings = []way{
	{"plain", func(h *hider, e string) string { return e + " " + h.args() }},
	{"empty quotes", func(h *hider, e string) string { return e[:1] + `""` + e[1:] + " " + h.args() }},
	{"a backslash", func(h *hider, e string) string { return e[:2] + `\` + e[2:] + " " + h.args() }},
	{"quotes", func(h *hider, e string) string { return "'" + e + "' " + h.args() }},
	{"ANSI quotes", func(h *hider, e string) string { return fmt.Sprintf(`$'\x%02x%s' `, e[0], e[1:]) + h.args() }},
	{"a continued line", func(h *hider, e string) string { return e[:3] + "\\\n" + e[3:] + " \\\n " + h.args() }},
	{"braces", func(h *hider, e string) string { return "{" + e + ",run,--privileged,x/y:1}" }},
	{"tabs", func(h *hider, e string) string { return e + "\trun\t--privileged\tx/y:1" }},
	{"a path", func(h *hider, e string) string { return "command " + e + " " + h.args() }},
	{"exec", func(h *hider, e string) string { return "( exec " + e + " " + h.args() + " )" }},
	{"a variable", func(h *hider, e string) string {
		v := h.name("v")
		return v + "=" + e + "\n$" + v + " " + h.args()
	}},
	{"two variables", func(h *hider, e string) string {
		a, b := h.name("a"), h.name("b")
		return a + "=" + e[:3] + "\n" + b + "=" + e[3:] + "\n\"$" + a + "$" + b + "\" " + h.args()
	}},
	{"a whole command", func(h *hider, e string) string {
		v := h.name("v")
		return v + "='" + e + " run --privileged x/y:1'\n$" + v
	}},
	{"a list", func(h *hider, e string) string {
		v := h.name("l")
		return v + "=(" + e + " run --privileged)\n" + v + "+=(x/y:1)\n\"${" + v + "[@]}\""
	}},
	{"a list, changed where it holds", func(h *hider, e string) string {
		v := h.name("l")
		return v + "=(" + e + " run)\nif true; then " + v + "+=(--privileged); fi\n" + v + "+=(x/y:1)\n\"${" + v + "[@]}\""
	}},
	{"arguments of the script", func(h *hider, e string) string { return "set -- " + e + " run --privileged x/y:1\n\"$@\"" }},
	{"a default", func(h *hider, e string) string { return "${" + h.name("UNSET") + ":-" + e + "} " + h.args() }},
	{"small letters", func(h *hider, e string) string {
		v := h.name("v")
		return v + "=" + strings.ToUpper(e) + "\n${" + v + ",,} run --privileged x/y:1"
	}},
	{"a part of a text", func(h *hider, e string) string {
		v := h.name("v")
		return v + "=xx" + e + "xx\n${" + v + ":2:" + fmt.Sprint(len(e)) + "} run --privileged x/y:1"
	}},
	{"what is printed", func(h *hider, e string) string { return "$(printf %s " + e + ") " + h.args() }},
	{"backwards", func(h *hider, e string) string {
		r := []rune(e)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return "$(echo " + string(r) + " | rev) run --privileged x/y:1"
	}},
	{"looked up", func(h *hider, e string) string { return `"$(command -v ` + e + `)" ` + h.args() }},
	{"a name for a name", func(h *hider, e string) string {
		a, b := h.name("a"), h.name("b")
		return a + "=" + e + "\n" + b + "=" + a + "\n${!" + b + "} run --privileged x/y:1"
	}},
	{"a conditional variable", func(h *hider, e string) string {
		v := h.name("v")
		return "if true; then " + v + "=" + e + "; else " + v + "=true; fi\n$" + v + " run --privileged x/y:1"
	}},
	{"a loop over engines", func(h *hider, e string) string {
		v := h.name("e")
		return "for " + v + " in " + e + "; do $" + v + " run --privileged x/y:1; done"
	}},
	{"a verb in a variable", func(h *hider, e string) string {
		v := h.name("v")
		return v + "=run\n" + e + " $" + v + " --privileged x/y:1"
	}},
	{"a function for arguments", func(h *hider, e string) string {
		f := h.name("f")
		return f + "() { " + e + " run \"$@\"; }\n" + f + " --privileged x/y:1"
	}},
	{"a function for a command", func(h *hider, e string) string {
		f := h.name("f")
		return f + "() { \"$@\"; }\n" + f + " " + e + " " + h.args()
	}},
	{"a shifted argument", func(h *hider, e string) string {
		f := h.name("f")
		return f + "() { shift; \"$@\"; }\n" + f + " x " + e + " " + h.args()
	}},
	{"a list of names", func(h *hider, e string) string {
		v := h.name("m")
		return "declare -A " + v + "=([a]=" + e + ")\n${" + v + "[a]} run --privileged x/y:1"
	}},
	{"a variable that is read", func(h *hider, e string) string {
		v := h.name("v")
		return "read -r " + v + " <<< '" + e + " run --privileged x/y:1'\n$" + v
	}},
	{"printf -v", func(h *hider, e string) string {
		v := h.name("v")
		return "printf -v " + v + " %s " + e + "\n\"$" + v + "\" run --privileged x/y:1"
	}},
	{"a nameref", func(h *hider, e string) string {
		a, b := h.name("a"), h.name("b")
		return a + "=true\ndeclare -n " + b + "=" + a + "\n" + b + "=" + e + "\n$" + a + " run --privileged x/y:1"
	}},
	{"env -S", func(h *hider, e string) string { return "env -S '" + e + " run --privileged x/y:1'" }},
	{"xargs", func(h *hider, e string) string { return "echo x/y:1 | xargs " + e + " run --privileged" }},
	{"xargs of all", func(h *hider, e string) string { return "echo " + e + " run --privileged x/y:1 | xargs env" }},
	{"find", func(h *hider, e string) string {
		return "find . -maxdepth 0 -exec " + e + " run --privileged x/y:1 {} \\;"
	}},
	{"a starter", func(h *hider, e string) string {
		return draw(h, []string{"nice -n 5", "timeout 9", "env A=b", "setsid -w", "stdbuf -oL", "time", "nohup", "sudo", "doas", "sudo -u bob", "systemd-run --user -P", "nsenter -t 1 -m",
			"chroot /", "unshare -r", "setpriv --nnp", "ionice -c 3", "strace -f", "runuser -u bob --", "machinectl shell u@.host", "faketime x", "A=b", "exec -a x", "builtin command"}) + " " + e + " " + h.args()
	}},
	{"an alias", func(h *hider, e string) string {
		a := h.name("al")
		return "shopt -s expand_aliases\nalias " + a + "=" + e + "\n" + a + " " + h.args()
	}},
	{"an echo that is none", func(h *hider, e string) string { return "echo() { command \"$@\"; }\necho " + e + " " + h.args() }},
	{"a link", func(h *hider, e string) string {
		f := h.name("./ln")
		return "ln -s \"$(command -v " + e + ")\" " + f + "\n" + f + " run --privileged x/y:1"
	}},
}

func wrap(before, after string) func(*hider, string) string {
	return func(_ *hider, text string) string { return before + text + after }
}

// asWord makes a command of the text as one quoted word.
func asWord(format string) func(*hider, string) string {
	return func(_ *hider, text string) string { return strings.ReplaceAll(format, "@", quote(text)) }
}

// document makes a here-document of the text.
func document(format string) func(*hider, string) string {
	return func(h *hider, text string) string {
		eof := h.name("EOF")
		return strings.ReplaceAll(strings.ReplaceAll(format, "@", "'"+eof+"'"), "%", text+"\n"+eof+"\n")
	}
}

// wraps are ways to run a text.
var wraps = []way{
	{"subshell", wrap("(\n", "\n)")}, {"block", wrap("{\n", "\n}")}, {"if", wrap("if true; then\n", "\nfi")}, {"condition", wrap("if\n", "\nthen :; fi")},
	{"for", wrap("for i in 1; do\n", "\ndone")}, {"while", wrap("while :; do\n", "\nbreak; done")}, {"case", wrap("case x in x)\n", "\n;; esac")},
	{"not", wrap("! {\n", "\n}")}, {"time", wrap("time {\n", "\n}")}, {"background", wrap("{\n", "\n} & wait")}, {"or", wrap("false || {\n", "\n}")},
	{"substitution", wrap(": \"$(\n", "\n)\"")}, {"assignment", wrap("x=$(\n", "\n)")}, {"backquotes in a test", wrap("[ -n \"$(\n", "\n)\" ]")},
	{"process", wrap("cat <(\n", "\n)")}, {"coproc", wrap("coproc {\n", "\n}; wait")}, {"select", wrap("select o in a; do\n", "\nbreak; done <<< 1")},
	{"an expansion", wrap("echo ${UNSET:-$(\n", "\n)}")}, {"arithmetic", wrap("echo $(( $(\n", "\n\necho 1) ))")}, {"redirected", wrap("{\n", "\n} > /dev/null 2>&1")},
	{"eval", asWord("eval @")}, {"sh -c", asWord("bash -c @")}, {"bash -ec", asWord("bash -e -o pipefail -c @")}, {"trap", asWord("trap @ EXIT")}, {"herestring", asWord("bash <<< @")},
	{"echo to sh", asWord("echo @ | bash")}, {"printf to sh", asWord(`printf '%s\n' @ | bash`)}, {"sourced print", asWord("source <(printf '%s\\n' @)")},
	{"a carried text", func(h *hider, t string) string {
		v := h.name("t")
		return v + "=" + quote(t) + "\n" + strings.ReplaceAll(draw(h, []string{`eval "@"`, `bash -c "@"`, `bash <<< "@"`, `printf '%s\n' "@" | bash`, `trap "@" EXIT`}), "@", "$"+v)
	}},
	{"timeout sh -c", asWord("timeout 9 bash -c @")}, {"env sh -c", asWord("env A=b bash -c @")}, {"sudo sh -c", asWord("sudo -E bash -c @")}, {"nice sh -c", asWord("nice bash -c @")},
	{"su", asWord("su bob -c @")}, {"su -lc", asWord("su -lc @")}, {"runuser", asWord("runuser -u bob -- bash -c @")}, {"runuser -c", asWord("runuser bob -c @")}, {"sg", asWord("sg docker -c @")},
	{"flock", asWord("flock ./lock -c @")}, {"ssh", asWord("ssh host @")}, {"watch", asWord("watch -n 5 @")}, {"script", asWord("script -qc @ /dev/null")}, {"doas", asWord("doas bash -c @")},
	{"xargs sh -c", asWord("echo 1 | xargs -I{} bash -c @")}, {"xargs a text", asWord("printf '%s\\0' @ | xargs -0 bash -c")}, {"find -exec", asWord(`find . -maxdepth 0 -exec bash -c @ \;`)},
	{"systemd-run", asWord("systemd-run --user --wait bash -c @")}, {"nsenter", asWord("nsenter -t 1 bash -c @")}, {"chroot", asWord("chroot / bash -c @")}, {"unshare", asWord("unshare -r bash -c @")},
	{"setpriv", asWord("setpriv --nnp bash -c @")}, {"parallel", asWord("parallel ::: @")}, {"busybox", asWord("busybox timeout 9 bash -c @")}, {"unknown", asWord("frobnicate --with @")},
	{"python", func(_ *hider, t string) string {
		return "python3 -c 'import subprocess,base64; subprocess.call([\"bash\",\"-c\",base64.b64decode(\"" + base64.StdEncoding.EncodeToString([]byte(t)) + "\")])'"
	}},
	{"base64", func(_ *hider, t string) string {
		return "echo " + base64.StdEncoding.EncodeToString([]byte(t)) + " | base64 -d | bash"
	}},
	{"base64 in eval", func(_ *hider, t string) string {
		return "eval \"$(echo " + base64.StdEncoding.EncodeToString([]byte(t)) + " | base64 -d)\""
	}},
	{"base64 sourced", func(_ *hider, t string) string {
		return "source <(base64 -d <<< " + base64.StdEncoding.EncodeToString([]byte(t)) + ")"
	}},
	{"base64 in a file of a name", func(h *hider, t string) string {
		f := h.name("./made")
		return "base64 -d <<< " + base64.StdEncoding.EncodeToString([]byte(t)) + " > " + f + "\n" + draw(h, []string{"bash " + f, ". " + f, "chmod +x " + f + "\n" + f})
	}},
	{"arithmetic", func(h *hider, t string) string {
		v := h.name("i")
		return v + "=" + quote("a[$(\n"+t+"\n\necho 0)]") + "\n(( " + v + " ))"
	}},
	{"a prompt's expansion", func(h *hider, t string) string {
		v := h.name("i")
		return v + "=" + quote("$(\n"+t+"\n)") + "\necho \"${" + v + "@P}\""
	}},
	{"base64 in a file", func(h *hider, t string) string {
		v := h.name("f")
		return v + "=$(mktemp)\nbase64 -d <<< " + base64.StdEncoding.EncodeToString([]byte(t)) + " > \"$" + v + "\"\n" + draw(h, []string{"bash", ".", "bash -e"}) + " \"$" + v + "\""
	}},
	{"document to sh", document("bash <<@\n%")}, {"document to cat to sh", document("cat <<@ | bash\n%")}, {"document to sudo sh", document("sudo bash -s <<@\n%")},
	{"document sourced", document("source /dev/stdin <<@\n%")}, {"document to ssh", document("ssh host bash <<@\n%")}, {"document to at", document("at now <<@\n%")},
	{"document in a group", document("{ bash; } <<@\n%")}, {"document in a loop", document("while IFS= read -r line; do t+=$line$'\\n'; done <<@\n%eval \"$t\"")},
	{"document to a file", func(h *hider, t string) string {
		f := h.name("file")
		if h.IntN(2) == 0 {
			f += ".sh"
		}
		return document("cat > ./"+f+" <<@\n%")(h, t) + draw(h, []string{"bash ", ". ", "bash -x "}) + "./" + f
	}},
	{"document through tee", func(h *hider, t string) string {
		f := h.name("file") + ".sh"
		return document("tee ./"+f+" <<@\n%")(h, t) + "bash ./" + f
	}},
	{"document to a variable", func(h *hider, t string) string {
		v := h.name("d")
		return document("IFS= read -r -d '' "+v+" <<@\n%")(h, t) + "eval \"$" + v + "\""
	}},
	{"function", func(h *hider, t string) string { f := h.name("f"); return f + "() {\n" + t + "\n}\n" + f }},
	{"function in a trap", func(h *hider, t string) string {
		f := h.name("f")
		return f + "() {\n" + t + "\n}\ntrap " + f + " EXIT"
	}},
	{"exported function", func(h *hider, t string) string {
		f := h.name("f")
		return f + "() {\n" + t + "\n}\nexport -f " + f + "\nbash -c " + f
	}},
	{"function that prints", func(h *hider, t string) string {
		f := h.name("f")
		return f + "() { echo " + quote(t) + "; }\n" + f + " | bash"
	}},
	{"function that evaluates", func(h *hider, t string) string {
		f := h.name("f")
		return f + "() { eval \"$1\"; }\n" + f + " " + quote(t)
	}},
	{"function for sh -c", func(h *hider, t string) string {
		f := h.name("f")
		return f + "() { local c=$1; shift; bash -c \"$c\" _ \"$@\"; }\n" + f + " " + quote(t)
	}},
	{"arguments of sh -c", asWord(`bash -c 'eval "$1"' _ @`)}, {"prompt", asWord("PROMPT_COMMAND=@\neval \"$PROMPT_COMMAND\"")},
	{"list of texts", func(h *hider, t string) string {
		v := h.name("l")
		return v + "=(" + quote(t) + ")\nfor t in \"${" + v + "[@]}\"; do eval \"$t\"; done"
	}},
	{"one of many", func(h *hider, t string) string { return "true && {\n" + t + "\n} || false" }},
}
