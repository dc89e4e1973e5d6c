package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Field is one value of a profile with the file and key that decided it.
type Field struct {
	Key     string             `json:"field"` // "ports.http", or a setting: "container.tmpfs[/tmp]"
	Value   any                `json:"value"`
	Origins []container.Origin `json:"origins"`          // the deciding one first
	Bundle  *Bundle            `json:"bundle,omitempty"` // that the deciding file came in
}

// Origins writes, for a person, who decided each field, and below what the bundles among
// them are.
func (s Show) Origins(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "FIELD", most: 36}, {title: "VALUE", most: 40, wraps: true}, {title: "DECIDED BY", wraps: true}}}
	var bundles []string
	for _, f := range s.Fields {
		at := container.Path{Key: strings.TrimPrefix(f.Key, "container.")}
		t.add(f.Key, Value(container.Setting{Path: at, Value: f.Value}), origin(Line{Origins: f.Origins}))
		if b := f.Bundle; b != nil {
			line := fmt.Sprintf("bundle %s %s, %s, signed by %s", b.Name, b.Version, b.Digest, either(b.Signer == "", "nobody", b.Signer))
			if !slices.Contains(bundles, line) {
				bundles = append(bundles, line)
			}
		}
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	for _, line := range bundles {
		if _, err := io.WriteString(w, on.Hang("", Escape(line))); err != nil {
			return err
		}
	}
	return nil
}
