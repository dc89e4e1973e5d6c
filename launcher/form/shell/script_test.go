package shell

import (
	"fmt"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

const startScript = `#!/bin/bash
set -e
# podman run --privileged commented
PODMAN=podman
start() {
	if ! podman image exists x; then podman pull x; fi
	id=$(podman run -d --name a \
		--read-only x)   # one
}
start && docker run --rm y | tee log
for i in 1 2; do podman create --name "n$i" z; done
$PODMAN run --privileged q
eval "$CMD"
alias docker='podman --remote'
echo podman run x
cat list | xargs -n1 podman run
sh -c 'podman run x'
ssh host docker run x
cat <<END
podman run heredoc
END
`

func TestScript(t *testing.T) {
	runs, open, err := Script("start.sh", []byte(startScript))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, fmt.Sprintf("%s %s line %d %s", r.Subject, r.Engine, r.Words[0].Line, strings.Join(said(r), "|")))
	}
	for _, o := range open {
		got = append(got, o.Why)
	}
	want := `start.sh#1 podman line 7 image=x|name=a|read_only=true|detach=true
start.sh#2 docker line 10 image=y|rm=true|host_file[output]={log print false}
start.sh#3 podman line 11 image=z|open name: $i is expanded by the shell
start.sh#4 podman line 12 image=q|privileged=true
start.sh#5 podman line 16 prefix=[xargs]|open : what xargs reads might be any option|open image: what xargs reads is expanded by the shell
start.sh#6 podman line 17 image=x|prefix=[sh]
start.sh#7 docker line 18 image=x|prefix=[ssh]|open : ssh starts it, and what that changes is not known|open : docker is an alias here
line 13: eval runs $CMD, which cannot be read here
line 14: docker is an alias here, and what it stands for is not followed
line 18: docker is named in the words of ssh, and what is done with it is not read`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

func TestAFunctionHidesRuns(t *testing.T) {
	_, open, err := Script("", []byte("podman() { command podman --root /x \"$@\"; }\npodman run x\n"))
	if err != nil || len(open) != 2 || open[0].Why != "line 1: podman is a function here, and what it does is not followed" {
		t.Errorf("got %v, %v", open, err)
	}
}

// Hostile texts end in an error or a reading, soon, with nothing raw in either.
func TestHostile(t *testing.T) {
	n := 100_000
	many := strings.Repeat
	for name, text := range map[string]string{
		"parentheses": many("(", n), "substitutions": "podman run " + many("$(", n), "ifs": many("if ", n), "braces": many("{ ", n),
		"pipes": many("a|", n) + "a", "ands": many("a&&", n) + "podman run x", "nots": many("! ", n) + "a", "arithmetic": "$((" + many("(1+", n),
		"backquotes": many("`a \\", n), "quotes": many(`"$(`, n), "unary": "echo $((" + many("- ", n) + "1))", "sum": "echo $((" + many("1+", n) + "1))",
		"test": "[[ " + many("! ", n) + "a ]]", "case": many("case a in a) ", n), "expansions": many("${a:-", n), "functions": many("function f ", n),
		"nul": "podman run \x00", "escape": "podman run \x1b[31m --cap-add \x1b[0m x", "not utf-8": "podman run \xff",
		"long word": "podman run " + many("x", 1<<20), "long option": "podman run --" + many("x", 1<<20) + " y",
		"flags": "podman run " + many("--nonsense ", 10_000) + "x", "volumes": "podman run " + many("-v /a:/b ", 10_000) + "x",
		"caps": "podman run " + many("--cap-add=a ", 10_000) + "x", "expose": "podman run --expose " + many("1,", n) + "1 x",
		"globs": "podman run " + many("*:", n) + " x", "brackets": "podman run " + many("[", 1<<20) + "] x", "open braces": "podman run " + many("{", 1<<20) + "} x",
		"commas":              "podman run -v a:/b:" + many(",", n) + " x",
		"functions that call": "f() { f a; f \"$@\"; f b c; }\nf podman " + many("f podman x\n", 1000), "values": doubling(1000), "values in a function": "f() {\n" + doubling(1000) + "}\nf a\n",
		"empty values": "f() {\nx=\"$1\"\n" + many("x=\"$x$x\"\ny=\"$x$x\"\n", 200) + "$y run z\n}\nf ''", "appended": many("x+=a\n", 20_000) + many("$x run y\n", 20_000), "set twice": many("x=a\n", 20_000) + many("$x podman run y\n", 20_000),
		"shifts": many("shift\n", 20_000) + many("\"$@\"\n", 20_000), "starters": many("env ", n) + "podman run x", "unknown starters": many("foo env ", 20_000) + "podman", "xargs": many("xargs ", 20_000) + "podman run x",
		"texts": "bash -c " + inQuotes("podman run x", 12), "unknown texts": "foo " + inQuotes("foo a; podman run x", 12), "many texts": many("foo \"a $x; b\" \"c $y\"\n", 20_000), "documents": many("cat > f.yaml <<E\npodman a\nE\n", 10_000),
		"mentions": many("foo podman\n", 50_000), "elifs": "if a; then b\n" + many("elif c; then d\n", 20_000) + "fi", "aliases": many("alias a=b b=a\na podman\n", 5000),
		"expanded": "podman run -v " + many("$a:", n) + " x", "variables": "podman run " + many("-e a$b=$c ", 10_000) + " x",
	} {
		start := processorTime(t)
		runs, open, err := Script("", []byte(text))
		// A second at most, ten under the race detector; what is not linear takes minutes.
		if took := processorTime(t) - start; took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		for _, r := range runs {
			open = append(open, r.Open...)
		}
		shown := fmt.Sprint(err)
		for _, o := range open {
			shown += o.Why
		}
		if strings.ContainsAny(shown, "\x00\x1b") || !utf8.ValidString(shown) {
			t.Errorf("%s: raw bytes in %q", name, command.Clip(shown))
		}
	}
}

// doubling makes each variable hold the one before it twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("v0=podman\n")
	for i := range n {
		fmt.Fprintf(&b, "v%d=\"$v%d$v%d\"\n", i+1, i, i)
	}
	fmt.Fprintf(&b, "$v%d run x\n", n)
	return b.String()
}

// inQuotes quotes a text n times.
func inQuotes(s string, n int) string {
	for range n {
		s = "\"foo " + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + "\""
	}
	return s
}

// processorTime is what this process has used: other work on the machine does not
// count.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// An alias that a file only sets is for whoever reads the file first.
func TestAnAliasThatIsOnlySet(t *testing.T) {
	for _, text := range []string{"alias ll='podman run --privileged x/y:1'\n", "eval \"alias ll='podman run --privileged x/y:1'\"\n"} {
		runs, _, err := Script("f", []byte(text))
		if err != nil || len(runs) != 1 {
			t.Errorf("%q: %d runs, %v", text, len(runs), err)
		}
	}
	if runs, open, err := Script("f", []byte("alias ll='ls -l' p=podman\n")); err != nil || len(runs)+len(open) > 0 {
		t.Errorf("%d runs, open %v, %v", len(runs), open, err)
	}
}
