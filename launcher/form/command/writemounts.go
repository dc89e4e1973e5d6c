package command

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// writer writes a row as options.
type writer = func(*container.Spec) ([]Option, error)

// ownRow is the writer of a row that podmanrun does not write as the engine reads it; nil
// is that it does.
func ownRow(row container.Row, engine string) writer {
	if w := dockerRows[row.Key()]; w != nil && engine == docker.String() {
		return w
	}
	return ownRows[row.Key()]
}

// ownRows are written here: a foreign run can say of them what no plan says.
var ownRows = map[string]writer{
	"volume":  each(container.VolumeAt, volumeOption),
	"tmpfs":   each(container.TmpfsAt, tmpfsOption),
	"publish": each(container.Publish, publishOption),
	"user": func(s *container.Spec) ([]Option, error) {
		v, _, _ := container.User.Get(s)
		return []Option{{Name: "user", Value: v}}, nil
	},
	"network": func(s *container.Spec) (out []Option, err error) {
		names, _, _ := container.Network.Get(s)
		for _, n := range names {
			out = append(out, Option{Name: "network", Value: n})
		}
		return out, nil
	},
}

func each[T any](row container.Map[T], write func(key string, v T) (Option, error)) writer {
	return func(s *container.Spec) ([]Option, error) {
		var out []Option
		for _, k := range row.Keys(s) {
			v, _, _ := row.Get(s, k)
			o, err := write(k, v)
			if err != nil {
				return nil, fmt.Errorf("writing %s %s: %w", row.Key(), Clip(k), err)
			}
			out = append(out, o)
		}
		return out, nil
	}
}

// volumeOption writes SOURCE:TARGET:OPTIONS.
func volumeOption(target string, v container.Volume) (Option, error) {
	if v.Backed() || strings.Contains(target, ":") || !v.Open && strings.Contains(v.Source, ":") {
		return Option{}, hint.Errorf("change it by hand", "no --volume says it")
	}
	value := target
	if v.Source != "" {
		value = v.Source + ":" + target + ":" + strings.Join(volumeOptions(v), ",")
	}
	return Option{Name: "volume", Value: value, At: elem(container.VolumeAt, target), Open: v.Open || strings.HasPrefix(v.Source, "~")}, nil
}

func volumeOptions(v container.Volume) []string {
	opts := []string{"rw"}
	if v.ReadOnly {
		opts[0] = "ro"
	}
	if v.Overlay { // takes no other options
		opts = []string{"O"}
	}
	for _, o := range []struct {
		on   bool
		name string
	}{
		{v.Relabel != "", v.Relabel}, {v.NoSuid, "nosuid"}, {v.NoDev, "nodev"}, {v.NoExec, "noexec"}, {v.Chown, "U"},
		{v.Upper != "", "upperdir=" + v.Upper}, {v.Propagation != "", v.Propagation},
	} {
		if o.on {
			opts = append(opts, o.name)
		}
	}
	return opts
}

func tmpfsOption(target string, t container.Tmpfs) (Option, error) {
	if strings.Contains(target, ":") {
		return Option{}, hint.Errorf("change it by hand", "no --tmpfs says it")
	}
	return Option{Name: "tmpfs", Value: target + ":" + strings.Join(podmanrun.TmpfsOptions(t), ",")}, nil
}

// publishOption writes a port or a range; behind "@" in the key stands which of two it is.
func publishOption(key string, p container.Port) (Option, error) {
	key, _, _ = strings.Cut(key, "@")
	first, last, err := container.PortRange(key)
	if err != nil {
		return Option{}, err
	}
	v := key
	if p.HostPort != 0 {
		v = p.HostPorts(last-first) + ":" + v
	} else if p.HostIP != "" {
		v = ":" + v
	}
	switch {
	case strings.Contains(p.HostIP, ":"):
		v = "[" + p.HostIP + "]:" + v
	case p.HostIP != "":
		v = p.HostIP + ":" + v
	}
	return Option{Name: "publish", Value: v}, nil
}
