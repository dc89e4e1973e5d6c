package report

import (
	"io"

	"github.com/zlaunch/zlaunch/launcher/exposure"
)

// ExposureDiff is what opened and what closed, for a person.
type ExposureDiff struct{ exposure.Difference }

// Text writes a line for each change.
func (d ExposureDiff) Text(w io.Writer, on Screen) error {
	if len(d.Changes) == 0 {
		_, err := io.WriteString(w, "nothing opened, nothing closed\n")
		return err
	}
	t := table{columns: []column{{title: "CHANGE"}, {title: "CONTAINER", most: 32}, {title: "WHAT"}, {title: "WHO"}, {title: "WAS"}, {title: "IS"}}}
	for _, c := range d.Changes {
		t.add(string(c.Kind), c.Container, c.Row, c.Who, string(c.Old), string(c.New))
	}
	return t.write(w, on)
}
