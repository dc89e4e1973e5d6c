package shell

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a shell may make any option of leaves everything open.
func TestWordsThatMightBeAnyOption(t *testing.T) {
	for line, word := range map[string]string{
		`podman run {--privileged,-d} x`:              "{…}",
		`podman run {"--privileged",-d} x`:            "{…}",
		`podman run {--privileged,"-d"} x`:            "{…}",
		`podman run {--{privileged},-d} x`:            "{…}",
		`podman run {a\},--privileged} x`:             "{…}",
		`podman run -{-privileged,d} x`:               "{…}",
		`podman run -e {A=1,--privileged} x`:          "{…}",
		`podman run $OPTS x`:                          "$OPTS",
		`podman run "$OPT" x`:                         "$OPT",
		`podman run --$X x`:                           "$X",
		`podman run "$@"`:                             "$@",
		`podman run -e "$@" x`:                        "$@",
		`podman run "${ARGS[@]}" x`:                   "${ARGS…}",
		`podman run ${X:+--privileged} x`:             "${X…}",
		`podman run ${IMG:---privileged} x`:           "${IMG…}",
		`podman run "${IMG:+--img}"`:                  "${IMG…}",
		`podman run -e ${A:-b --privileged} x`:        "${A…}",
		`podman run $(cat opts) x`:                    "$(…)",
		`podman run * x`:                              "*",
		`podman run --pripileged x`:                   "",
		"podman run `echo --privileged` x":            "$(…)",
		`podman run --rm $1 --privileged --read-only`: "$1",
	} {
		found := false
		for _, o := range read(t, line).Open {
			found = found || o.At.Key == "" && (o.Why == word+" might be any option" || word == "" && o.Unknown)
		}
		if !found {
			t.Errorf("%s: %v", line, read(t, line).Open)
		}
	}
	for _, line := range []string{
		"podman run --rm $IMG a", `podman run "$1"`, "podman run $REG/x a", "podman run ${IMAGE:-$OTHER} a", "podman run --cap-drop={a,b} x",
		`podman run -e "A=${B:-c d}" x`, "podman run -v ${M:-$HOME/m}:/m x", "podman run -e A={} x",
	} {
		for _, o := range read(t, line).Open {
			if o.At.Key == "" {
				t.Errorf("%s: %v", line, o)
			}
		}
	}
}

func TestAnsiQuotes(t *testing.T) {
	if got := said(read(t, `podman run $'--\x70rivileged' x`)); got[len(got)-1] != "privileged=true" {
		t.Errorf("got %v", got)
	}
	for in, want := range map[string]string{
		`a\x41\101\u0041\U00000041`: "aAAAA", `\n\t\\\'\"\?\e\cA`: "\n\t\\'\"?\x1b\x01", `a\0b`: "a", `\q\xg`: `\q\xg`, `\`: `\`, `\xc3\xa9`: "é", `\c`: `\c`,
	} {
		if got, ok := ansiQuoted(in); got != want || !ok {
			t.Errorf("%s: got %q, %v", in, got, ok)
		}
	}
	if got := said(read(t, `podman run --user $'\xff' x`)); got[len(got)-1] != "open user: $'…' is expanded by the shell" {
		t.Errorf("got %v", got)
	}
}

// No message holds what stands inside an expansion.
func TestMessagesHoldNoDefaults(t *testing.T) {
	const secret = "hunter2real"
	for _, e := range []string{"${DB:-" + secret + "}", "$(echo " + secret + ")", "`echo " + secret + "`", "${A[" + secret + "]}", "${A/x/" + secret + "}", "$((" + secret + "+1))", "<(echo " + secret + ")"} {
		for _, format := range []string{"podman run -e A=%s x", "podman run -e =%s x", "podman run -l =%s x", "podman run -v a:b:c:%s x", "podman run -p %s:1:2:3:4 x", "podman run %s x", "podman run --%s x",
			"podman run --cpus %s --tmpfs %s --mount a=%s --security-opt %s --ulimit %s --secret %s x %s", "%s run x", "podman %s x", "podman run --url=%s x", "CONTAINER_HOST=%s podman run x"} {
			text := strings.ReplaceAll(format, "%s", e)
			runs, open, err := Script("", []byte(text))
			for _, r := range runs {
				open = append(open, r.Open...)
			}
			if err != nil || len(open) == 0 && !strings.Contains(format, "url") || strings.Contains(fmt.Sprint(open), secret) {
				t.Errorf("%s: %v, %v", text, open, err)
			}
		}
	}
	if o := read(t, "podman run -e DB=${DB:-hunter2real} x").Open; len(o) != 1 || o[0].Why != "${DB…} is expanded by the shell" {
		t.Errorf("got %v", o)
	}
}

// What a script hides, or sets before a run, is listed.
func TestHiddenRuns(t *testing.T) {
	for text, want := range map[string]string{
		"podman $O run --privileged x":                            "line 1: $O is expanded by the shell, and podman may make a container of it",
		"docker container \"$@\"":                                 "line 1: $@ is expanded by the shell, and docker may make a container of it",
		"sudo ssh h <<'EOF'\npodman\trun x\nEOF":                  "line 1: podman is named in the text that ssh takes to another host",
		"ssh h podman run x":                                      "line 1: podman is named in the words of ssh, and what is done with it is not read|: ssh starts it, and what that changes is not known",
		"cat <<EOF\npodman run x\nEOF\n":                          "",
		"CONTAINER_HOST=a\npodman run x\npodman --url u run y":    "line 1: CONTAINER_HOST is set here, and the engine reads it|remote: CONTAINER_HOST is set earlier in the script",
		"podman run x\nexport DOCKER_HOST=a":                      "line 2: DOCKER_HOST is set here, and the engine reads it",
		"declare -x \"CONTAINERS_CONF=$a\"\npodman run x":         "line 1: CONTAINERS_CONF is set here, and the engine reads it|module: CONTAINERS_CONF is set earlier in the script",
		"command export CONTAINERS_CONF_OVERRIDE=a\ndocker run x": "line 1: CONTAINERS_CONF_OVERRIDE is set here, and the engine reads it|module: CONTAINERS_CONF_OVERRIDE is set earlier in the script",
		"export PODMAN_USERNS\npodman run x":                      "line 1: PODMAN_USERNS is set here, and the engine reads it|userns: PODMAN_USERNS is set earlier in the script",
		"alias podman='podman -r'\npodman run x\ndocker run y":    "line 1: podman is an alias here, and what it stands for is not followed|: podman is an alias here",
		"docker(){ :; }\ndocker run x":                            "line 1: docker is a function here, and what it does is not followed|: docker is a function here",
	} {
		runs, open, err := Script("", []byte(text))
		var got []string
		for _, o := range open {
			got = append(got, o.Why)
		}
		for _, r := range runs {
			for _, o := range r.Open {
				got = append(got, o.At.String()+": "+o.Why)
			}
		}
		if strings.Join(got, "|") != want || err != nil {
			t.Errorf("%s\n got %s\nwant %s (%v)", text, strings.Join(got, "|"), want, err)
		}
	}
}

func TestOptionsThatWereNotNoticed(t *testing.T) {
	for line, want := range map[string]string{
		"docker run --security-opt writable-cgroups=true x":                       "",
		"docker run --security-opt writable-cgroups=false x":                      "",
		"podman run --security-opt label=disable,seccomp=unconfined x":            `security_label: --security-opt: "disable,seccomp=unconfined" is no label option`,
		"podman run --security-opt label=level:s0:c1,c2 x":                        "",
		"podman run --security-opt label=type:a_t --security-opt label:nested x":  "",
		"docker run --mount type=bind,src=/a,dst=/b,ro,bind-recursive=writable x": "volume[/b]: --mount: bind-recursive=writable leaves what is mounted below it writable",
		"docker run -v /a:/b:ro,bind-recursive=writable x":                        "volume[/b]: --volume: bind-recursive=writable leaves what is mounted below it writable",
		"docker run --mount type=bind,src=/a,dst=/b,ro,bind-recursive=readonly x": "",
	} {
		var got []string
		for _, o := range read(t, line).Open {
			got = append(got, o.At.String()+": "+o.Why)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s\n got %v\nwant %s", line, got, want)
		}
	}
}

// Sixteen times the options take about sixteen times as long, not 256 times.
func TestManyOptionsTakeLinearTime(t *testing.T) {
	for _, option := range []string{" --tmpfs /x%d", " --security-opt unmask=/x%d", " --security-opt unmask=/x$i%d", " {a,b%d}", " -e {a,b%d}"} {
		few, many := timeOf(t, option, 1000), timeOf(t, option, 16_000)
		if many > 64*few {
			t.Errorf("%s: 1,000 took %v, 16,000 %v", option, few, many)
		}
	}
}

// timeOf is what reading a line with n of an option takes, at the best of three.
func timeOf(t *testing.T, option string, n int) time.Duration {
	t.Helper()
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, option, i)
	}
	best := time.Hour
	for range 3 {
		begun := processorTime(t)
		if r, _, err := Script("", []byte("podman run"+b.String()+" x")); err != nil || len(r) != 1 {
			t.Fatal(err)
		}
		best = min(best, processorTime(t)-begun)
	}
	return best
}
