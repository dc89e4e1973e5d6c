package quadlet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
)

// readSurroundings lists the keys of [Service] that change the engine's surroundings, and
// those that nobody has read.
func readSurroundings(r *reader) {
	for _, l := range r.u.lines {
		switch {
		case l.section != "Service" || l.value == "":
		case command.ServiceKeyOf(l.key) == command.ReplacesFiles:
			for _, row := range append([]container.Row{container.Runtime}, toldByVariables...) {
				r.open(form.Open{At: container.Path{Key: row.Key()}, Word: l.word,
					Why: "[Service] " + l.key + "= may put other programs and configuration in the place of the engine's own"})
			}
		case l.key == "Sockets":
			r.open(form.Open{At: container.Path{Key: container.Publish.Key()}, Word: l.word,
				Why: "[Service] Sockets= hands on what other units listen on, and Podman gives it to the workload"})
		case command.ServiceKeyOf(l.key) == command.NobodyRead:
			r.open(form.Open{Word: l.word, At: container.Path{Key: "service", Elem: clip(l.key)},
				Why: "[Service] " + clipped(l.key) + "= is a key whose effect on the engine is not known"})
		}
	}
}

// readStreams notes the files to which systemd sends what a run prints, and those from which
// it is fed: Podman hands the descriptors of OpenFile= on to the workload as well.
func readStreams(r *reader, out *form.Reading) {
	n := 0
	for _, l := range r.u.lines {
		if l.section != "Service" || command.ServiceKeyOf(l.key) != command.Redirects {
			continue
		}
		for _, f := range streamed(l) {
			text, holes := filled(f.Path)
			f.Path, f.Open = text, len(holes) > 0
			name := "[Service] " + l.key
			if n++; n > 1 {
				name = fmt.Sprintf("%s@%d", name, n)
			}
			container.HostFiles.Set(out.Spec, name, f, container.From(r.origin(l.word)))
			if path := (container.Path{Key: container.HostFiles.Key(), Elem: name}); out == r.out {
				out.At[path] = []int{l.word}
			}
		}
	}
}

// streamed are the files that a line names, and what becomes of them.
func streamed(l line) []container.HostFile {
	if l.key == "OpenFile" {
		file, options, _ := strings.Cut(l.value, ":")
		out := []container.HostFile{{Path: file, Use: "feed"}}
		if !strings.Contains(options, "read-only") && file != "" {
			out = append(out, container.HostFile{Path: file, Use: "print"})
		}
		return out
	}
	kind, file, _ := strings.Cut(l.value, ":")
	switch {
	case !slices.Contains([]string{"file", "append", "truncate"}, kind):
		return nil
	case l.key == "StandardInput":
		return []container.HostFile{{Path: file, Use: "feed"}}
	}
	return []container.HostFile{{Path: file, Use: "print"}}
}
