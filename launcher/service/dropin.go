package service

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// How a service that does not come up is tried again, and given up.
const (
	tries = 3
	pause = 5 * time.Second
	slack = 2 * time.Minute // that a start takes beside the wait: a first use of an image copies it
)

// unitWord is text that a unit has as it is: nothing in it is quoted, split or filled in.
var unitWord = lazyregexp.New(`^[a-zA-Z0-9_./@:+=-]+$`)

// Gate is the drop-in that has zlaunch, the program at a path, hold every start of a service
// against its plan and wait until it serves. A start that fails so is tried again; the third
// failure is the end of it, however long each takes: within is the wait, 0 for none.
func Gate(name, program string, within time.Duration, says []string) (form.File, error) {
	if !unitWord().MatchString(program) {
		return form.File{}, hint.Errorf("cp it to /usr/local/bin or ~/.local/bin, and run it from there", "writing the unit of %s: the path of zlaunch, %q, cannot stand in one as it is", name, program)
	}
	start := within + slack
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by zlaunch install; zlaunch uninstall %s takes it away.\n", name)
	for _, line := range says {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	fmt.Fprintf(&b, `
[Unit]
# %d starts that fail are the end: the service is failed then, and says so.
StartLimitIntervalSec=%d
StartLimitBurst=%d

[Service]
Restart=on-failure
RestartSec=%d
TimeoutStartSec=%d
ExecStartPost=%s prove --ready %s

[Install]
WantedBy=default.target
`, tries, tries*int64((2*start+pause).Seconds()), tries, int64(pause.Seconds()), int64(start.Seconds()), program, name)
	return form.File{Name: dropin(name, "20-zlaunch.conf"), Data: []byte(b.String())}, nil
}

func dropin(name, file string) string { return name + ".container.d/" + file }

// image is the drop-in by which a service runs the image of a version, and its containers
// are held against that.
func image(name string, v *Version) (File, error) {
	for _, word := range []string{v.Image, v.Launch, v.Plan} {
		if !unitWord().MatchString(word) {
			return File{}, fmt.Errorf("writing the drop-in of %s: %q cannot stand in a unit as it is", name, word)
		}
	}
	text := fmt.Sprintf("# Written by zlaunch upgrade; zlaunch rollback %s takes it back.\n\n[Container]\nImage=%s\nLabel=%s=%s\nLabel=%s=%s\n",
		name, v.Image, plan.LabelLaunch, v.Launch, plan.LabelPlan, v.Plan)
	return newFile(dropin(name, "10-image.conf"), []byte(text)), nil
}

// Laid is a version as it is laid over the one that runs: where nothing but the image
// differs, the unit files stay as they are and a drop-in names the image. same are the
// files that the version would have, were it named as the unit file of today is.
func (s *Service) Laid(v *Version, same []File) error {
	v.Main = v.Named
	if !s.Has(same) {
		return nil
	}
	f, err := image(s.Name, v)
	if err == nil {
		v.Files, v.Main = append(s.base(), f), s.Now.Main
	}
	return err
}

// base are the files of what runs, but for the drop-in that names its image.
func (s *Service) base() []File {
	return slices.DeleteFunc(slices.Clone(s.Now.Files), func(f File) bool { return f.Name == dropin(s.Name, "10-image.conf") })
}

// Has tells that what runs has these files, whichever image a drop-in names beside them.
func (s *Service) Has(files []File) bool {
	return slices.EqualFunc(s.base(), files, func(a, b File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) })
}
