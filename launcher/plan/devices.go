package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/host"
)

// devices works out what the devices bring that a run asks for by name.
type devices struct {
	*Plan
	host     *host.Facts
	here     bool                 // the run is for this host
	engine   string               // its version; "" unknown
	registry func() *cdi.Registry // what the specifications of this host define
}

func devicesOf(pl *Planner, p *Plan) *devices {
	d := &devices{Plan: p, host: pl.Host, here: pl.Here(p)}
	if pl.Engine != nil {
		d.engine = pl.Engine.Version()
	}
	d.registry = sync.OnceValue(func() *cdi.Registry { return d.host.CDI(d.engine) })
	return d
}

// bring finds in the specifications of this host what the devices of the run bring.
func (d *devices) bring() {
	names := named(d.Stated)
	switch {
	case len(names) == 0:
	case !d.here:
		d.Open = append(d.Open, fmt.Sprintf("what %s brings stands in a specification on the engine's host, which is not known here", strings.Join(names, ", ")))
	default:
		d.find(names)
	}
}

// named are the devices of a spec that are named as CDI does, and no paths.
func named(s *container.Spec) []string {
	list, _, _ := container.Device.Get(s)
	return slices.DeleteFunc(slices.Clone(list), func(d string) bool { return !cdi.Named(d) })
}

// find sets what devices bring, and what stands against it. A specification that cannot
// be believed may be the one that podman takes: then nothing of all this holds.
func (d *devices) find(names []string) {
	for _, pr := range d.registry().Problems {
		d.refuse(audit.RuntimeAndHooks, container.Path{}, cmp.Or(pr.Hint, "correct the file, or take it away"), "the device specification %q cannot be believed: %s", pr.File, pr.Why)
	}
	parts, missing := d.registry().Parts(names)
	for _, name := range missing {
		d.missing(name)
	}
	if len(missing) > 0 {
		return
	}
	for _, name := range names {
		d.version(name)
	}
	for i := range parts {
		d.check(&parts[i])
	}
	d.devices = parts
}

// refuse adds a problem that stops the run; without a control it cannot be waived.
func (d *devices) refuse(c *audit.Control, at container.Path, hint, format string, args ...any) {
	pr := audit.Problem{Setting: at, Message: fmt.Sprintf(format, args...), Hint: hint, Fatal: true}
	if at.Key == "" {
		pr.Setting.Key = container.Device.Key()
	}
	if c != nil {
		pr.Control = c.ID
	}
	d.against = append(d.against, pr)
}

func (d *devices) missing(name string) {
	kind, _, _ := strings.Cut(name, "=")
	if there := d.registry().Of(kind); len(there) > 0 {
		d.refuse(nil, container.Path{}, orWithout(d.Options, "--gpu="+there[0]), "there is no device %q; there are %s", name, strings.Join(there[:min(8, len(there))], ", "))
		return
	}
	d.refuse(nil, container.Path{}, orWithout(d.Options, generate(kind)), "no specification in %s defines the device %q", strings.Join(d.registry().Dirs, ", "), name)
}

// version refuses what the engine's library does not read: that of Podman 4.3 takes the
// format up to 0.5.0 (measured with 4.3.1).
func (d *devices) version(name string) {
	i := slices.IndexFunc(d.registry().Devices, func(v cdi.Device) bool { return v.Name == name })
	f := d.registry().Devices[i].File
	if engine.Older(d.engine, 4, 4, 0) && cdi.Newer(f.Spec.Version, "0.5.0") {
		d.refuse(nil, container.Path{}, "have it written for cdiVersion 0.5.0 or an earlier one, or upgrade podman",
			"podman %s does not read %q: its cdiVersion is %s", d.engine, f.Path, f.Spec.Version)
	}
}

// check holds one part against this host and the plan.
func (d *devices) check(p *cdi.Part) {
	for _, n := range p.Edits.Nodes {
		d.node(p, n)
	}
	numbered(d.host, p)
	for _, m := range p.Edits.Mounts {
		d.mount(p, m)
	}
	for _, h := range p.Edits.Hooks {
		d.hook(p, h)
	}
	for _, kv := range p.Edits.Env {
		d.variable(p, kv)
	}
	for _, left := range p.Edits.Unheld() {
		d.refuse(nil, container.Path{}, "take it out of the file, or choose another device", "%q has %s for %q, which no container could be held against", p.File, left, p.By)
	}
}

// node: a runtime in a user namespace cannot make nodes. It binds the host's of the same
// name, whatever hostPath and the numbers say (measured with runc 1.1.5).
func (d *devices) node(p *cdi.Part, n cdi.Node) {
	at := container.Path{Key: container.DeviceNodeAt.Key(), Elem: n.Path}
	kind, major, minor, err := d.host.DeviceNode(n.Path)
	given := n.Type != "" && n.Major != 0
	switch {
	case n.HostPath != "" && n.HostPath != n.Path:
		d.refuse(nil, at, "have both named alike", "%q has %q for the host's %q: a rootless runtime gives the host's node of the same name, which is another one", p.File, n.Path, n.HostPath)
	case err != nil:
		d.refuse(nil, at, anew(p), "%q names a device node that this host does not have: %v", p.File, err)
	case n.Type == "p" || kind == "p":
		d.refuse(nil, at, "take it out of the file", "%q has the pipe %q for a device", p.File, n.Path)
	case given && (strings.Replace(n.Type, "u", "c", 1) != kind || n.Major != major || n.Minor != minor):
		d.refuse(nil, at, anew(p), "%q says that %q is %s %d:%d, and it is %s %d:%d", p.File, n.Path, n.Type, n.Major, n.Minor, kind, major, minor)
	case !d.host.OpensNode(n.Path):
		d.against = append(d.against, audit.Problem{Setting: at, Hint: "sudo setfacl -m u:$USER:rw " + n.Path + ", or a udev rule that lasts",
			Message: fmt.Sprintf("%q is open to its group at most, and the workload has none of your groups: it may be unable to open it", n.Path)})
	}
}

// numbered gives the nodes of a part the kind and the numbers of this host's.
func numbered(h *host.Facts, p *cdi.Part) {
	p.Edits.Nodes = slices.Clone(p.Edits.Nodes)
	for i, n := range p.Edits.Nodes {
		n.Type, n.Major, n.Minor, _ = h.DeviceNode(n.Path) // none where there is none, which stands against the run
		p.Edits.Nodes[i] = n
	}
}

// Brought is what the devices of a list bring that are named as CDI does, by the
// specifications that h has now and an engine of that version reads.
func Brought(h *host.Facts, engine string, list []string) []cdi.Part {
	names := slices.DeleteFunc(slices.Clone(list), func(d string) bool { return !cdi.Named(d) })
	if len(names) == 0 {
		return nil
	}
	parts, _ := h.CDI(engine).Parts(names)
	for i := range parts {
		numbered(h, &parts[i])
	}
	return parts
}

// anew says how a specification is made to fit the host again.
func anew(p *cdi.Part) string {
	kind, _, _ := strings.Cut(p.By, "=")
	return cmp.Or(generators[kind], "have "+p.File+" written anew")
}

func (d *devices) mount(p *cdi.Part, m cdi.Mount) {
	at := container.Path{Key: container.VolumeAt.Key(), Elem: m.ContainerPath}
	_, _, volume := container.VolumeAt.Get(d.Stated, m.ContainerPath)
	_, _, tmpfs := container.TmpfsAt.Get(d.Stated, m.ContainerPath)
	switch {
	case !m.Bind():
		d.refuse(nil, at, "take it out of the file", "%q mounts %q in a way that no container could be held against: type %q, options %q", p.File, m.ContainerPath, m.Type, m.Options)
	case volume || tmpfs:
		d.refuse(nil, at, "take it out of the file, or choose another place for the run's own", "%q mounts %q over what is planned at %q", p.File, m.HostPath, m.ContainerPath)
	case !d.host.Exists(m.HostPath):
		d.refuse(nil, at, anew(p), "%q mounts %q, which this host does not have", p.File, m.HostPath)
	}
}

// hook is ZL-108 where somebody beside root decides what runs.
func (d *devices) hook(p *cdi.Part, h cdi.Hook) {
	if !d.host.Exists(h.Path) {
		d.refuse(nil, container.Path{}, anew(p), "%q has the runtime run %q, which this host does not have", p.File, h.Path)
	} else if why := d.host.Exchangeable(h.Path); why != "" {
		d.refuse(audit.RuntimeAndHooks, container.Path{}, "have root install it", "%q has the runtime run %q on the host as you, before the container can be proved: %s", p.File, h.Path, why)
	}
}

// variable tells what is lost where somebody gave a variable another value. What the
// linker loads into every program of the workload is none of a device's.
func (d *devices) variable(p *cdi.Part, kv string) {
	name, value, _ := strings.Cut(kv, "=")
	if name == "LD_PRELOAD" || name == "LD_AUDIT" {
		d.refuse(audit.RuntimeAndHooks, container.Path{Key: container.Env.Key(), Elem: name}, "take it out of the file, or choose another device",
			"%q has %s load a library into every program of the workload", p.File, name)
	}
	if was, _, stated := container.Env.Get(d.Stated, name); stated && was != value {
		d.against = append(d.against, audit.Problem{Setting: container.Path{Key: container.Env.Key(), Elem: name},
			Message: fmt.Sprintf("%q sets %s, and what the plan gives it does not count", p.File, name), Hint: "leave the variable away"})
	}
}
