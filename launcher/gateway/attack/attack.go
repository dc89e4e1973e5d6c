// Package attack plays attacks against a gateway that runs, and tells of each what became
// of it: it was refused, it arrived at the server, or nobody knows.
//
// It talks to the address of that gateway alone. A call that is allowed is played before
// and after, for a gateway that lets nothing through proves nothing; and by it the logs
// prove that they would show what arrives.
package attack

import (
	"context"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Attack is one thing that must not get through.
type Attack struct {
	ID    string // "paths/dot-dot": of the theme before the slash
	Title string // what is sent, for a person

	needs    need             // what the target must have for it; nil: nothing
	send     send             // plays it
	refused  refusal          // which answers refuse it
	judged   judged           // by what it is told to have arrived
	protocol gateway.Protocol // whose log would show it; "" HTTP's
}

// Theme is what an attack is about: the begin of its ID.
type Theme string

// The themes, in the order in which they are played: what tires the gateway comes last.
const (
	TLS           Theme = "tls"
	Authorization Theme = "authorization"
	JWT           Theme = "jwt"
	Paths         Theme = "paths"
	GRPC          Theme = "grpc"
	Headers       Theme = "headers"
	Smuggling     Theme = "smuggling"
	Limits        Theme = "limits"
)

// Themes are all of them. Treat it as a constant.
var Themes = []Theme{TLS, Authorization, JWT, Paths, GRPC, Headers, Smuggling, Limits}

// list are the attacks of a theme.
func list(of Theme) []Attack {
	switch of {
	case TLS:
		return slices.Concat(tlsVersions(), clientCertificates())
	case Authorization:
		return slices.Concat(bearers(), scopes())
	case JWT:
		return slices.Concat(keylessTokens(), signedTokens())
	case Paths:
		return slices.Concat(spellings(), requestLines(), foreignCalls(), pathsOfHTTP2())
	case GRPC:
		return slices.Concat(grpcCallers(), grpcMethods())
	case Headers:
		return slices.Concat(oddHeaders(), spoofs())
	case Smuggling:
		return slices.Concat(lengths(), encodings(), smuggledByHTTP2())
	case Limits:
		return slices.Concat(bodies(), crowds())
	}
	return nil
}

// need tells what a target lacks for an attack; "" is nothing.
type need func(*play) string

// send plays an attack and tells what came back.
type send func(context.Context, *play) Reply

// judged says what tells whether an attack arrived.
type judged int

const (
	byMarker  judged = iota // the request that bears the marker must not arrive
	byInner                 // that one may, but not the one hidden in it
	byHeaders               // it arrives, but not what it says of its client
	byEnd                   // its head may arrive, but not all of it
	byCount                 // no more of them than the limit
)

// Verdict is what became of an attack.
type Verdict string

// The verdicts. Arrived and Unknown are bad.
const (
	Refused   Verdict = "refused"
	Arrived   Verdict = "arrived"
	Answered  Verdict = "answered"   // otherwise than refused, but not by the server
	Unknown   Verdict = "unknown"    // neither an answer nor a log tells
	NotPlayed Verdict = "not-played" // the target lacks what it is about
	Passed    Verdict = "passed"     // an allowed call that got through
)

// Bad tells whether a verdict lets the gateway fail.
func (v Verdict) Bad() bool { return v == Arrived || v == Unknown }
