package command

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// rest reads what follows the options: the image, or the root file system, and
// the workload's own arguments.
func (l *line) rest(i int) {
	if l.reader.out.Pod != nil {
		podName(l, i)
		return
	}
	if i >= len(l.words) {
		l.reader.out.Open = append(l.reader.out.Open, form.Open{At: PathOf(container.Image), Word: -1, Why: "the line names no image", Unknown: true})
		return
	}
	l.reader.begin(&option{dashed: "image"}, i, i+1)
	v := l.words[i].Whole()
	switch {
	case l.reader.rootfs:
		rootfsOf(l.reader, v)
	case closed(l.reader, container.Image, v):
		set(l.reader, container.Image, v.Text)
	}
	if i+1 < len(l.words) {
		l.arguments(i + 1)
	}
}

// rootfsOf reads PATH[:O][:idmap].
func rootfsOf(r *reader, v Value) {
	source, opts, _ := v.Cut(':')
	if !closed(r, container.Rootfs, source) {
		return
	}
	set(r, container.Rootfs, source.Text)
	if opts.Text == "O" || strings.HasPrefix(opts.Text, "O,") {
		set(r, container.RootfsOverlay, true)
	}
}

// arguments keeps the workload's arguments as they are written, also those that
// a shell decides.
func (l *line) arguments(i int) {
	l.reader.begin(&option{dashed: "argument"}, i, len(l.words))
	args := make([]string, 0, len(l.words)-i)
	named := false
	for k := i; k < len(l.words); k++ {
		v := l.words[k].Whole()
		args = append(args, v.Text)
		if what := v.Open(); what != "" && !named {
			named = true
			l.reader.note(form.Open{At: PathOf(container.Args), Word: k, Why: Clip(what) + " is expanded by the shell"})
		}
	}
	set(l.reader, container.Args, args)
}

// finish derives what several options say together and closes the collections.
func finish(r *reader) {
	if r.cpuQuota > 0 {
		if r.cpuPeriod <= 0 {
			r.cpuPeriod = 100_000 // the kernel's default, in microseconds
		}
		r.mark = r.marked("--cpu-quota")
		if _, _, stated := container.Cpus.Get(r.spec); !stated {
			container.Cpus.Set(r.spec, float64(r.cpuQuota)/float64(r.cpuPeriod), r.mark)
			r.out.At[PathOf(container.Cpus)] = r.cpuAt
		}
	}
	cappedTwice(r)
	m := r.marked("")
	complete(r, container.Env, m)
	complete(r, container.SecretOf, m)
	complete(r, container.TmpfsAt, m)
	complete(r, container.VolumeAt, m)
	complete(r, container.Publish, m)
	complete(r, container.Sysctl, m)
	complete(r, container.UlimitOf, m)
	complete(r, container.LogOpt, m)
	complete(r, container.Labels, m)
	complete(r, container.Annotation, m)
	complete(r, container.HostFiles, m)
}

// complete closes a collection unless a shell may add to it.
func complete[T any](r *reader, row container.Map[T], m container.Mark) {
	if !r.openRows[row.Key()] {
		row.SetComplete(r.spec, m)
	}
}
