// Package container holds the hub of zlaunch: the container spec, one
// container run in Podman's own words.
//
// A [Spec] is plain data. Profiles, command lines and observations of a running
// container are all read into a Spec; podman lines, create requests, plans and
// reports are all written from one. Nothing in zlaunch talks past it.
//
// A value counts only where it carries a [Mark]: who decided it, how we know,
// and why. A value without a mark is unknown, which is not the same as zero.
// [Rows] lists every setting of a plan in reading order, [All] also what only a
// foreign run or its surroundings have; every loop in zlaunch (plan, diff, JSON,
// forms, proof, audit) ranges over one of them and over nothing else.
//
// The package does no input or output and imports nothing else of zlaunch.
package container

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Spec is one container run. Each field is named as podman-run(1) names its
// option; the row of the same name (see [Rows]) reads and sets it together with
// its mark. Sizes are in bytes, times in seconds.
type Spec struct {
	// What runs.
	Image      string            // reference, with digest where the profile knows one
	Pull       string            // missing, never, newer, always
	Name       string            // container name
	Entrypoint []string          // replaces the image's ENTRYPOINT
	Args       []string          // the workload's own arguments (the image's CMD)
	Workdir    string            // working directory in the container
	Env        map[string]string // by variable name
	Secret     map[string]Secret // by name of the podman secret

	// Who runs it.
	User     string   // numeric "uid:gid" in a finished plan
	GroupAdd []string // supplementary groups
	Userns   string   // for instance "keep-id:uid=1000,gid=1000"

	// Privilege.
	Privileged      bool
	CapDrop         []string // lower case, without "cap_"; "all" is the whole set
	CapAdd          []string
	NoNewPrivileges bool
	SeccompProfile  string   // "" is the engine's default, "unconfined", "inference", or a path
	SecurityLabel   []string // values of --security-opt label=…: SELinux options
	Apparmor        string   // value of --security-opt apparmor=…
	Mask            []string // extra masked paths
	Unmask          []string // paths of the default masks to take away

	// File systems.
	ReadOnly      bool
	ReadOnlyTmpfs bool              // podman's implicit, unsized, executable tmpfs; off in every built-in profile
	Tmpfs         map[string]Tmpfs  // by target
	Volume        map[string]Volume // by target: binds and named volumes
	ImageVolume   string            // ignore, tmpfs, anonymous
	ShmSize       int64             // size of /dev/shm
	Device        []string

	// Namespaces and network.
	Network  []string // network names, or one of none, host, bridge
	Publish  map[string]Port
	Hostname string
	Ipc      string
	Pid      string
	Uts      string
	Cgroupns string
	Sysctl   map[string]string

	// Resources.
	Memory     int64
	MemorySwap int64 // memory and swap together, as podman counts it
	Cpus       float64
	PidsLimit  int64
	Ulimit     map[string]Ulimit // by name without RLIMIT_, lower case

	// Life cycle.
	Rm            bool
	Restart       string
	Init          bool
	StopTimeout   int64
	Systemd       string
	NoHealthcheck bool
	Interactive   bool
	Tty           bool
	LogDriver     string
	LogOpt        map[string]string
	Umask         string // octal, four digits
	HttpProxy     bool   // copy the host's proxy variables in
	Labels        map[string]string
	Annotation    map[string]string

	// Derived: no option says these, the engine makes them of the others. They
	// are what the proof compares with the kernel.
	Capabilities  []string // the bounding set, sorted
	UidMap        string   // the container's uid and the host's: "1000=1001"
	GidMap        string
	SeccompFilter string // digest of the resolved filter, or "none"
	ProcessLabel  string // SELinux type of the process, "" where SELinux is off

	// What devices of the Container Device Interface bring, beside volumes and variables.
	DeviceNode map[string]DeviceNode // by path in the container
	Hook       map[string]Hook       // by stage and place in it: "createContainer 1"

	Foreign Foreign // options that only a run zlaunch did not plan can have
	Facts   Facts   // what surrounds the run, for the audit

	marks marks
}

// Tmpfs is a memory file system at a target. In a plan nosuid and nodev always
// hold; only a foreign run takes them away.
type Tmpfs struct {
	Size int64  `json:"size"` // bytes; 0 is no bound
	Mode uint32 `json:"mode"` // permission bits; 0 leaves the runtime's default
	Exec bool   `json:"exec"` // programs may be run from it

	Suid     bool `json:"suid,omitempty"`
	Dev      bool `json:"dev,omitempty"`
	ReadOnly bool `json:"read_only,omitempty"`
}

// String writes the tmpfs as --tmpfs takes it, without its target.
func (t Tmpfs) String() string {
	out := fmt.Sprintf("size=%d,mode=%04o", t.Size, t.Mode)
	for _, o := range []struct {
		on      bool
		yes, no string
	}{{t.Exec, "exec", "noexec"}, {t.Suid, "suid", "nosuid"}, {t.Dev, "dev", "nodev"}, {t.ReadOnly, "ro", "rw"}} {
		if o.on {
			out += "," + o.yes
		} else {
			out += "," + o.no
		}
	}
	return out
}

// Volume is a bind of a host path or a named volume at a target.
type Volume struct {
	Source   string `json:"source"` // an absolute host path, or a volume's name
	ReadOnly bool   `json:"read_only"`
	Relabel  string `json:"relabel"` // "z" shared, "Z" private, "" not
	NoSuid   bool   `json:"nosuid"`
	NoDev    bool   `json:"nodev"`
	NoExec   bool   `json:"noexec"`
	// Labelled tells that everything in Source carries a container type of
	// SELinux already, so that Relabel is left away and nothing is walked again.
	Labelled bool `json:"labelled,omitempty"`

	// The rest is of foreign runs alone; no plan has it.
	Open        bool   `json:"open,omitempty"`        // Source holds what a shell would expand, and is not known
	Spelled     bool   `json:"spelled,omitempty"`     // of an open Source: it begins with a home or the like, by a word for it; see [Spelled]
	Misread     bool   `json:"misread,omitempty"`     // read-only was asked for in a way that not every engine takes for it
	Chown       bool   `json:"chown,omitempty"`       // U: the host's tree is given to the workload's user
	Overlay     bool   `json:"overlay,omitempty"`     // O: writes go to a layer above Source
	Upper       string `json:"upper,omitempty"`       // of an overlay: the directory that keeps them
	Work        string `json:"work,omitempty"`        // of an overlay: the directory it works in
	Propagation string `json:"propagation,omitempty"` // "" is rprivate

	// What a named volume really mounts, as mount(8) is called for it.
	Device        string `json:"device,omitempty"`
	DeviceType    string `json:"device_type,omitempty"`    // -t: none, bind, overlay, nfs, cifs, tmpfs …
	DeviceOptions string `json:"device_options,omitempty"` // -o: bind, lowerdir=/srv/a:/srv/b, addr=server …
}

// String writes the volume as --volume takes it, without its target: "/srv/m ro,z".
func (v Volume) String() string {
	opts := []string{"rw"}
	if v.ReadOnly {
		opts[0] = "ro"
	}
	for _, o := range []struct {
		on   bool
		name string
	}{
		{v.Relabel != "", v.Relabel}, {v.NoSuid, "nosuid"}, {v.NoDev, "nodev"}, {v.NoExec, "noexec"}, {v.Chown, "U"}, {v.Overlay, "O"},
		{v.Upper != "", "upperdir=" + v.Upper}, {v.Work != "", "workdir=" + v.Work}, {v.Propagation != "", v.Propagation},
		{v.Device != "", "device=" + v.Device}, {v.DeviceType != "", "type=" + v.DeviceType},
		{v.DeviceOptions != "", "o=" + MaskText(v.DeviceOptions)},
	} {
		if o.on {
			opts = append(opts, o.name)
		}
	}
	return v.Source + " " + strings.Join(opts, ",")
}

// Bind tells that the source is a path of the host and no volume's name.
func (v Volume) Bind() bool {
	return v.Open || strings.HasPrefix(v.Source, "/") || strings.HasPrefix(v.Source, ".")
}

// Backed tells that a named volume is known to mount something, rather than to be
// a directory of the engine's own.
func (v Volume) Backed() bool { return v.Device != "" || v.DeviceType != "" || v.DeviceOptions != "" }

// Port is one published port, or a range of as many on both sides. The key of
// [Spec.Publish] is the container's side, "8000/tcp" or, of a line that was read,
// "8000-8010/tcp".
type Port struct {
	HostIP   string `json:"host_ip"`
	HostPort uint16 `json:"host_port"` // the first of a range; 0: the engine picks
}

// HostPorts writes the host's side of a port and of so many more: "8000", "8000-8010".
func (p Port) HostPorts(more uint16) string {
	if more == 0 {
		return strconv.Itoa(int(p.HostPort))
	}
	return fmt.Sprintf("%d-%d", p.HostPort, int(p.HostPort)+int(more))
}

// PortRange reads the ports of a key of [Spec.Publish].
func PortRange(key string) (first, last uint16, err error) {
	number, _, _ := strings.Cut(key, "/")
	from, to, isRange := strings.Cut(number, "-")
	if !isRange {
		to = from
	}
	a, err1 := strconv.ParseUint(from, 10, 16)
	b, err2 := strconv.ParseUint(to, 10, 16)
	if err := errors.Join(err1, err2); err != nil || b < a {
		return 0, 0, fmt.Errorf("%q is neither a port nor a range", number)
	}
	return uint16(a), uint16(b), nil
}

// Secret is how a podman secret reaches the workload.
type Secret struct {
	Type   string `json:"type"`   // mount or env
	Target string `json:"target"` // path for mount, variable for env
	Mode   uint32 `json:"mode"`   // permission bits of the file; 0 is podman's default
}

// Ulimit is a pair of limits; -1 is unlimited.
type Ulimit struct {
	Soft int64 `json:"soft"`
	Hard int64 `json:"hard"`
}
