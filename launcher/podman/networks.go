package podman

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/claim"
)

// Network is a named bridge network.
type Network struct {
	Name     string
	ID       string         // by the engine
	Driver   string         // bridge, macvlan, ipvlan; by the engine
	Internal bool           // no route to the outside
	Isolate  bool           // no route to other networks
	NoDNS    bool           // nothing resolves names on it
	Subnets  []netip.Prefix // by the engine
	Labels   map[string]string
}

// networkReply is a network on the wire, both ways; see common/libnetwork/types.
type networkReply struct {
	Name     string            `json:"name"`
	ID       string            `json:"id,omitempty"`
	Driver   string            `json:"driver"`
	Internal bool              `json:"internal"`
	DNS      bool              `json:"dns_enabled"`
	Labels   map[string]string `json:"labels,omitempty"`
	Options  map[string]string `json:"options,omitempty"`
	Subnets  []subnetReply     `json:"subnets,omitempty"`
}

type subnetReply struct {
	Subnet string `json:"subnet"`
}

func (n networkReply) isolate() bool {
	return n.Options["isolate"] != "" && n.Options["isolate"] != "false"
}

// Networks are the named networks that an engine holds.
type Networks struct{ api *api }

// Ensure makes the network unless it is there, whoever else does the same
// meanwhile. One of that name that lets more through than was asked for is an
// error.
func (ns Networks) Ensure(ctx context.Context, n Network) (created bool, err error) {
	have, err := ns.get(ctx, n.Name)
	if isNotFound(err) {
		created, err = ns.create(ctx, n)
		if err != nil || created {
			return created, err
		}
		have, err = ns.get(ctx, n.Name)
	}
	if err != nil {
		return false, err
	}
	if have.Driver != "bridge" || n.Internal && !have.Internal || n.Isolate && !have.isolate() || n.NoDNS && have.DNS {
		return false, hint.Errorf("podman network rm "+n.Name,
			"using network %s: it is there already with driver=%s internal=%t isolate=%t dns=%t, not driver=bridge internal=%t isolate=%t dns=%t",
			n.Name, printable(have.Driver), have.Internal, have.isolate(), have.DNS, n.Internal, n.Isolate, !n.NoDNS)
	}
	return false, nil
}

// Inspect looks at a named network.
func (ns Networks) Inspect(ctx context.Context, name string) (Network, error) {
	n, err := ns.get(ctx, name)
	out := Network{Name: n.Name, ID: n.ID, Driver: n.Driver, Internal: n.Internal, Isolate: n.isolate(), NoDNS: !n.DNS, Labels: n.Labels}
	for _, s := range n.Subnets {
		if p, perr := netip.ParsePrefix(s.Subnet); perr == nil {
			out.Subnets = append(out.Subnets, p)
		}
	}
	return out, err
}

func (ns Networks) get(ctx context.Context, name string) (n networkReply, err error) {
	req := request{doing: "inspecting network " + printable(name), method: "GET", path: escaped("networks", name) + "/json", limit: queryLimit}
	_, err = ns.api.do(ctx, req, &n)
	return n, err
}

// create reports false where another caller was first.
func (ns Networks) create(ctx context.Context, n Network) (bool, error) {
	body := networkReply{Name: n.Name, Driver: "bridge", Internal: n.Internal, DNS: !n.NoDNS, Labels: n.Labels}
	if n.Isolate {
		body.Options = map[string]string{"isolate": "true"}
	}
	req := request{doing: "creating network " + printable(n.Name), method: "POST", path: "/networks/create", body: body, limit: queryLimit}
	status, err := ns.api.do(ctx, req, nil)
	if err == nil {
		return true, nil
	}
	// common/libnetwork: "network name X already used: network already exists"
	if status == http.StatusConflict || strings.Contains(err.Error(), "already exists") || strings.Contains(err.Error(), "already used") {
		return false, nil
	}
	return false, err
}

// RemoveIfUnused removes the network of a claim unless a container uses it.
// It tells whether there is none now.
func (ns Networks) RemoveIfUnused(ctx context.Context, c claim.Claim) (gone bool, err error) {
	n, err := ns.get(ctx, c.Name)
	if isNotFound(err) || err == nil && !n.claimedBy(c) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	// By its name: Podman 4.3 looks for containers of a network by the word it is
	// given, and removes one in use that is called by its id.
	req := request{doing: "removing network " + printable(c.Name), method: "DELETE", path: escaped("networks", c.Name), limit: queryLimit}
	var reports []struct{ Err any }
	_, err = ns.api.do(ctx, req, &reports)
	if err == nil && len(reports) > 0 && reports[0].Err != nil {
		err = fmt.Errorf("%s: %s", req.doing, printable(fmt.Sprint(reports[0].Err)))
	}
	switch {
	case err == nil, isNotFound(err):
		return true, nil
	case strings.Contains(err.Error(), "being used"), strings.Contains(err.Error(), "associated containers"):
		return false, nil
	}
	return false, err
}

// claimedBy tells whether the network is the claim's. An id alone is not enough:
// CNI makes it of the name.
func (n networkReply) claimedBy(c claim.Claim) bool {
	return n.Labels[c.Kind.Label()] == c.Token && c.Is(n.ID, n.Name, c.Token)
}
