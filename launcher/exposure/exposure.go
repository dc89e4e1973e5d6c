// Package exposure says who can reach what: which ports of containers listen, which
// addresses of this host lead to them, who reaches those, and what gets out.
//
// It is pure. What the kernel and the engine show comes in as [Facts]; [Join] makes a
// [Document] of them, in which each answer says where it comes from. What cannot be read
// is "not known", and counts as open where somebody asserts that it is not ([Rules]).
// [Plan] lists what a probe should try of a document, [Document.Hold] holds the answers
// against it.
package exposure

// Schema is the version of the JSON of a document; docs/schema/exposure-v1.json describes it.
const Schema = "zlaunch.dev/exposure/v1"

// State is an answer to a question about exposure.
type State string

// The states. What was not looked at, or could not be, is Unknown and never No.
const (
	Yes     State = "yes"
	No      State = "no"
	Unknown State = "not known"
)

// Source is where an answer comes from.
type Source string

// The sources, the kernel's own record first.
const (
	Kernel  Source = "kernel"  // sockets, routes, processes
	Engine  Source = "engine"  // what Podman says
	Profile Source = "profile" // the container is a gateway of zlaunch's
	Probe   Source = "probe"   // it was tried
	Nobody  Source = "nobody"  // nothing tells
)

// Held is what a probe says of an answer.
type Held string

// What a probe says; empty where none was there.
const (
	Agrees    Held = "agrees"
	Disagrees Held = "disagrees"
	NotTried  Held = "not tried"
)

// Answer is the answer to one question.
type Answer struct {
	Is    State  `json:"is"`
	Why   string `json:"why"` // a sentence
	From  Source `json:"from"`
	Probe Held   `json:"probe,omitempty"`
}

// Document is who can reach what of an engine's containers, at one moment.
type Document struct {
	Schema     string      `json:"schema"`
	Engine     string      `json:"engine"` // Podman's version
	Rootless   bool        `json:"rootless"`
	Probed     bool        `json:"probed"`
	Containers []Container `json:"containers"` // by name
	Tried      []Tried     `json:"tried,omitempty"`
	Unread     []string    `json:"unread,omitempty"` // sentences: what could not be read
}

// Container is one container, whatever its state.
type Container struct {
	Name     string   `json:"name"`
	ID       string   `json:"id"`
	Ours     bool     `json:"zlaunch"` // a claim or a record of zlaunch's holds its id
	Profile  string   `json:"profile,omitempty"`
	Pod      string   `json:"pod,omitempty"` // its name
	State    string   `json:"state"`
	Network  string   `json:"network"`            // the mode: bridge, host, none, slirp4netns, pasta, container
	Networks []string `json:"networks,omitempty"` // the named ones, sorted
	Ports    []Port   `json:"ports"`
	Ways     []Way    `json:"ways"`             // out
	Unread   []string `json:"unread,omitempty"` // sentences: what could not be read of it
}

// Port is one port that listens in the container's network, or is published and does not.
type Port struct {
	Protocol string   `json:"protocol"` // tcp, udp
	Address  string   `json:"address"`  // in the container's network; "" nothing listens
	Number   uint16   `json:"port"`     // there; 0 not known
	Process  string   `json:"process"`  // the name of who listens; "" not known
	Doors    []Door   `json:"host"`     // of this host that lead to it
	Through  []string `json:"through,omitempty"`
	TLS      Answer   `json:"tls"`
	Auth     Answer   `json:"authentication"`
	LAN      Answer   `json:"lan"`
	Users    Answer   `json:"users"`     // other local ones
	Host     Answer   `json:"this_host"` // its user
	Others   Answer   `json:"containers"`
	From     []string `json:"from_containers,omitempty"` // that reach it, sorted
	Remarks  []string `json:"remarks,omitempty"`
}

// Door is an address of this host that leads to a port.
type Door struct {
	Address string `json:"address"`
	Port    uint16 `json:"port"`
	Process string `json:"process"` // who listens there; "" not known
	Open    State  `json:"listens"` // by the kernel
	Stated  bool   `json:"stated"`  // the engine says that it is published
}

// Way is one way out of a container's network.
type Way struct {
	To string `json:"to"` // see [Ways]
	Answer
}

// Ways are the names of the ways out, in the order of a document. Treat it as a constant.
var Ways = []string{Outside, Names, Loopback, HostItself, Metadata, Networks}

// The ways out.
const (
	Outside    = "outside"  // addresses beyond this host
	Names      = "names"    // outside names are resolved, which carries data out
	Loopback   = "loopback" // services on this host's loopback address
	HostItself = "host"     // services on other addresses of this host
	Metadata   = "metadata" // 169.254.169.254, where clouds give out credentials
	Networks   = "networks" // of other containers, in which it is not
)

// Tried is one thing that a probe tried.
type Tried struct {
	From   string `json:"from"` // this host, a sibling in NETWORK, CONTAINER
	To     string `json:"to"`
	Of     string `json:"of"` // the container that the answer is about
	Expect State  `json:"expect"`
	Got    State  `json:"got"`
	Detail string `json:"detail,omitempty"`
	Probe  Held   `json:"probe"`
}
