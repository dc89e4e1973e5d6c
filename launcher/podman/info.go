package podman

import (
	"context"
	"strings"
)

// Info is what the engine says of itself and its host.
type Info struct {
	Version           string
	Arch              string // GOARCH
	Kernel            string
	Hostname          string
	Rootless          bool
	CgroupVersion     string // "v1" or "v2"
	CgroupManager     string // "systemd" or "cgroupfs"
	CgroupControllers []string
	Runtime           Program
	Conmon            Program
	NetworkBackend    string
	GraphDriver       string
	GraphRoot         string
	RunRoot           string
	VolumePath        string
	SELinux           bool
	AppArmor          bool
	Seccomp           bool
	SeccompProfile    string   // the default profile's path on the engine's host
	Capabilities      []string // the default set: lower case, without "cap_"
	UIDMap, GIDMap    []IDMap
	MemTotal          int64 // bytes
	CPUs              int
}

// Program is a helper of the engine.
type Program struct{ Name, Path, Version string }

// IDMap is one range of the user namespace.
type IDMap struct {
	ContainerID int64 `json:"container_id"`
	HostID      int64 `json:"host_id"`
	Size        int64 `json:"size"`
}

// infoReply is the part of GET /info that is used; see libpod/define/info.go.
type infoReply struct {
	Host struct {
		Arch, Kernel, Hostname, CgroupManager, CgroupVersion, NetworkBackend string

		CgroupControllers  []string
		Cpus               int
		MemTotal           int64
		Conmon, OCIRuntime Program
		IDMappings         struct{ UIDMap, GIDMap []IDMap }
		Security           struct {
			AppArmorEnabled, Rootless, SECCOMPEnabled, SELinuxEnabled bool
			SECCOMPProfilePath, Capabilities                          string
		}
	}
	Store   struct{ GraphDriverName, GraphRoot, RunRoot, VolumePath string }
	Version struct{ Version string }
}

// Info asks the engine about itself. It is slow, 0.3 s and more where other
// requests take 1 ms: Podman asks the package manager about each of its helpers.
// Nothing that must be quick should wait for it.
func (e *Engine) Info(ctx context.Context) (*Info, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.info != nil {
		return e.info, nil
	}
	var r infoReply
	_, err := e.api.do(ctx, request{doing: "asking the engine about itself", method: "GET", path: "/info", limit: queryLimit}, &r)
	if err != nil {
		return nil, err
	}
	h, sec := r.Host, r.Host.Security
	e.info = &Info{
		Version: r.Version.Version, Arch: h.Arch, Kernel: h.Kernel, Hostname: h.Hostname, Rootless: sec.Rootless,
		CgroupVersion: h.CgroupVersion, CgroupManager: h.CgroupManager, CgroupControllers: h.CgroupControllers,
		Runtime: firstLine(h.OCIRuntime), Conmon: firstLine(h.Conmon), NetworkBackend: h.NetworkBackend,
		GraphDriver: r.Store.GraphDriverName, GraphRoot: r.Store.GraphRoot, RunRoot: r.Store.RunRoot, VolumePath: r.Store.VolumePath,
		SELinux: sec.SELinuxEnabled, AppArmor: sec.AppArmorEnabled, Seccomp: sec.SECCOMPEnabled, SeccompProfile: sec.SECCOMPProfilePath,
		Capabilities: capabilityNames(sec.Capabilities), UIDMap: h.IDMappings.UIDMap, GIDMap: h.IDMappings.GIDMap,
		MemTotal: h.MemTotal, CPUs: h.Cpus,
	}
	return e.info, nil
}

func firstLine(p Program) Program {
	p.Version, _, _ = strings.Cut(p.Version, "\n")
	return p
}

// capabilityNames reads "CAP_CHOWN,CAP_KILL".
func capabilityNames(list string) []string {
	var out []string
	for _, c := range strings.Split(list, ",") {
		if c = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(c)), "cap_"); c != "" {
			out = append(out, c)
		}
	}
	return out
}
