package record

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/claim"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Known is what a record tells of a run without its engine.
type Known struct {
	ID, Name, Profile, Network string
	Stored                     string `json:"-"` // the models that it has of the store, by reference; "" none
}

// mostKnown is how many records are looked at: they stay when their runs are gone.
const mostKnown = 200

// podmanName matches the names that Podman gives (libpod/define, NameRegex). Any other word
// would be more than a name where a shell completes it.
var podmanName = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

// Known lists the newest runs that this user has records of and that, as far as the
// engine's storage lies where it is looked for, are there. It asks no engine, and what
// it cannot read it leaves out.
func (d Dirs) Known() []Known {
	if d.Trusted() != nil {
		return nil
	}
	there := stored(d.Storage)
	var out []Known
	for _, path := range d.newest() {
		data, err := claim.ReadFile(path, maxRecord)
		var r struct {
			Known
			Models *ModelTree
		}
		if err == nil {
			err = json.Unmarshal(data, &r)
		}
		k := r.Known
		if r.Models != nil {
			k.Stored = r.Models.From
		}
		if err != nil || there != nil && !there[k.ID] || !podmanName().MatchString(k.Name) || k.Network != "" && !podmanName().MatchString(k.Network) {
			continue
		}
		out = append(out, k)
	}
	return out
}

// newest are the files of records, the newest first.
func (d Dirs) newest() []string {
	var files []string
	age := map[string]int64{}
	for _, pattern := range []string{d.path("*"), d.attached("*")} {
		found, _ := filepath.Glob(pattern)
		for _, f := range found {
			if info, err := os.Stat(f); err == nil {
				files, age[f] = append(files, f), info.ModTime().UnixNano()
			}
		}
	}
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(age[b], age[a]), strings.Compare(a, b))
	})
	return files[:min(len(files), mostKnown)]
}

// stored are the ids of the containers in the user's storage (containers/storage,
// containers.go); nil where it is not known.
func stored(storage string) map[string]bool {
	if storage == "" {
		return nil
	}
	files, _ := filepath.Glob(filepath.Join(storage, "*-containers", "*containers.json"))
	var out map[string]bool
	for _, f := range files {
		data, err := claim.ReadFile(f, maxRecord)
		var list []struct{ ID string }
		if err != nil || json.Unmarshal(data, &list) != nil {
			return nil
		}
		if out == nil {
			out = map[string]bool{}
		}
		for _, c := range list {
			out[c.ID] = true
		}
	}
	return out
}
