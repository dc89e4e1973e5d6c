package attack

import (
	"context"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// control is an allowed call that was played.
type control struct {
	id, title string
	protocol  gateway.Protocol
	marker    string
	reply     Reply
}

type controls []control

// controls plays an allowed call by every way in.
func (r *round) controls(ctx context.Context) (out controls) {
	add := func(id, title string, p gateway.Protocol, s send) {
		at := r.next()
		r.tell(id + ": " + title)
		out = append(out, control{id, title, p, at.marker, s(ctx, at)})
	}
	if r.calls.http != nil {
		add("allowed/http1", "an allowed call in HTTP/1.1", gateway.HTTP, at("{method} {path}?{query}"))
		add("allowed/http2", "an allowed call in HTTP/2", gateway.HTTP, frames(ask(bearer), ""))
	}
	if c := r.calls.grpc; c != nil {
		add("allowed/grpc", "an allowed call of gRPC", gateway.GRPC, frames(grpcHead(c.path+"?{query}", bearer), emptyMessage))
	}
	if r.t.Signer != nil && r.t.Front.Clients.JWT != nil {
		add("allowed/jwt", "an allowed call with a JSON Web Token", gateway.HTTP, func(ctx context.Context, p *play) Reply {
			text, err := bySigner(nil, func(*play) claims { return nil })(p)
			if err != nil {
				return Reply{Fault: err.Error()}
			}
			return asking("Authorization: Bearer "+text)(ctx, p)
		})
	}
	return out
}

// markers are those of a protocol's.
func (cs controls) markers(p gateway.Protocol) (out []string) {
	for _, c := range cs {
		if c.protocol == p {
			out = append(out, c.marker)
		}
	}
	return out
}

func (cs controls) results(t *trails, suffix string) (out []Result) {
	for _, c := range cs {
		v, by := passed(c.reply, t.of[c.marker])
		out = append(out, Result{ID: c.id + suffix, Title: c.title, Verdict: v, Reply: c.reply.String(), By: by})
	}
	return out
}
