package report

import (
	"io"

	"github.com/docker/go-units"
)

// PullSchema is the version of the JSON of pull.
const PullSchema = "zlaunch.dev/pull/v1"

// Pull is the images that are here now.
type Pull struct {
	Schema string   `json:"schema"`
	Images []Pulled `json:"images"`
}

// Pulled is the image of one profile.
type Pulled struct {
	Profile string `json:"profile"`
	Ref     string `json:"image"`
	ID      string `json:"id"`   // 64 hexadecimal digits
	Pin     string `json:"pin"`  // the same image by digest, for a profile; "" came from no registry
	Size    int64  `json:"size"` // bytes of its layers, unpacked
}

// Text writes one image: the profile and its image, and what a profile pins it by.
func (p Pulled) Text(w io.Writer) error {
	text := Escape(p.Profile+" "+p.Ref) + "\n"
	if p.Pin != "" {
		text += "image: " + Escape(p.Pin) + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// Bytes is the size for a person: 1.2GB.
func (p Pulled) Bytes() string { return units.HumanSize(float64(p.Size)) }
