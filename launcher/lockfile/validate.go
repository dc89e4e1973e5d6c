package lockfile

import (
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/internal/tomllines"
)

// Validate lists all that [Parse] refuses in a file, with its line; where the file is no TOML
// of a lock, only that.
func Validate(data []byte) []Fault {
	if err := bounded.TOML(data); err != nil {
		return []Fault{{Err: err}}
	}
	doc, wrong := decode(string(data))
	if len(wrong) == 0 && doc.Schema != Schema {
		return []Fault{{Key: "schema", Line: tomllines.Of(data, shown)["schema"], Err: unknownSchema(doc.Schema)}}
	}
	if doc.Schema != Schema {
		return wrong
	}
	wrong = append(wrong, (&File{doc.Bundles}).faults()...)
	at := tomllines.Of(data, shown)
	for i := range wrong {
		wrong[i].Line = lineOf(wrong[i].Key, at)
	}
	return wrong
}

func shown(part string) string { return part }

var elements = lazyregexp.New(`\[[0-9]+\]`)

// lineOf is that of a key; of one that is told without the elements of its lists the first.
func lineOf(key string, at map[string]int) int {
	first := at[key]
	for k, line := range at {
		if at[key] == 0 && elements().ReplaceAllString(k, "") == key && (first == 0 || line < first) {
			first = line
		}
	}
	return first
}
