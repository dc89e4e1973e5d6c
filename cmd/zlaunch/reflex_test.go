package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// A word of podman's is answered with the line to type.
func TestReflexes(t *testing.T) {
	for line, want := range map[string]string{
		"ls":                         "zlaunch ps",
		"ls -a":                      "zlaunch list",
		"stop -t 5 web":              stopTime,
		"run --port 9000:http x":     publishes,
		"serve triton":               "zlaunch run -d triton",
		"run python a.py":            "what the workload is to get stands behind --: python -- a.py",
		"rm -f web":                  "zlaunch stop web",
		"kill a b":                   "zlaunch stop a b",
		"rm":                         "zlaunch stop NAME",
		"start zlaunch-triton":       "zlaunch run -d triton",
		"restart zlaunch-triton":     "zlaunch stop zlaunch-triton && zlaunch run -d triton",
		"images":                     "podman images",
		"top web":                    "podman top web",
		"stats --no-stream web":      "podman stats --no-stream web",
		"info":                       "zlaunch doctor",
		"run -v ./m:/models triton":  "zlaunch run --podman-arg=--volume=DIR/m:/models triton",
		"run -v./m:/models triton":   "zlaunch run --podman-arg=--volume=DIR/m:/models triton",
		"run triton --gpus all":      "zlaunch run triton --gpu",
		"run --gpus device=0 triton": "zlaunch run --gpu=nvidia.com/gpu=0 triton",
		"run --privileged triton":    "zlaunch run --podman-arg=--privileged triton",
		"run -u 0 -d --cap-add=x t":  "zlaunch run --podman-arg=--user=0 -d --podman-arg=--cap-add=x t",
		"run -m 8g triton":           "zlaunch run --memory=8g triton",
		"run --net host triton":      "zlaunch run --network=host triton",
		"run --user $(id) x":         "zlaunch run '--podman-arg=--user=$(id)' x",
		"plan --shm-size 1g x -- -v": "zlaunch plan --podman-arg=--shm-size=1g x -- -v",
		"run --modles m triton":      "did you mean --models?",
		"run --frobnicate -v a:b x":  "zlaunch help run",
		"ps --filter name=x":         "podman ps --filter 'name=x'",
		"logs --since 5m web":        "podman logs --since 5m web",
		"rm \x1b[2J":                 "zlaunch help",
	} {
		w := newWorld(t)
		if status := w.run(strings.Fields(line)...); status != 2 && status != 125 {
			t.Errorf("%s: status %d", line, status)
		}
		want = strings.Replace(want, "DIR", w.dir, 1)
		if !slices.Contains(strings.Split(w.stderr.String(), "\n"), "zlaunch: hint: "+want) {
			t.Errorf("%s: no hint %q:\n%s", line, want, w.stderr.String())
		}
	}
}

// Podman's other words do what they say: a plan instead of a run, removal at the end.
func TestHabits(t *testing.T) {
	w := newWorld(t)
	for line, want := range map[string]string{
		"run --dry-run --rm triton": "connecting to", "plan --rm triton": "connecting to", "ps -a -q --no-trunc": "connecting to",
		"run --rm=false triton": "what has ended is removed", "ps --format {{.Nmae}}": "ID, Image, Member, Name, Names", "ps --format {{len(.ID)}}": "is more than fields",
		"stop -a x": "two wishes", "run --dry-run --json triton": "connecting to",
	} {
		if w.run(strings.Fields(line)...); !strings.Contains(w.stderr.String(), want) {
			t.Errorf("%s: lacks %q:\n%s", line, want, w.stderr.String())
		}
	}
	for _, line := range []string{"help run", "help ps", "help --man ps", "__complete -- ps -"} {
		if w.run(strings.Fields(line)...); strings.Contains(w.stdout.String(), "--rm") || strings.Contains(w.stdout.String(), "no-trunc") {
			t.Errorf("%s lists what is only accepted:\n%s", line, w.stdout.String())
		}
	}
}

func TestPsFormat(t *testing.T) {
	doc := psReport(nil, nil)
	doc.Runs = append(doc.Runs, report.Running{Name: "web", ID: strings.Repeat("0123456789", 7)[:64], State: "running"})
	for format, want := range map[string]string{
		"{{.ID}}":                        "012345678901\n",
		`{{.Names}}\t{{ .Status }}`:      "web\trunning\n",
		"table {{.Names}} {{.Image}}":    "NAMES IMAGE\nweb \n",
		`{{.Name}} {{.Ports}}|{{.URLs}}`: "web |\n",
		"plain":                          "plain\n",
	} {
		line, err := psLine(format, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := line(doc); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
	doc.Runs[0].URLs = []record.URL{{URL: "http://a\nb\x1b[31m"}}
	if line, err := psLine("{{.URL}}", false); err != nil || line(doc) != "http://a\\nb\\u001b[31m\n" {
		t.Errorf("%v: %q is more than a line", err, line(doc))
	}
	line, err := psLine("{{json .}}", true)
	if err != nil || !strings.HasPrefix(line(doc), `{"name":"web","id":"0123456789012345`) {
		t.Error(line(doc), err)
	}
}
