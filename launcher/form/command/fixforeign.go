package command

import (
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// foreign writes a row that only a foreign run has, by the option it is read
// from. It tells whether there is one.
func (f *fixer) foreign(row container.Row) ([]string, bool) {
	name := f.optionOf(row)
	settings := row.Settings(f.mended)
	switch {
	case name == "":
		return nil, false
	case len(settings) == 0:
		return nil, true
	}
	var values []string
	switch v := settings[0].Value.(type) {
	case bool:
		values = []string{strconv.FormatBool(v)}
	case string:
		values = []string{v}
	case int64:
		values = []string{strconv.FormatInt(v, 10)}
	case []string:
		values = v
	default:
		return nil, false
	}
	var out []string
	for _, v := range values {
		w, err := quoted("--" + name + "=" + v)
		if err != nil {
			return nil, false
		}
		out = append(out, w...)
	}
	return out, true
}

// optionOf is the first option behind the verb that states a foreign row in full.
func (f *fixer) optionOf(row container.Row) string {
	t := tablesOf(podman).run
	if f.r.Engine == "docker" {
		t = tablesOf(docker).run
	}
	for _, name := range t.names {
		if o := t.long[name]; o.row != nil && o.row.Key() == row.Key() && o.plain {
			return name
		}
	}
	return ""
}
