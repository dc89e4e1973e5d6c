package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// planUser states the image's own user in numbers, read from the image.
func planUser(ctx context.Context, images Engine, p *Plan) error {
	user, was, stated := container.User.Get(p.Stated)
	if stated && numeric(user) {
		plain, err := plainUser(user)
		container.User.Set(p.Stated, plain, was)
		return err
	}
	if p.Image == nil {
		p.Open = append(p.Open, "user and userns follow the image's USER, which is not here: "+toGet(p))
		return nil
	}
	img := *p.Image
	if stated {
		img.User = user
	}
	uid, gid, _, err := images.LookupUser(ctx, &img)
	if err != nil {
		return err
	}
	m := container.Mark{Origin: []container.Origin{{Layer: container.LayerImage, Key: "USER " + img.User}}, Evidence: container.Planned}
	if stated { // who said it decides; the image only told the numbers of its names
		m.Origin = append(slices.Clone(was.Origin), container.Origin{Layer: container.LayerImage, Key: "passwd " + img.User})
	}
	container.User.Set(p.Stated, fmt.Sprintf("%d:%d", uid, gid), m)
	return nil
}

func numeric(user string) bool {
	u, g, ok := strings.Cut(user, ":")
	return ok && digits(u) && digits(g)
}

// plainUser writes two numbers as the kernel has them: "00" is 0, and what does not
// fit into its 31 bits would become somebody else.
func plainUser(user string) (string, error) {
	u, g, _ := strings.Cut(user, ":")
	uid, err := strconv.ParseInt(u, 10, 32)
	gid, gerr := strconv.ParseInt(g, 10, 32)
	if err = errors.Join(err, gerr); err != nil {
		return user, hint.Errorf("--podman-arg=--user=UID:GID, each at most 2147483647", "reading user %q: %w", user, err)
	}
	return fmt.Sprintf("%d:%d", uid, gid), nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// planUserns pins the caller to the workload's uid. Container root cannot be
// pinned (keep-id:uid=0 fails on Podman 4.3); under the default mapping it
// already is the caller. A name, which only the image knows, pins nobody yet.
func planUserns(s *container.Spec) {
	user, _, ok := container.User.Get(s)
	if _, _, stated := container.Userns.Get(s); stated || !ok || !numeric(user) {
		return
	}
	u, g, _ := strings.Cut(user, ":")
	m := container.From(container.Origin{Layer: container.LayerDerived, Key: "from user"})
	m.Why = "the workload's uid is you on the host, so it reads your 0600 models and nobody else's"
	if u == "0" {
		m.Why = "container root is you on the host: the default mapping"
		container.Userns.Set(s, "host", m)
		return
	}
	if g == "0" {
		m.Why += "; your group is " + u + " in there, since no engine before podman 5.1 maps it to 0, the group of an image's USER that names none"
	}
	container.Userns.Set(s, engine.KeepID(u, g), m)
}

// Identity says who the workload is, in the container and on the host h, which may be
// nil: "uid 1000 in the container = uid 1001 (you) on the host"; "" not known.
func Identity(s *container.Spec, h *host.Facts) string {
	m, _, ok := container.UidMap.Get(s)
	in, out, both := strings.Cut(m, "=")
	switch {
	case !ok || !both:
		return ""
	case out == "":
		return "uid " + in + " in the container has no place on the host"
	}
	who := "uid " + in + " in the container = uid " + out
	if h != nil && out == strconv.Itoa(h.UID) {
		who += " (you)"
	}
	return who + " on the host"
}
