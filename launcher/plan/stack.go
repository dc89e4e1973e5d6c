package plan

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Network is a named network that a run needs.
type Network struct {
	Name     string
	Internal bool `json:",omitempty"` // it has no route to the outside
	NoDNS    bool `json:",omitempty"` // it resolves no names
}

// InStack says that a run is a member of a stack: it has its name and its networks of
// that, and publishes nothing but what is asked for.
type InStack struct {
	Stack     string // its name
	Member    string // the name in it
	File      string // that says so
	Container string // what the container is called
	Networks  []Network
	After     []string // members that serve before it starts
	Gateway   *Gateway `json:",omitempty"` // nil: it is no gateway
}

// Gateway says that a member is the proxy in front of another.
type Gateway struct {
	Front   gateway.Gateway // whose hosts are not known yet
	Backend string          // the container behind it
	Network string          // that both are in
	Files   string          // the directory that is mounted at [gateway.Dir]
}

// planMember gives a member its name and its networks, and says of what its options
// brought where that stands.
func planMember(_ context.Context, p *Plan) error {
	in := p.Options.InStack
	if in == nil {
		return nil
	}
	m := func(key string) container.Mark { return container.From(in.at(key)) }
	var names []string
	p.Networks = nil
	for _, n := range in.Networks {
		names, p.Networks = append(names, n.Name), append(p.Networks, n)
	}
	if len(names) == 0 {
		names = []string{"none"}
		for _, port := range container.Publish.Keys(p.Stated) {
			container.Publish.Delete(p.Stated, port)
		}
	}
	container.Name.Set(p.Stated, in.Container, m("name"))
	container.Network.Set(p.Stated, names, m("networks"))
	planGateway(p)
	for _, set := range container.Settings(p.Stated) {
		if len(set.Mark.Origin) == 0 {
			continue
		}
		if o := set.Mark.Origin[0]; o.Layer == container.LayerCommandLine && o.File == "" {
			mark := set.Mark
			mark.Origin = append([]container.Origin{in.at(strings.TrimLeft(o.Key, "-"))}, mark.Origin[1:]...)
			p.Stated.Remark(set.Path, mark)
		}
	}
	return nil
}

// planGateway mounts what a proxy reads.
func planGateway(p *Plan) {
	g := p.Options.InStack.Gateway
	if g == nil {
		return
	}
	m := container.From(p.Options.InStack.at("gateway"))
	m.Why = "its configuration, certificate and hashes of tokens, which zlaunch writes and the proxy only reads"
	v := container.Volume{Source: g.Files, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true, NoExec: true}
	container.VolumeAt.Set(p.Stated, gateway.Dir, v, m)
}

// frontProblems refuses a run that others reach past the gateway that its profile wants in front
// of it; nothing waives that.
func frontProblems(pl *Planner, p *Plan) (out []audit.Problem) {
	if !p.Profile.BehindGateway || pl.early {
		return nil
	}
	wrong := func(why string) audit.Problem {
		message := "the profile " + p.Profile.Name + " stands behind a gateway alone, and " + why
		return audit.Problem{Message: message, Fatal: true, Judged: true, Grave: true}
	}
	reached, all := audit.Reachable(pl.Judged(p))
	for _, r := range reached {
		pr := wrong("others reach " + r.What)
		pr.Setting, pr.Hint = r.At, "zlaunch run "+p.Profile.Name+" --gateway"
		out = append(out, pr)
	}
	if !all {
		out = append(out, wrong("whether others reach more of it is not known"))
	}
	return out
}

// toBeReadied tells of the directory of a gateway that never ran: whoever starts one makes
// it in the caller's own state before.
func toBeReadied(in *InStack, at string, v container.Volume) bool {
	if in == nil || in.Gateway == nil || at != gateway.Dir || v.Source != in.Gateway.Files {
		return false
	}
	_, err := os.Lstat(v.Source)
	return errors.Is(err, fs.ErrNotExist)
}

func (in *InStack) at(key string) container.Origin {
	switch key {
	case "p":
		key = "publish"
	case "secret":
		key = "secrets"
	}
	return container.Origin{Layer: container.LayerCommandLine, File: in.File, Key: "member." + in.Member + "." + key}
}
