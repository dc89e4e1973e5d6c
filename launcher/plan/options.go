package plan

import (
	"net/netip"
	"slices"
	"strconv"
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
	Arch         string   // GOARCH; "" is the engine's own
	Models       string   // host path
	Output       string   // host directory a job writes to
	GPU          []string // accelerators by their CDI names, or AnyGPU
	Publish      []string // [ADDRESS:]HOST:NAME of ports of the profile
	Network      string
	Env          []string // K=V, or K to take the caller's value
	Secret       []string // podman-run's --secret
	Memory       string
	Cpus         float64 // at most MostCpus; 0: the profile's own
	Name         string
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

// applyPublish publishes the profile's ports on loopback and those of -p where
// it says. -p HOST:NAME replaces the profile's choice for that port only.
func applyPublish(s *container.Spec, p *profile.Profile, o Options) error {
	if network, _, _ := container.Network.Get(s); slices.Contains(network, "none") {
		if len(o.Publish) > 0 {
			return hint.Errorf("leave -p away, or give --network NAME", "publishing %q: the run has no network", o.Publish[0])
		}
		return nil
	}
	for _, name := range p.Publish {
		n, ok := portNumber(p, name)
		if !ok {
			continue
		}
		mark := container.From(p.Origin("publish"))
		container.Publish.Set(s, n+"/tcp", container.Port{HostIP: "127.0.0.1", HostPort: mustPort(n)}, mark)
	}
	for _, arg := range o.Publish {
		key, port, err := parsePublish(p, arg)
		if err != nil {
			return err
		}
		_, was, _ := container.Publish.Get(s, key)
		container.Publish.Set(s, key, port, typed("-p", was))
	}
	return nil
}

// parsePublish reads [ADDRESS:]HOST:NAME, NAME being a port of the profile or a
// number. An IPv6 address stands in brackets.
func parsePublish(p *profile.Profile, arg string) (string, container.Port, error) {
	bad := func(why string) error {
		return hint.Errorf("write -p HOST:NAME, as -p 9000:http; ports of "+p.Name+": "+strings.Join(portNames(p), ", "),
			"reading -p %q: %s", arg, why)
	}
	i := strings.LastIndexByte(arg, ':')
	if i < 0 {
		return "", container.Port{}, bad("no ':'")
	}
	host, name := arg[:i], arg[i+1:]
	n, ok := portNumber(p, name)
	if !ok {
		return "", container.Port{}, bad("no port " + strconv.Quote(name))
	}
	ip := "127.0.0.1"
	if j := strings.LastIndexByte(host, ':'); j >= 0 {
		ip, host = strings.Trim(host[:j], "[]"), host[j+1:]
	}
	if _, err := netip.ParseAddr(ip); err != nil {
		return "", container.Port{}, bad("the address is not an IP address")
	}
	hp, err := strconv.ParseUint(host, 10, 16)
	if err != nil || hp == 0 {
		return "", container.Port{}, bad("the host's port is not a number from 1 to 65535")
	}
	return n + "/tcp", container.Port{HostIP: ip, HostPort: uint16(hp)}, nil
}

func portNumber(p *profile.Profile, name string) (string, bool) {
	for _, port := range p.Ports {
		if port.Name == name {
			return strconv.Itoa(int(port.Number)), true
		}
	}
	n, err := strconv.ParseUint(name, 10, 16)
	return name, err == nil && n > 0
}

func mustPort(n string) uint16 { v, _ := strconv.ParseUint(n, 10, 16); return uint16(v) }

func portNames(p *profile.Profile) []string {
	var out []string
	for _, port := range p.Ports {
		out = append(out, port.Name)
	}
	return out
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
