package report

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// GatewayPort is a port of the workload, and what may be called there through a gateway.
type GatewayPort struct {
	Port      string   `json:"port"`
	Protocol  string   `json:"protocol"`
	Inference []string `json:"inference,omitempty"`
	Admin     []string `json:"admin,omitempty"`
	Metrics   []string `json:"metrics,omitempty"`
}

// GatewayPorts are the ports of a profile that have lists.
func GatewayPorts(backends []gateway.Backend) (out []GatewayPort) {
	for _, b := range backends {
		calls := func(s gateway.Scope) (out []string) {
			for _, r := range b.Of(s) {
				out = append(out, r.Call(b.Protocol))
			}
			return out
		}
		out = append(out, GatewayPort{b.Name, string(b.Protocol), calls(gateway.Inference), calls(gateway.Admin), calls(gateway.Metrics)})
	}
	return out
}

// data writes one line for each scope.
func (g GatewayPort) data(field func(name, value string)) {
	for _, of := range []struct {
		scope gateway.Scope
		calls []string
	}{{gateway.Inference, g.Inference}, {gateway.Admin, g.Admin}, {gateway.Metrics, g.Metrics}} {
		if len(of.calls) > 0 {
			field("gateway "+g.Port, g.Protocol+", "+string(of.scope)+": "+strings.Join(of.calls, ", "))
		}
	}
}
