package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// quoted is a text from outside, a secret in it masked.
func quoted(v string) string {
	const most = 200
	v = container.MaskText(v)
	if len(v) > most {
		v = strings.ToValidUTF8(v[:most], "") + "…"
	}
	return strconv.Quote(v)
}

// sized are the settings in bytes.
var sized = []string{"memory", "memory_swap", "shm_size"}

func shownValue(key string, v any) string {
	switch v := v.(type) {
	case string:
		return quoted(v)
	case []string:
		out := make([]string, 0, len(v))
		for _, e := range v {
			out = append(out, quoted(e))
		}
		return strings.Join(out, ", ")
	case int64:
		if slices.Contains(sized, key) && v > 0 {
			return units.CustomSize("%.4g%s", float64(v), 1024, []string{"", "k", "m", "g", "t", "p", "e"})
		}
	}
	return fmt.Sprint(v)
}
