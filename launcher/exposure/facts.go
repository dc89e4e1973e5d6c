package exposure

import "net/netip"

// Facts is what was read of an engine, its containers and the kernel below them.
type Facts struct {
	Engine   string // Podman's version
	Rootless bool
	Host     Space // this host's own network
	Members  []Member
	Spaces   map[string]Space // the networks of containers by [Member.Space]
	Networks map[string]Network
	Unread   []string
}

// Member is a container in the engine's words.
type Member struct {
	Name, ID, Profile, Pod, State, Mode string

	Ours    bool
	Infra   bool   // it holds the network of a pod and runs nothing
	Gateway bool   // it is a gateway that zlaunch started
	Space   string // its network namespace, "net:[4026532553]"; "" it does not run, or it cannot be read
	PID     int    // of its first process; 0 none
	Sandbox string // the path at which the engine keeps its network
	OnHost  bool   // that is this host's own
	Mounts  string // its mount namespace, by which its processes are known
	Joined  []Joined
	Publish []Publish
	Resolve Resolve
	Way     Forwarder // the process that carries its packets out, where one does
	Unread  []string
}

// Joined is a named network that a container is in, with its addresses there.
type Joined struct {
	Network   string
	Addresses []netip.Addr
}

// Publish is a published port as the engine has it. An address that is not valid is every
// one of the host.
type Publish struct {
	Protocol string
	Address  netip.Addr
	HostPort uint16
	Port     uint16 // in the container
}

// Resolve is what a container asks for names: its resolv.conf.
type Resolve struct {
	Read    bool
	Servers []netip.Addr
}

// Forwarder is a program that carries packets between a network namespace and this host.
type Forwarder struct {
	PID     int
	Program string // slirp4netns, pasta; "" none was found
	Shared  bool   // it carries those of all bridges of a rootless engine
	Words   []string
}

// Network is a named network in the engine's words.
type Network struct {
	Name     string
	Driver   string // bridge, macvlan, ipvlan
	Internal bool
	Isolated bool
	DNS      bool
	Subnets  []netip.Prefix
}

// Space is one network namespace as the kernel shows it.
type Space struct {
	Read      bool
	Sockets   []Socket
	Routes    []Route
	Addresses []netip.Addr
	Holders   map[uint64][]Process // who holds a socket, by its inode
	Blind     bool                 // not all of its processes could be looked at
}

// Socket is one socket that takes what comes.
type Socket struct {
	Protocol string // tcp, udp
	Local    netip.AddrPort
	Wide     bool // it is of the table of IPv6: at :: it takes IPv4 too, unless told otherwise
	Inode    uint64
}

// Process is a process that holds a socket.
type Process struct {
	PID      int
	Name     string // /proc/PID/comm
	Space    string // its network namespace
	Mounts   string
	Words    []string // its command line, of programs of the engine alone
	Children []string // the network namespaces of its children, of such programs
}

// Route is one route of a table of the kernel's.
type Route struct {
	To     netip.Prefix
	Via    netip.Addr // not valid: on the link
	Device string
	Reject bool
}
