package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// gatewayShape is [profile.NAME.gateway.PORT]: what may be called at a port of the workload,
// a list for each scope. Treat it as a constant.
var gatewayShape = func() *shape {
	fields := map[string]*shape{"protocol": oneOf(string(gateway.GRPC), string(gateway.HTTP))}
	for _, s := range gateway.Scopes {
		fields[string(s)] = calls()
	}
	return &shape{elem: &shape{fields: fields}, name: called(portName, "a port's name")}
}()

// calls is a []string of calls, each there once.
func calls() *shape {
	s := list(func(s string) error { _, _, err := gateway.ParseCall(s); return err }, false).
		as(`a list of calls, "METHOD /PATH" or of gRPC "PACKAGE.SERVICE/METHOD"`).like(lazy(gateway.Call, 256))
	read := s.leaf
	s.leaf = func(v any) (any, error) {
		out, err := read(v)
		if err != nil {
			return nil, err
		}
		all := out.([]string)
		for i, call := range all {
			if slices.Contains(all[:i], call) {
				return nil, fmt.Errorf("%q stands there twice", call)
			}
		}
		return all, nil
	}
	return s
}

// gateway looks, below n, at ports of which one definition says the protocol and what may be
// called: what is wrong there has a line. What only several say shows in [Profile.check].
func (r reader) gateway(key string, n *node) {
	ports := n.at("gateway")
	for _, port := range ports.keys() {
		b, err := backend(port, ports.at(port))
		if b.Protocol == "" || len(b.Rules) == 0 {
			continue
		}
		if err = cmp.Or(err, b.Check()); err != nil {
			r.fail(join(join(key, "gateway"), port), err)
		}
	}
}

func (p *Profile) fillGateway() {
	for _, name := range p.behindGateway() {
		b, _ := backend(name, p.tree.at("gateway", name))
		for _, port := range p.Ports {
			if port.Name == name {
				b.Port = int(port.Number)
			}
		}
		p.Gateway = append(p.Gateway, b)
	}
	p.BehindGateway = get(p.tree, "behind_gateway", false)
}

// checkGateway finds what is wrong with the ports as all definitions say them.
func (p *Profile) checkGateway() (out lacks) {
	if p.BehindGateway && len(p.Gateway) == 0 {
		out = append(out, errors.New("behind_gateway: no gateway.PORT says what may be called through one"))
	}
	for _, name := range p.behindGateway() {
		b, err := backend(name, p.tree.at("gateway", name))
		if !p.hasPort(name) {
			err = errors.New("it is no name in ports")
		}
		if err = cmp.Or(err, b.Check()); err != nil {
			out = append(out, fmt.Errorf("gateway.%s: %w", name, err))
		}
	}
	return out
}

// behindGateway lists the ports that lists are given for, without those that a nearer file
// has removed.
func (p *Profile) behindGateway() []string {
	ports := p.tree.table["ports"]
	return slices.DeleteFunc(p.tree.at("gateway").keys(), func(name string) bool {
		return ports != nil && (ports.removed || ports.table[name] != nil && ports.table[name].removed)
	})
}

// backend is what a table says of one port. The error is a call that is not of its protocol.
func backend(name string, n *node) (gateway.Backend, error) {
	var err error
	b := gateway.Backend{Name: name, Protocol: gateway.Protocol(get(n, "protocol", ""))}
	for _, scope := range gateway.Scopes {
		for _, call := range get[[]string](n, string(scope), nil) {
			p, r, _ := gateway.ParseCall(call) // the shape has read it
			if b.Protocol != "" && p != b.Protocol {
				err = cmp.Or(err, fmt.Errorf("%q is a call of %s, and the protocol is %q", call, p, b.Protocol))
			}
			r.Scope = scope
			b.Rules = append(b.Rules, r)
		}
	}
	return b, err
}
