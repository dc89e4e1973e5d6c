package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/cdi"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// AnyGPU asks for the profile's accelerator, or else for the one of this host.
const AnyGPU = "any"

// accelerators chooses those of a run.
type accelerators struct {
	*Plan
	here     bool                 // the run is for this host
	registry func() *cdi.Registry // what the specifications of this host define
}

// choose states the accelerators that the options or the profile ask for, and the
// image that computes on them.
func (a accelerators) choose() error {
	asked, from := a.Options.GPU, typed("--gpu", container.Mark{})
	if len(asked) == 0 && a.Profile.GPU != "" {
		asked, from = []string{AnyGPU}, container.From(a.Profile.Origin("gpu"))
	}
	if len(asked) == 0 {
		return nil
	}
	if a.Profile.GPU == "" && len(a.Profile.GPUImage) == 0 && a.Options.Image == "" {
		return noGPU(a.Profile)
	}
	var names []string
	for _, word := range asked {
		name, err := a.device(word)
		if err != nil {
			return err
		}
		if name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	had, was, _ := container.Device.Get(a.Stated)
	from.Origin = append(from.Origin[:1:1], was.Origin...)
	container.Device.Set(a.Stated, slices.Concat(had, names), from)
	return a.chooseImage(names[0])
}

// noGPU refuses an accelerator to a profile that has no use for one.
func noGPU(p *profile.Profile) error {
	if p.Arch == "s390x" {
		return hint.Errorf("leave --gpu away: the accelerator of IBM Z is an instruction and needs no device (zlaunch show "+p.Name+")\nIBM Spyre cards are VFIO devices: "+SpyreNeeds,
			"using --gpu: no image of profile %q computes on a graphics processor on s390x", p.Name)
	}
	return hint.Errorf(without+"\nwith an image of your own that does: --image IMAGE, or gpu_image in a profile of your own",
		"using --gpu: profile %q names no image that computes on an accelerator", p.Name)
}

// SpyreNeeds says what IBM's Spyre cards need, which no specification of CDI is known to
// name (IBM/project-ai-services, vllm-spyre; reference, frameworks 5.2).
const SpyreNeeds = "--podman-arg=--device=/dev/vfio/vfio --podman-arg=--device=/dev/vfio/N --podman-arg=--ulimit=memlock=-1:-1; " +
	"the nodes must be open to you yourself (sudo setfacl -m u:$USER:rw /dev/vfio/N), and SELinux needs a module that lets container_t use vfio_device_t"

// device is the device that one word of --gpu means; "" none, which is a problem then.
func (a accelerators) device(word string) (string, error) {
	if cdi.Named(word) {
		return word, nil
	}
	if a.Profile.GPU != "" && word == AnyGPU {
		return a.Profile.GPU, nil
	}
	if !a.here {
		return "", hint.Errorf("name it: --gpu=nvidia.com/gpu=0", "choosing an accelerator: what there is on the engine's host is not known here")
	}
	kind, err := a.kind()
	switch {
	case err != nil:
		return "", err
	case kind == "":
		a.against = append(a.against, audit.Problem{Setting: container.Path{Key: container.Device.Key()}, Fatal: true,
			Message: "no accelerator: no specification in " + strings.Join(a.registry().Dirs, ", ") + " defines one, and podman gives none without",
			Hint:    orWithout(a.Options, a.generateAny())})
		return "", nil
	case word == AnyGPU:
		return a.onlyOne(kind)
	}
	if !cdi.Named(kind + "=" + word) {
		return "", hint.Errorf("--gpu=nvidia.com/gpu=0", "reading --gpu %q: it names no device", word)
	}
	return kind + "=" + word, nil
}

// kind is the only kind of accelerator that the host has and the profile can use; ""
// there is none.
func (a accelerators) kind() (string, error) {
	kinds := a.registry().Accelerators()
	if usable := a.Profile.GPUImage; len(usable) > 0 && a.Options.Image == "" {
		kinds = slices.DeleteFunc(kinds, func(k string) bool {
			return !slices.ContainsFunc(usable, func(g profile.GPUImage) bool { return g.Kind == k })
		})
	}
	switch len(kinds) {
	case 0:
		return "", nil
	case 1:
		return kinds[0], nil
	}
	return "", hint.Errorf("name one: --gpu="+kinds[0]+"=NAME", "choosing an accelerator: there are several kinds: %s", strings.Join(kinds, ", "))
}

// onlyOne is the device of a kind where there is but one beside "all" and other names
// for it; of several a person chooses, for each shares its memory with who else uses
// it (ZL-606).
func (a accelerators) onlyOne(kind string) (string, error) {
	var numbered, named []string
	for _, name := range a.registry().Of(kind) {
		_, id, _ := strings.Cut(name, "=")
		switch {
		case strings.Trim(id, "0123456789") == "":
			numbered = append(numbered, name)
		case id != "all":
			named = append(named, name)
		}
	}
	if len(numbered) == 1 {
		return numbered[0], nil
	}
	all := slices.Concat(numbered, named)
	switch len(all) {
	case 0:
		return kind + "=all", nil
	case 1:
		return all[0], nil
	}
	return "", hint.Errorf("name one: --gpu="+all[0]+", or --gpu="+kind+"=all", "choosing an accelerator: there are %d: %s",
		len(all), strings.Join(all[:min(8, len(all))], ", "))
}

// chooseImage takes the one for the accelerator where the profile has one and the
// command line brings none.
func (a accelerators) chooseImage(name string) error {
	kind, _, _ := strings.Cut(name, "=")
	if a.Options.Image != "" || len(a.Profile.GPUImage) == 0 {
		return nil
	}
	i := slices.IndexFunc(a.Profile.GPUImage, func(g profile.GPUImage) bool { return g.Kind == kind })
	if i < 0 {
		var kinds []string
		for _, g := range a.Profile.GPUImage {
			kinds = append(kinds, g.Kind)
		}
		return hint.Errorf("give an image that does: --image IMAGE", "using --gpu: profile %q names no image for %s, only for %s", a.Profile.Name, kind, strings.Join(kinds, ", "))
	}
	_, was, _ := container.Image.Get(a.Stated)
	m := container.From(a.Profile.Origin("gpu_image"))
	m.Origin = append(m.Origin, was.Origin...)
	m.Why = "it computes on " + kind
	container.Image.Set(a.Stated, a.Profile.GPUImage[i].Image, m)
	return nil
}

// orWithout is a next step that gets an accelerator, and that of whoever can do without.
func orWithout(o Options, next string) string {
	if len(o.GPU) == 0 { // the profile asks for one
		return next
	}
	return next + "\n" + without
}

const without = "without an accelerator: leave --gpu away"

// generators write the specification of a kind (docs.nvidia.com, container toolkit;
// instinct.docs.amd.com, container toolkit).
var generators = map[string]string{
	"nvidia.com/gpu": "sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml",
	"amd.com/gpu":    "sudo amd-ctk cdi generate --output=/etc/cdi/amd.json",
}

// generateAny says how the kinds that the profile can use get their specifications.
func (a accelerators) generateAny() string {
	var lines []string
	for _, g := range a.Profile.GPUImage {
		lines = append(lines, generate(g.Kind))
	}
	if len(lines) == 0 {
		return generate("nvidia.com/gpu")
	}
	return strings.Join(lines, "\n")
}

// generate says how a kind gets its specification.
func generate(kind string) string {
	if line := generators[kind]; line != "" {
		return line
	}
	return fmt.Sprintf("have the vendor of %s install its specification in /etc/cdi", kind)
}
