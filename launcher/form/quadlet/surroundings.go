package quadlet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// swaps are the keys of [Service] by which another program, or other files, may stand
// where Podman and what it reads are: systemd.exec(5), Paths; and the namespace of
// another process in the place of the host's.
var swaps = strings.Fields(`ExecSearchPath RootDirectory RootImage RootMStack MountImages ExtensionImages ExtensionDirectories
	BindPaths BindReadOnlyPaths NetworkNamespacePath IPCNamespacePath UserNamespacePath`)

// swapped lists such keys: whatever is read of a run, another one may be started.
func (r *reader) swapped() (out []form.Open) {
	for _, name := range swaps {
		if l, said := r.u.last("Service", name); said && l.value != "" {
			out = append(out, form.Open{Word: -1,
				Why: fmt.Sprintf("line %d: [Service] %s= may put another program or other files in the place of Podman's", l.at, name)})
		}
	}
	return out
}

// streams are where a service prints, and intoFile is how it names a file for that.
var (
	streams  = []string{"StandardOutput", "StandardError"}
	intoFile = []string{"file:", "append:", "truncate:"}
)

// prints notes the files that the service prints to. What the workload prints comes
// there, unless Podman leaves it in the background and keeps its log elsewhere.
func (r *reader) prints(run *form.Reading, away bool) {
	for _, name := range streams {
		l, _ := r.u.last("Service", name)
		kind, file, _ := strings.Cut(l.value, ":")
		if !slices.Contains(intoFile, kind+":") {
			continue
		}
		text, holes := filled(file)
		f := container.HostFile{Path: text, Use: "print", Open: len(holes) > 0}
		if away {
			f.Use = "write"
		}
		container.HostFiles.Set(run.Spec, name, f, container.From(r.origin(l.word)))
		if run == r.out {
			run.At[container.Path{Key: container.HostFiles.Key(), Elem: name}] = []int{l.word}
		}
	}
}

// away tells whether Podman goes to the background and the log is not the service's.
func (r *reader) away() bool {
	kind, _ := r.u.last("Service", "Type")
	driver, _, _ := container.LogDriver.Get(r.out.Spec)
	return kind.value != "oneshot" && !strings.HasPrefix(driver, "passthrough")
}
