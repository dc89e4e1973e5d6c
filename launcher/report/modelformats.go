package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/docker/go-units"
)

// ModelFormatsSchema is the version of the JSON of a model's formats.
const ModelFormatsSchema = "zlaunch.dev/model-formats/v1"

// ModelFormats is what the files of a model are.
type ModelFormats struct {
	Schema  string        `json:"schema"`
	Path    string        `json:"path"`
	Formats []ModelFormat `json:"formats"` // those that run code first
}

// ModelFormat is what several files are.
type ModelFormat struct {
	Loading string   `json:"loading"` // data, graph, code, unknown
	Format  string   `json:"format"`
	Note    string   `json:"note,omitempty"`
	Files   int64    `json:"files"`
	Bytes   int64    `json:"bytes"`
	First   []string `json:"first"` // some of them
}

// Text writes them for a person.
func (m ModelFormats) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "LOADING"}, {title: "FORMAT", most: 24}, {title: "FILES"}, {title: "SIZE"}, {title: "WHICH", wraps: true}, {title: "NOTE", wraps: true, below: true}}}
	for _, f := range m.Formats {
		which := strings.Join(f.First, ", ")
		if more := f.Files - int64(len(f.First)); more > 0 {
			which += " and " + strconv.FormatInt(more, 10) + " more"
		}
		t.add(f.Loading, f.Format, strconv.FormatInt(f.Files, 10), units.HumanSize(float64(f.Bytes)), which, f.Note)
	}
	return t.write(w, on)
}
