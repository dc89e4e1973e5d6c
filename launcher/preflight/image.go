package preflight

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// image refuses one of another architecture: at best an emulator runs it.
func image(s Subject) []audit.Problem {
	arch := s.Engine.Arch
	if arch == "" && s.local() {
		arch = s.Host.Arch
	}
	if !s.Image.Present || s.Image.Arch == "" || arch == "" || s.Image.Arch == arch {
		return nil
	}
	return []audit.Problem{{Setting: at(container.Image), Fatal: true,
		Message: fmt.Sprintf("the image %q is for %s, and the engine's machine is %s", s.Image.Ref, s.Image.Arch, arch),
		Hint:    fmt.Sprintf("podman pull --arch %s %s; to see the plan for %s: zlaunch plan --arch %s …", arch, model.Quote(s.Image.Ref), s.Image.Arch, s.Image.Arch)}}
}

// imageUser is ZL-301: root in the container. The audit decides on it; under the
// default mapping of a rootless engine it is the caller.
func imageUser(s Subject) []audit.Problem {
	uid, known := s.uid()
	if !known || uid != 0 {
		return nil
	}
	who := "root in the container"
	if mode, _, _ := container.Userns.Get(s.Plan); mode == "" || mode == "host" {
		who += ", which is you outside it"
	}
	return []audit.Problem{{Control: audit.NonRootUser.ID, Setting: at(container.User), Message: "the workload runs as " + who,
		Hint: "if the image works without: user = \"1000:1000\" in the profile"}}
}

// uid is the workload's, of the plan or else of the image.
func (s Subject) uid() (int64, bool) {
	if u, _, ok := container.User.Get(s.Plan); ok && u != "" {
		name, _, _ := strings.Cut(u, ":")
		if name == "root" {
			return 0, true
		}
		n, err := strconv.ParseInt(name, 10, 64)
		return n, err == nil
	}
	return s.Image.UID, s.Image.Present && s.Image.UID >= 0
}

// disk wants room for what Podman copies: the image's layers under the ids of
// the plan, once for each image, and on vfs the whole image for each container.
func disk(s Subject) []audit.Problem {
	mode, _, _ := container.Userns.Get(s.Plan)
	if s.Image.Size <= 0 || s.Engine.GraphFree <= 0 {
		return nil
	}
	var need int64
	if mode != "" && mode != "host" && !s.Engine.ShiftsIDs && !s.Image.Copied {
		need = s.Image.Size + s.Image.Size/10 // a tenth for directories and rounding to blocks
	}
	if s.Engine.GraphDriver == "vfs" {
		need += s.Image.Size
	}
	if need <= s.Engine.GraphFree {
		return nil
	}
	return []audit.Problem{{Setting: at(container.Userns), Fatal: true,
		Message: fmt.Sprintf("podman needs %s at %q to copy the image for your ids, and %s are free", size(need), s.Engine.GraphRoot, size(s.Engine.GraphFree)),
		Hint:    "podman system df; podman image prune"}}
}

// size writes bytes with a decimal unit, as podman system df does.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	return strconv.FormatFloat(f, 'f', min(i, 1), 64) + " " + units[i]
}
