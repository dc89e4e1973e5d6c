package attack

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// call is something that a rule lets through, with its {names} filled in.
type call struct{ method, path string }

// calls are what the attacks on a target are made of; nil: no rule has such a one.
type calls struct {
	http    *call // of the scope inference
	post    *call // the same, with a body
	grpc    *call // the same
	admin   *call
	metrics *call
}

func callsOf(g *gateway.Gateway) calls {
	return calls{
		http:    best(g, gateway.HTTP, gateway.Inference, ""),
		post:    best(g, gateway.HTTP, gateway.Inference, "POST"),
		grpc:    best(g, gateway.GRPC, gateway.Inference, ""),
		admin:   first(best(g, gateway.HTTP, gateway.Admin, ""), best(g, gateway.GRPC, gateway.Admin, "")),
		metrics: best(g, gateway.HTTP, gateway.Metrics, ""),
	}
}

func first(a, b *call) *call {
	if a != nil {
		return a
	}
	return b
}

// best is the call of a scope that does least: that asks for health, or reads. A method of
// "" is any.
func best(g *gateway.Gateway, p gateway.Protocol, s gateway.Scope, method string) *call {
	var out *call
	most := -1
	for _, b := range g.Backends {
		for _, r := range b.Rules {
			if n := tameness(r); b.Protocol == p && r.Scope == s && (method == "" || r.Method == method) && n > most {
				out, most = &call{r.Method, fill(r.Path)}, n
			}
		}
	}
	return out
}

// tameness is how little a call is expected to do: 0 for the least known.
func tameness(r gateway.Rule) int {
	n := 0
	if r.Method == "GET" {
		n += 4
	}
	if !strings.Contains(r.Path, "{") {
		n += 2
	}
	last := strings.ToLower(r.Path[strings.LastIndexByte(r.Path, '/')+1:])
	if slices.ContainsFunc([]string{"health", "live", "ready", "check"}, func(w string) bool { return strings.Contains(last, w) }) {
		n++
	}
	return n
}

// name stands for a {name} of a rule: a model that no server has.
const name = "zlattack"

func fill(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if _, behind, ok := strings.Cut(s, "}"); ok && strings.HasPrefix(s, "{") {
			segments[i] = name + behind
		}
	}
	return strings.Join(segments, "/")
}

// allows tells whether an inference token may do a call: it is then no attack.
func allows(g *gateway.Gateway, method, path string) bool {
	return slices.ContainsFunc(g.Backends, func(b gateway.Backend) bool {
		return slices.ContainsFunc(b.Rules, func(r gateway.Rule) bool {
			return r.Scope == gateway.Inference && r.Matches(method, path)
		})
	})
}
