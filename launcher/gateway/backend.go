package gateway

import "fmt"

// Check finds what is wrong with the rules of a port: one that is not of its protocol, and
// two by which the same call has two scopes, so that who may do the one may do the other.
func (b Backend) Check() error {
	if b.Protocol != HTTP && b.Protocol != GRPC {
		return fmt.Errorf("the protocol is %q, neither http nor grpc", b.Protocol)
	}
	if len(b.Rules) == 0 {
		return fmt.Errorf("nothing may be called")
	}
	for i, r := range b.Rules {
		p, _, err := ParseCall(r.Call(b.Protocol))
		if err != nil {
			return err
		}
		if p != b.Protocol || p == GRPC && r.Method != "POST" {
			return fmt.Errorf("%q is a call of %s, and the port speaks %s", r.Call(b.Protocol), p, b.Protocol)
		}
		for _, o := range b.Rules[:i] {
			if o == r {
				return fmt.Errorf("%q stands there twice", r.Call(b.Protocol))
			}
			if o.Scope != r.Scope && o.Overlaps(r) {
				return fmt.Errorf("%q of %s and %q of %s let the same call through", o.Call(b.Protocol), o.Scope, r.Call(b.Protocol), r.Scope)
			}
		}
	}
	return nil
}

// Of are the rules of one scope, in their order.
func (b Backend) Of(s Scope) (out []Rule) {
	for _, r := range b.Rules {
		if r.Scope == s {
			out = append(out, r)
		}
	}
	return out
}
