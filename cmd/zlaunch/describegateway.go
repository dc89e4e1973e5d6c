package main

import (
	"fmt"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// widened are the calls that a gateway lets through by a profile, and would refuse, or ask
// for another scope, by the nearest one behind the project's which it extends; and that no
// gateway need stand there where that wants one. Where that has no list for a port there is
// nothing to widen.
func widened(p *profile.Profile, far *profile.Catalog) (out []string) {
	for _, name := range p.Chain {
		q, err := far.ResolveBare(name, p.Arch)
		if err != nil {
			continue
		}
		if q.BehindGateway && !p.BehindGateway {
			out = append(out, "behind_gateway is false, and "+q.Name+" stands behind one")
		}
		for _, b := range p.Gateway {
			i := slices.IndexFunc(q.Gateway, func(o gateway.Backend) bool { return o.Name == b.Name })
			if i < 0 {
				continue
			}
			for _, r := range b.Rules {
				if !slices.Contains(q.Gateway[i].Rules, r) {
					out = append(out, fmt.Sprintf("gateway.%s.%s lets %s through, which %s does not", b.Name, r.Scope, r.Call(b.Protocol), q.Name))
				}
			}
		}
		break
	}
	return out
}
