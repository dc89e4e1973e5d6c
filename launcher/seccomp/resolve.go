package seccomp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// native maps a GOARCH to libseccomp's name of the machine and, where Podman
// looks an archMap entry up, to the entry's key. containers/common has no entry
// for ppc64le: there the filter names no architecture and the runtime takes the
// native one.
var native = map[string]struct {
	name string
	arch specs.Arch
}{
	"386":     {"x86", ""},
	"amd64":   {"amd64", specs.ArchX86_64},
	"arm":     {"arm", ""},
	"arm64":   {"arm64", specs.ArchAARCH64},
	"ppc64le": {"ppc64le", ""},
	"riscv64": {"riscv64", ""},
	"s390x":   {"s390x", specs.ArchS390X},
}

// Resolve gives the filter a container gets from p on a machine of the given
// GOARCH with the given bounding set; capabilities may be spelt "sys_admin" or
// "CAP_SYS_ADMIN". It is nil where p switches seccomp off by being empty.
func (p *Profile) Resolve(goarch string, caps []string) *specs.LinuxSeccomp {
	if p.DefaultAction == "" && len(p.Syscalls) == 0 {
		return nil
	}
	machine := native[goarch]
	f := &specs.LinuxSeccomp{
		DefaultAction:    p.DefaultAction,
		DefaultErrnoRet:  errnoOf(p.DefaultErrno, p.DefaultErrnoRet),
		Architectures:    p.architectures(machine.arch),
		Flags:            slices.Clone(p.Flags),
		ListenerPath:     p.ListenerPath,
		ListenerMetadata: p.ListenerMetadata,
	}
	held := fullNames(caps)
	for _, s := range p.Syscalls {
		if s.holds(machine.name, held) && (s.Name != "" || len(s.Names) != 0) {
			f.Syscalls = append(f.Syscalls, s.resolve())
		}
	}
	return f
}

func (p *Profile) architectures(arch specs.Arch) []specs.Arch {
	if len(p.ArchMap) == 0 {
		return slices.Clone(p.Architectures)
	}
	for _, a := range p.ArchMap {
		if arch != "" && a.Arch == arch {
			return append([]specs.Arch{a.Arch}, a.SubArches...)
		}
	}
	return nil
}

// holds tells whether the rule counts on this machine with these capabilities.
func (s *Syscall) holds(machine string, held map[string]bool) bool {
	if slices.Contains(s.Excludes.Arches, machine) {
		return false
	}
	for _, c := range s.Excludes.Caps {
		if held[c] {
			return false
		}
	}
	if len(s.Includes.Arches) > 0 && !slices.Contains(s.Includes.Arches, machine) {
		return false
	}
	for _, c := range s.Includes.Caps {
		if !held[c] {
			return false
		}
	}
	return true
}

func (s *Syscall) resolve() specs.LinuxSyscall {
	out := specs.LinuxSyscall{
		Names:    slices.Clone(s.Names),
		Action:   s.Action,
		ErrnoRet: errnoOf(s.Errno, s.ErrnoRet),
	}
	if s.Name != "" {
		out.Names = []string{s.Name}
	}
	for _, a := range s.Args {
		out.Args = append(out.Args, specs.LinuxSeccompArg(a))
	}
	return out
}

func fullNames(caps []string) map[string]bool {
	out := make(map[string]bool, len(caps))
	for _, c := range caps {
		c = strings.ToUpper(c)
		if !strings.HasPrefix(c, "CAP_") {
			c = "CAP_" + c
		}
		out[c] = true
	}
	return out
}

// errnoOf is the number of an errno written as a name or a number, else def.
func errnoOf(text string, def *uint) *uint {
	if text == "" {
		return def
	}
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		v := uint(n)
		return &v
	}
	if n, ok := errnos[text]; ok {
		return &n
	}
	return def
}

func checkErrno(text string) error {
	if text != "" && errnoOf(text, nil) == nil {
		return fmt.Errorf("unknown errno %q", text)
	}
	return nil
}
