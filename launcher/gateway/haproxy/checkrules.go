package haproxy

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

func (c *checker) backends(all []gateway.Backend) {
	c.want(len(all) >= 1 && len(all) <= mostBackends, "name 1 to 16 ports of the server", "the gateway leads to %d ports", len(all))
	rules := 0
	for i, b := range all {
		c.want(i == 0 || all[i-1].Name < b.Name, "sort the ports by name", "port %q is there twice or not in order", b.Name)
		c.backend(b)
		rules += len(b.Rules)
		for _, r := range b.Rules {
			c.rule(b.Protocol, r)
			c.want(!elsewhere(all[:i], r), "let one port answer it", "%s %s is a call of two ports", r.Method, r.Path)
		}
	}
	c.want(rules >= 1 && rules <= mostRules, "say what may be called", "the gateway has %d rules", rules)
}

func (c *checker) backend(b gateway.Backend) {
	c.want(simpleName().MatchString(b.Name), "small letters, digits and '-'", "%q is no name of a port", b.Name)
	c.want(hostOf(b.Host), "the server's name in the inner network", "%q is no name of a server", b.Host)
	c.want(b.Port > 0 && b.Port < 1<<16, "1 to 65535", "%d is no port", b.Port)
	c.want(b.Protocol == gateway.HTTP || b.Protocol == gateway.GRPC, "http or grpc", "%q is no protocol of a port", b.Protocol)
}

// elsewhere tells whether one of the backends has a rule of the same words.
func elsewhere(backends []gateway.Backend, r gateway.Rule) bool {
	return slices.ContainsFunc(backends, func(b gateway.Backend) bool {
		return slices.ContainsFunc(b.Rules, func(o gateway.Rule) bool { return o.Method == r.Method && o.Path == r.Path })
	})
}

// rule takes what a profile can say. None of it means something in an expression but the dot
// and the braces of a {name}.
func (c *checker) rule(p gateway.Protocol, r gateway.Rule) {
	c.want(slices.Contains(gateway.Scopes, r.Scope), "inference, admin or metrics", "%q is no scope", r.Scope)
	c.want(p != gateway.GRPC || r.Scope != gateway.Metrics, "inference or admin", "metrics are not asked for by gRPC")
	of, parsed, err := gateway.ParseCall(r.Call(p))
	fits := err == nil && of == p && parsed.Method == r.Method && parsed.Path == r.Path && !strings.Contains(r.Path, "..")
	c.want(fits, "as POST /v2/models/{model}/infer, or of gRPC inference.GRPCInferenceService/ModelInfer", "%q %q cannot be let through", r.Method, r.Path)
}
