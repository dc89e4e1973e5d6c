package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// NoImageError is a profile that names no image for an architecture.
type NoImageError struct {
	Profile string
	Arch    string
	Archs   []string // those it does name one for, sorted
}

func (e *NoImageError) Error() string {
	if len(e.Archs) == 0 {
		return fmt.Sprintf("profile %s names no image", e.Profile)
	}
	return fmt.Sprintf("profile %s names no image for %s, only for %s", e.Profile, bounded.Shown(e.Arch), strings.Join(e.Archs, ", "))
}

// Resolve works out the profile name for arch, one of Archs. The error is an
// *UnknownError, a *NoImageError, or says what the profile lacks.
func (c *Catalog) Resolve(name, arch string) (*Profile, error) {
	p, err := c.ResolveBare(name, arch)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(p.Archs, arch) {
		next := "give one with --image"
		if len(p.Archs) == 0 && name == root {
			next = "base is there to be extended: zlaunch list"
		}
		return nil, hint.Wrap(&NoImageError{name, arch, p.Archs}, next)
	}
	return p, nil
}

// ResolveBare is Resolve for a caller that brings an image of its own, or that
// only shows the profile: it need not name one.
func (c *Catalog) ResolveBare(name, arch string) (*Profile, error) {
	if err := c.Known(name); err != nil {
		return nil, err
	}
	near := c.defs.nearest(name)
	p, err := c.resolve(near, arch)
	return p, unresolved(name, near, err)
}

// unresolved is why a definition is no profile: the fault of a file, which names itself, or
// told with the name.
func unresolved(name string, d *definition, err error) error {
	var inFile *Fault
	if err != nil && !errors.As(err, &inFile) {
		return hint.Wrap(fmt.Errorf("reading profile %s (%s): %w", name, d.file, err), hint.Of(err))
	}
	return err
}

// resolve works out one definition. The error is the fault of a file where one file can
// be blamed for it.
func (c *Catalog) resolve(d *definition, arch string) (*Profile, error) {
	chain, err := c.chain(d)
	if err != nil {
		return nil, err
	}
	on := c.merged.lay(chain, arch)
	p := &Profile{
		Name: d.name, Arch: arch, Layer: d.layer, Near: nearestOf(chain), File: d.file, tree: on.tree,
		Chain: chainNames(chain), Archs: archsOf(chain), Waivers: waiversOf(on.tree, on.project), Bundle: d.bundle, Bundles: bundlesOf(chain),
	}
	if err := p.fill(); err != nil {
		return nil, err
	}
	p.pin()
	return p, nil
}

func chainNames(chain []*definition) []string {
	var out []string
	for _, d := range chain {
		out = append(out, cmp.Or(d.exact(), d.name))
	}
	return slices.Compact(out)
}

func nearestOf(chain []*definition) container.Layer {
	order := []container.Layer{container.LayerBuiltIn, container.LayerSystem, container.LayerBundle, container.LayerUser, container.LayerProject}
	near := func(a, b *definition) int { return slices.Index(order, a.layer) - slices.Index(order, b.layer) }
	return slices.MaxFunc(chain, near).layer
}

func bundlesOf(chain []*definition) (out []*Bundle) {
	for _, d := range chain {
		if d.bundle != nil && !slices.Contains(out, d.bundle) {
			out = append(out, d.bundle)
		}
	}
	return out
}

// fill sets what the merged tree says.
func (p *Profile) fill() error {
	t := p.tree
	p.About, p.Kind, p.Owner = get(t, "about", ""), get(t, "kind", ""), get(t, "owner", "")
	p.Docs, p.NNPA, p.Deprecated = get(t, "docs", ""), get(t, "nnpa", ""), get(t, "deprecated", "")
	p.Problems, p.Publish = get[[]string](t, "problems", nil), get[[]string](t, "publish", nil)
	for _, k := range t.at("knobs").keys() {
		p.Knobs = append(p.Knobs, Knob{k, get(t.at("knobs"), k, "")})
	}
	if m := t.at("models"); m != nil {
		p.Models = &Models{get(m, "at", ""), get(m, "layout", "any"), get(m, "digest", ""), get(m, "source", ""), get(m, "required", false)}
	}
	if o := t.at("output"); o != nil {
		p.Output = &Output{get(o, "at", "")}
	}
	p.fillScanner()
	p.GPU = get(t, "gpu", "")
	for _, kind := range t.at("gpu_image").keys() {
		p.GPUImage = append(p.GPUImage, GPUImage{kind, get(t.at("gpu_image"), kind, "")})
	}
	p.fillPorts()
	p.fillGateway()
	p.fillGolden()
	if err := p.check(); err != nil {
		return err
	}
	var err error
	p.Stated, err = state(t)
	return err
}

func (p *Profile) fillPorts() {
	ports := p.tree.at("ports")
	for _, name := range ports.keys() {
		p.Ports = append(p.Ports, Port{name, uint16(ports.table[name].value.(int64))})
	}
	slices.SortStableFunc(p.Ports, func(a, b Port) int { return int(a.Number) - int(b.Number) })
	if r := p.tree.at("ready"); r != nil {
		p.Ready = &Ready{get(r, "port", ""), get(r, "path", ""), get(r, "within", 2*time.Minute)}
	}
}

// check finds what no single file can be blamed for; the error is nil, or [lacks].
func (p *Profile) check() error {
	var out lacks
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			out = append(out, fmt.Errorf(format, args...))
		}
	}
	add(p.Kind == "" && p.Name != root, "kind: there is none, out of %s", strings.Join(Kinds, ", "))
	add(p.Models != nil && p.Models.At == "", "models.at: there is none")
	add(p.Output != nil && p.Output.At == "", "output.at: there is none")
	for i, port := range p.Ports {
		if i > 0 && p.Ports[i-1].Number == port.Number {
			add(true, "ports: %s and %s are both %d", p.Ports[i-1].Name, port.Name, port.Number)
		}
	}
	for _, name := range p.Publish {
		add(!p.hasPort(name), "publish: %s is no name in ports", name)
	}
	if r := p.Ready; r != nil {
		add(!p.hasPort(r.Port), "ready.port: %q is no name in ports", r.Port)
		add(r.Path == "", "ready.path: there is none")
	}
	out = slices.Concat(out, p.checkGateway(), p.Scanner.check(), p.checkGolden())
	if len(out) == 0 {
		return nil
	}
	return out
}

// lacks are the things that are wrong with one profile; there is at least one.
type lacks []error

func (l lacks) Error() string {
	if more := len(l) - 1; more > 0 {
		return fmt.Sprintf("%v (and %d more)", l[0], more)
	}
	return l[0].Error()
}

func (l lacks) Unwrap() []error { return l }

func (p *Profile) hasPort(name string) bool {
	return slices.ContainsFunc(p.Ports, func(o Port) bool { return o.Name == name })
}

// state makes the stated spec of a merged tree.
func state(tree *node) (*container.Spec, error) {
	s := &container.Spec{}
	why := whys{tree.at("why")}
	for _, r := range rows {
		n := tree.at("container", r.key)
		if n == nil {
			continue
		}
		if err := r.state(s, n, why); err != nil {
			return nil, fmt.Errorf("container.%w", err)
		}
	}
	swapFollowsMemory(s, tree.at("container"))
	return s, nil
}

// swapFollowsMemory keeps memory_swap equal to memory, which is no swap at all,
// where memory was set nearer than memory_swap: whoever raises the one means
// both, and Podman refuses a swap below the memory.
func swapFollowsMemory(s *container.Spec, n *node) {
	memory, swap := n.at("memory"), n.at("memory_swap")
	if swap == nil || n.table["memory"] == nil || n.table["memory"].rank <= swap.rank {
		return
	}
	if memory == nil {
		container.MemorySwap.Clear(s)
		return
	}
	origin := container.Origin{Layer: container.LayerDerived, Key: "from memory"}
	m := container.From(origin)
	m.Origin = slices.Concat(m.Origin, memory.origins[:1], swap.origins)
	m.Why = "equal to memory: no swap"
	container.MemorySwap.Set(s, memory.value.(int64), m)
}
