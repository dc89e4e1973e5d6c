package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Value writes a setting's value as podman-run(1) would be given it. The words
// for nothing are spelt out: "" is what an empty string looks like.
func Value(set container.Setting) string {
	switch v := set.Value.(type) {
	case nil:
		return "none"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int64:
		return number(set.Path.Key, v)
	case string:
		if v == "" {
			return `""`
		}
		return v
	case []string:
		return listed(v)
	}
	return collected(set.Value)
}

// collected writes the elements of the keyed collections.
func collected(value any) string {
	switch v := value.(type) {
	case container.Tmpfs:
		return tmpfs(v)
	case container.Volume:
		return v.String()
	case container.Port:
		return v.HostIP + ":" + strconv.Itoa(int(v.HostPort))
	case container.Secret:
		return secret(v)
	case container.Ulimit:
		return fmt.Sprintf("%d:%d", v.Soft, v.Hard)
	}
	return fmt.Sprint(value)
}

func listed(v []string) string {
	if len(v) == 0 {
		return "none"
	}
	words := make([]string, len(v))
	for i, w := range v {
		words[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n") {
			words[i] = strconv.Quote(w)
		}
	}
	return strings.Join(words, " ")
}

// number writes the rows that count bytes as Podman reads sizes, the others as
// they are.
func number(key string, v int64) string {
	switch key {
	case container.Memory.Key(), container.MemorySwap.Key(), container.ShmSize.Key():
		return Size(v)
	case container.StopTimeout.Key():
		return strconv.FormatInt(v, 10) + "s"
	}
	return strconv.FormatInt(v, 10)
}

// Size writes bytes as podman-run takes them, exactly: 8g, 1536m, 1000.
func Size(v int64) string {
	for _, u := range []struct {
		shift uint
		unit  string
	}{{40, "t"}, {30, "g"}, {20, "m"}, {10, "k"}} {
		if v >= 1<<u.shift && v%(1<<u.shift) == 0 {
			return strconv.FormatInt(v>>u.shift, 10) + u.unit
		}
	}
	return strconv.FormatInt(v, 10)
}

func tmpfs(v container.Tmpfs) string {
	opts := []string{"size=" + Size(v.Size)}
	if v.Mode != 0 {
		opts = append(opts, fmt.Sprintf("mode=%04o", v.Mode))
	}
	return strings.Join(append(opts, either(v.Exec, "exec", "noexec"), either(v.Suid, "suid", "nosuid"), either(v.Dev, "dev", "nodev")), ",")
}

func secret(v container.Secret) string {
	kind := v.Type
	if kind == "" {
		kind = "mount"
	}
	out := "type=" + kind
	if v.Target != "" {
		out += ",target=" + v.Target
	}
	if v.Mode != 0 {
		out += fmt.Sprintf(",mode=%04o", v.Mode)
	}
	return out
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}
