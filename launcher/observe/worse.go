package observe

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// worsen lays of from over into what is worse, with its mark. granted leaves out
// what the configuration has no say in.
func worsen(into, from *container.Spec, granted bool) {
	for _, r := range container.All() {
		if c := Walls[r.Key()]; c.Worst != nil && (c.Granted || !granted) {
			c.Worst(into, from)
		}
	}
}

// most takes the larger number.
func most(row container.Field[int64]) func(into, from *container.Spec) {
	return func(into, from *container.Spec) {
		have, _, _ := row.Get(into)
		if n, m, ok := row.Get(from); ok && n > have {
			row.Set(into, n, m)
		}
	}
}

// either makes a row bad where one of the two is.
func either[T comparable](row container.Field[T], bad T) func(into, from *container.Spec) {
	return func(into, from *container.Spec) {
		v, m, known := row.Get(from)
		was, _, has := row.Get(into)
		if !known || v != bad || has && was == bad {
			return
		}
		row.Set(into, v, m)
	}
}

// union joins two lists.
func union(row container.Field[[]string]) func(into, from *container.Spec) {
	return func(into, from *container.Spec) {
		more, m, known := row.Get(from)
		have, _, _ := row.Get(into)
		more = slices.DeleteFunc(slices.Clone(more), func(v string) bool { return slices.Contains(have, v) })
		if !known || len(more) == 0 {
			return
		}
		out := slices.Concat(have, more)
		slices.Sort(out)
		row.Set(into, slices.Compact(out), m)
	}
}

// unlimited prefers no limit, which is 0, and of two the higher one.
func unlimited[T int64 | float64](row container.Field[T]) func(into, from *container.Spec) {
	return func(into, from *container.Spec) {
		v, m, known := row.Get(from)
		was, _, has := row.Get(into)
		if !known || !has || was <= 0 || v > 0 && v <= was {
			return
		}
		row.Set(into, v, m)
	}
}

// worseUser prefers root, of the user and of the group, with where it lies on the
// host.
func worseUser(into, from *container.Spec) {
	v, m, known := container.User.Get(from)
	was, _, has := container.User.Get(into)
	if !known {
		return
	}
	u, g, _ := strings.Cut(v, ":")
	wu, wg, _ := strings.Cut(was, ":")
	if has && (u != "0" || wu == "0") && (g != "0" || wg == "0") {
		return
	}
	if !has || u == "0" && wu != "0" {
		wu = u
		copyKnown(container.UidMap, into, from)
	}
	if !has || g == "0" && wg != "0" {
		wg = g
		copyKnown(container.GidMap, into, from)
	}
	container.User.Set(into, wu+":"+wg, m)
}

func copyKnown(row container.Field[string], into, from *container.Spec) {
	if _, _, known := row.Get(from); known {
		row.Copy(into, from)
	}
}

// worseVolumes adds what only one process sees, and takes the weaker options of
// two mounts at one place.
func worseVolumes(into, from *container.Spec) {
	for _, at := range container.VolumeAt.Keys(from) {
		v, m, _ := container.VolumeAt.Get(from, at)
		was, _, has := container.VolumeAt.Get(into, at)
		if !has {
			container.VolumeAt.Set(into, at, v, m)
			continue
		}
		if m.Evidence < container.Kernel || v.Source != was.Source {
			continue // its options are what was asked for; the kernel's are what is
		}
		weak := was
		weak.ReadOnly, weak.NoSuid = was.ReadOnly && v.ReadOnly, was.NoSuid && v.NoSuid
		weak.NoDev, weak.NoExec = was.NoDev && v.NoDev, was.NoExec && v.NoExec
		if weak != was {
			container.VolumeAt.Set(into, at, weak, m)
		}
	}
}

func worseTmpfs(into, from *container.Spec) {
	for _, at := range container.TmpfsAt.Keys(from) {
		v, m, _ := container.TmpfsAt.Get(from, at)
		was, _, has := container.TmpfsAt.Get(into, at)
		if has {
			v.Size, v.Mode = was.Size, was.Mode
			v.Exec, v.Suid, v.Dev = v.Exec || was.Exec, v.Suid || was.Suid, v.Dev || was.Dev
			v.ReadOnly = v.ReadOnly && was.ReadOnly
		}
		if !has || v != was {
			container.TmpfsAt.Set(into, at, v, m)
		}
	}
}

// worseUlimits prefers the higher hard limit: below it a process sets its own.
func worseUlimits(into, from *container.Spec) {
	for _, name := range container.UlimitOf.Keys(from) {
		v, m, _ := container.UlimitOf.Get(from, name)
		was, _, has := container.UlimitOf.Get(into, name)
		if has && was.Hard >= 0 && (v.Hard < 0 || v.Hard > was.Hard) {
			container.UlimitOf.Set(into, name, v, m)
		}
	}
}

func hostNetwork(into, from *container.Spec) {
	host := []string{"host"}
	v, m, known := container.Network.Get(from)
	if was, _, _ := container.Network.Get(into); !known || !slices.Equal(v, host) || slices.Equal(was, host) {
		return
	}
	container.Network.Set(into, host, m)
}

// worseLabel prefers no label to one, and one that is not made for containers to
// one that is.
func worseLabel(into, from *container.Spec) {
	v, m, known := container.ProcessLabel.Get(from)
	was, _, has := container.ProcessLabel.Get(into)
	if !known || !has || confined(v) >= confined(was) {
		return
	}
	container.ProcessLabel.Set(into, v, m)
}

// confined ranks SELinux types: none, any, those of containers
// (container_selinux(8)).
func confined(kind string) int {
	switch kind {
	case "":
		return 0
	case "container_t", "container_init_t", "container_kvm_t", "container_userns_t",
		"container_logreader_t", "container_engine_t", "container_device_t":
		return 2
	}
	return 1
}

// worseLevel prefers a level without categories, which no other container's keeps
// out.
func worseLevel(into, from *container.Spec) {
	v, m, known := container.WorkloadLevel.Get(from)
	was, _, has := container.WorkloadLevel.Get(into)
	if !known || !has || strings.Contains(v, ":c") || !strings.Contains(was, ":c") {
		return
	}
	container.WorkloadLevel.Set(into, v, m)
}
