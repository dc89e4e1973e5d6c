package command

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// ownRows are written here: a foreign run can say of them what no plan says.
var ownRows = []string{"volume", "tmpfs", "publish", "user", "network"}

func (f *fixer) own(key string) ([]string, error) {
	switch key {
	case "volume":
		return each(container.VolumeAt, f.mended, f.volume)
	case "tmpfs":
		return each(container.TmpfsAt, f.mended, f.tmpfs)
	case "publish":
		return each(container.Publish, f.mended, publishWords)
	case "user":
		v, _, ok := container.User.Get(f.mended)
		if !ok {
			return nil, nil
		}
		return quoted("--user=" + v)
	}
	names, _, _ := container.Network.Get(f.mended)
	var out []string
	for _, n := range names {
		out = append(out, "--network="+n)
	}
	return quoted(out...)
}

func each[T any](row container.Map[T], s *container.Spec, write func(key string, v T) ([]string, error)) ([]string, error) {
	var out []string
	for _, k := range row.Keys(s) {
		v, _, _ := row.Get(s, k)
		words, err := write(k, v)
		if err != nil {
			return nil, fmt.Errorf("mending %s %s: %w", row.Key(), clip(k), err)
		}
		out = append(out, words...)
	}
	return out, nil
}

func quoted(words ...string) ([]string, error) {
	var out []string
	for _, w := range words {
		q, err := podmanrun.Line([]string{w})
		if err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

// volume writes "-v SOURCE:TARGET:OPTIONS". A source that a shell makes stays as
// it was written, in double quotes where its word had some.
func (f *fixer) volume(target string, v container.Volume) ([]string, error) {
	opts := volumeOptions(v)
	if v.Backed() || strings.Contains(target, ":") || !v.Open && strings.Contains(v.Source, ":") {
		return nil, hint.Errorf("change it by hand", "no --volume says it")
	}
	rest := target
	if v.Source != "" {
		rest = ":" + target + ":" + strings.Join(opts, ",")
	}
	if !v.Open && !strings.HasPrefix(v.Source, "~") {
		w, err := quoted("--volume=" + v.Source + rest)
		return w, err
	}
	word := v.Source + rest
	if _, err := podmanrun.Line([]string{word}); err != nil { // not fit to be shown
		return nil, err
	}
	if f.bare(target) {
		return []string{"-v", word}, nil
	}
	tilde := ""
	if strings.HasPrefix(word, "~/") {
		tilde, word = "~/", word[2:]
	}
	if strings.ContainsAny(word, "\"\\`") || strings.HasPrefix(word, "~") {
		return nil, hint.Errorf("change it by hand", "its source cannot be written once more")
	}
	return []string{"-v", tilde + `"` + word + `"`}, nil
}

// bare tells whether the word of a volume had no quotes.
func (f *fixer) bare(target string) bool {
	for _, i := range f.r.At[elem(container.VolumeAt, target)] {
		if w := f.r.Words[i]; w.Line == 0 || w.Raw != w.Text {
			return false
		}
	}
	return true
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

func (f *fixer) tmpfs(target string, t container.Tmpfs) ([]string, error) {
	if strings.Contains(target, ":") {
		return nil, hint.Errorf("change it by hand", "no --tmpfs says it")
	}
	opts := podmanrun.TmpfsOptions(t)
	for _, o := range []struct {
		on   bool
		was  string
		name string
	}{{t.ReadOnly, "rw", "ro"}, {t.Suid, "nosuid", "suid"}, {t.Dev, "nodev", "dev"}} {
		if i := slices.Index(opts, o.was); o.on && i >= 0 {
			opts[i] = o.name
		}
	}
	return quoted("--tmpfs=" + target + ":" + strings.Join(opts, ","))
}

// publishWords writes a port; behind "@" in the key stands which of two it is.
func publishWords(key string, p container.Port) ([]string, error) {
	key, _, _ = strings.Cut(key, "@")
	v := key
	if p.HostPort != 0 {
		v = strconv.Itoa(int(p.HostPort)) + ":" + v
	} else if p.HostIP != "" {
		v = ":" + v
	}
	switch {
	case strings.Contains(p.HostIP, ":"):
		v = "[" + p.HostIP + "]:" + v
	case p.HostIP != "":
		v = p.HostIP + ":" + v
	}
	return quoted("--publish=" + v)
}
