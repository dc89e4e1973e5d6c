package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Options is what a command line says of one run, as typed.
type Options struct {
	Profile      string
	Arch         string     // GOARCH; "" is the engine's own
	Models       string     // host path
	ModelDigest  string     `json:",omitempty"` // "sha256:…" that Models must have, as [model.Print]; "" any
	ModelTrust   ModelTrust `json:",omitzero"`  // who must have signed Models
	Output       string     // host directory a job writes to
	Scanning     *Scanning  `json:",omitempty"` // what a scanner looks at; nil: it is none, or is run by hand
	GPU          []string   // accelerators by their CDI names, or AnyGPU
	Publish      []string   // [ADDRESS:]HOST:NAME of ports of the profile
	Network      string
	Env          []string // K=V, or K to take the caller's value
	Secret       []string // podman-run's --secret
	Memory       string
	Cpus         float64 // at most MostCpus; 0: the profile's own
	Name         string
	InStack      *InStack `json:",omitempty"` // nil: it is a run of its own
	Service      string   `json:",omitempty"` // the systemd user service it is to be run by, and what its container is called; "" none
	Image        string
	Pull         string
	ReadyTimeout time.Duration  // 0: the profile's own
	Waive        []string       // ID[@SETTING]=REASON
	FailOn       audit.Severity // findings from here on stop the run; 0 is high
	PodmanArgs   []string
	Args         []string // the workload's, what stood behind --
	Detach       bool
	Interactive  bool
	Tty          bool
	LookupEnv    func(string) (string, bool) `json:"-"` // for Env without a value; nil: none

	trial bool // see [Derived]
}

// MostCpus is the most processors that a run can be limited to, as in a profile.
const MostCpus = 4096

// typed marks a value that stood on the command line under option.
func typed(option string, replaced container.Mark) container.Mark {
	o := container.Origin{Layer: container.LayerCommandLine, Key: option}
	return container.Mark{Origin: append([]container.Origin{o}, replaced.Origin...), Evidence: container.Planned}
}

// override sets a scalar row from the command line, keeping whom it replaced.
func override[T any](s *container.Spec, f container.Field[T], v T, option string) {
	_, was, _ := f.Get(s)
	f.Set(s, v, typed(option, was))
}

// applyOptions lays the command line over the stated spec.
func applyOptions(s *container.Spec, p *profile.Profile, o Options) error {
	for _, apply := range []func(*container.Spec, *profile.Profile, Options) error{
		applyScalars, applyMemory, applyEnv, applyPublish, applyArgs, applyPodmanArgs,
	} {
		if err := apply(s, p, o); err != nil {
			return err
		}
	}
	return nil
}

func applyScalars(s *container.Spec, _ *profile.Profile, o Options) error {
	if o.Name != "" {
		override(s, container.Name, o.Name, "--name")
	}
	if o.Image != "" {
		override(s, container.Image, o.Image, "--image")
	}
	if o.Pull != "" {
		if !slices.Contains([]string{"missing", "never", "newer", "always"}, o.Pull) {
			return hint.Errorf("--pull is one of missing, never, newer, always", "reading --pull %q", o.Pull)
		}
		override(s, container.Pull, o.Pull, "--pull")
	}
	if o.Network != "" {
		override(s, container.Network, []string{o.Network}, "--network")
	}
	if o.Cpus != 0 && !(o.Cpus > 0 && o.Cpus <= MostCpus) { // or it is no number
		return hint.Errorf("--cpus is a number of processors, as 1.5", "reading --cpus %v", o.Cpus)
	}
	if o.Cpus > 0 {
		override(s, container.Cpus, o.Cpus, "--cpus")
	}
	if o.Interactive {
		override(s, container.Interactive, true, "--interactive")
	}
	if o.Tty {
		override(s, container.Tty, true, "--tty")
	}
	return nil
}

// applyMemory sets memory, and swap with it: no built-in profile gives swap.
func applyMemory(s *container.Spec, _ *profile.Profile, o Options) error {
	if o.Memory == "" {
		return nil
	}
	n, err := units.RAMInBytes(o.Memory)
	if err != nil || n <= 0 {
		return hint.Errorf("--memory is a size, as 8g or 512m", "reading --memory %q", o.Memory)
	}
	if o.Scanning != nil {
		roomFor(s, n)
	}
	override(s, container.Memory, n, "--memory")
	override(s, container.MemorySwap, n, "--memory")
	return nil
}

func applyEnv(s *container.Spec, _ *profile.Profile, o Options) error {
	for _, kv := range o.Env {
		name, value, has := strings.Cut(kv, "=")
		if !has && o.LookupEnv != nil {
			value, has = o.LookupEnv(name)
		}
		if name == "" || !has {
			return hint.Errorf("write --env NAME=VALUE, or --env NAME for a variable that is set here", "reading --env %q: no value", name)
		}
		_, was, _ := container.Env.Get(s, name)
		container.Env.Set(s, name, value, typed("--env", was))
	}
	if len(o.Secret) == 0 {
		return nil
	}
	var args []string
	for _, v := range o.Secret {
		args = append(args, "--secret="+v)
	}
	return overlay(s, args, "--secret")
}

// applyArgs gives the workload its own arguments: a server or a notebook gets
// them behind the profile's, a job or a shell instead of them.
func applyArgs(s *container.Spec, p *profile.Profile, o Options) error {
	if len(o.Args) == 0 {
		return nil
	}
	args := o.Args
	if p.Kind == "server" || p.Kind == "notebook" {
		own, _, _ := container.Args.Get(s)
		args = append(slices.Clone(own), args...)
	}
	override(s, container.Args, args, "--")
	return nil
}

// applyPodmanArgs reads the escape hatch into the spec, where it is judged,
// shown and proved like everything else.
func applyPodmanArgs(s *container.Spec, _ *profile.Profile, o Options) error {
	if len(o.PodmanArgs) == 0 {
		return nil
	}
	return overlay(s, o.PodmanArgs, "--podman-arg")
}

func overlay(s *container.Spec, args []string, option string) error {
	read, rest, err := podmanrun.Read(container.Origin{Layer: container.LayerCommandLine, Key: option}, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return hint.Errorf("write an option and its value as one: --podman-arg=--tmpfs=/x:size=1m", "reading %s: %q is not an option", option, rest[0])
	}
	container.Overlay(s, read)
	return nil
}

func TypedMark(m container.Mark) bool {
	return len(m.Origin) > 0 && m.Origin[0].Layer == container.LayerCommandLine
}

// threshold is the severity from which on a finding stops the run.
func (o Options) threshold() audit.Severity {
	if o.FailOn == 0 {
		return audit.High
	}
	return o.FailOn
}
