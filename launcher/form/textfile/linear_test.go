package textfile_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
)

// long are files of n runs, none of which is as another.
var long = []struct {
	file, head, line, tail string
}{
	{"runs.sh", "", "podman run -d --name n%[1]d -p 127.0.0.1:%[1]d:80 -v /srv/d%[1]d:/d:ro docker.io/library/a%[1]d:1.%[1]d\n", ""},
	{"variables.sh", "", "V%[1]d=a%[1]d\npodman run --name n%[1]d $V%[1]d\n", ""},
	{"variable.sh", "", "V=a%[1]d\npodman run --name n%[1]d $V\n", ""},
	{"exported.sh", "", "export PODMAN_X%[1]d=a\npodman run --name n%[1]d a%[1]d\n", ""},
	{"texts.sh", "", "sh -c 'podman run --name n%[1]d a%[1]d'\n", ""},
	{"pods.sh", "", "podman pod create --name p%[1]d\npodman run --pod p%[1]d a%[1]d\n", ""},
	{"pod.sh", "podman pod create --name p -p 80:80 -v /srv:/srv\n", "podman run --pod p a%[1]d\n", ""},
	{"text.txt", "", "podman run --name n%[1]d a%[1]d\n", ""},
	{"one.md", "```sh\n", "podman run --name n%[1]d a%[1]d\n", "```\n"},
	{"many.md", "", "```sh\npodman run --name n%[1]d a%[1]d\n```\n", ""},
	{"spans.md", "", "Then `podman run --name n%[1]d a%[1]d`.\n", ""},
	{"a.py", "x = (\n", "subprocess.run([\"podman\", \"run\", \"--name\", f\"n{x}%[1]d\", \"x:%[1]d\"])\n", ""},
	{"a.html", "", "<pre>podman run --name n&lt;%[1]d x:%[1]d</pre>\n", ""},
	{"Makefile", "IMAGE=a\nall:\n", "\tpodman run --name n%[1]d $(IMAGE):%[1]d\n", ""},
	{"Dockerfile", "FROM a\n", "FROM b%[1]d\n# b\nRUN podman run --name n%[1]d a%[1]d\n", ""},
	{"ci.yml", "script:\n", "- podman run --name n%[1]d a%[1]d\n", ""},
}

// TestLinear tells that reading a file of four times as many runs makes no more than
// four times as much: what is allocated counts the work, and no clock does.
func TestLinear(t *testing.T) {
	const few, many = 500, 2000
	for _, f := range long {
		t.Run(f.file, func(t *testing.T) {
			allocated := func(n int) uint64 {
				var b strings.Builder
				b.WriteString(f.head)
				for i := range n {
					fmt.Fprintf(&b, f.line, 1000+i)
				}
				text := []byte(b.String() + f.tail)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				runs, _, err := textfile.Read(f.file, text)
				runtime.ReadMemStats(&after)
				if err != nil || len(runs) < n {
					t.Fatalf("%d runs of %d lines, %v", len(runs), n, err)
				}
				return after.TotalAlloc - before.TotalAlloc
			}
			allocated(few) // what is made once
			a, b := allocated(few), allocated(many)
			t.Logf("%d KiB for %d lines, %d KiB for %d", a>>10, few, b>>10, many)
			if b > 5*a {
				t.Errorf("%d KiB for %d lines, %d KiB for %d: more than linear", a>>10, few, b>>10, many)
			}
		})
	}
}

// TestLong reads every line of a long script, and says of a longer one what it does not.
func TestLong(t *testing.T) {
	const most = shell.MaxRuns
	for _, lines := range []int{30_000, most, most + 7} {
		runs, open, err := textfile.Read("start.sh", []byte(strings.Repeat("podman run a\n", lines)))
		if want := min(lines, most); err != nil || len(runs) != want || runs[want-1].Words[0].Line != want {
			t.Fatalf("%d runs of %d lines, %v", len(runs), lines, err)
		}
		if lines > most {
			if len(open) != 1 || !strings.Contains(open[0].Why, "line 50001: more than 50000 runs stand in one file, and 7 are not judged") {
				t.Errorf("open is %v", open)
			}
		} else if len(open) > 0 {
			t.Errorf("open is %v", open)
		}
	}
}
