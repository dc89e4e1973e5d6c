package container

import (
	"fmt"
	"strings"
)

// Alike are two specs in the same words: what may be written in two ways is written in
// one where they would differ by that alone. [Diff] compares them so.
func Alike(a, b *Spec) (*Spec, *Spec) { return spread(a, b), spread(b, a) }

// spread is s with every range of ports written port by port where other has a part of
// it, so that a range and its ports are the same: a line may have either, and a container
// has always the ports.
func spread(s, other *Spec) *Spec {
	out := s
	for _, key := range Publish.Keys(s) {
		first, last, err := PortRange(key)
		if err != nil || first == last || !partly(other, key) {
			continue
		}
		if out == s {
			out = Clone(s)
		}
		p, mark, _ := Publish.Get(s, key)
		Publish.Delete(out, key)
		_, protocol, _ := strings.Cut(key, "/")
		for n := int(first); n <= int(last); n++ {
			one := p
			if p.HostPort != 0 {
				one.HostPort = p.HostPort + uint16(n-int(first))
			}
			Publish.Set(out, fmt.Sprintf("%d/%s", n, protocol), one, mark)
		}
	}
	return out
}

// partly tells whether s has a port of the range key, but not that very range.
func partly(s *Spec, key string) bool {
	first, last, _ := PortRange(key)
	_, protocol, _ := strings.Cut(key, "/")
	found := false
	for _, k := range Publish.Keys(s) {
		if k == key {
			return false
		}
		from, to, err := PortRange(k)
		_, of, _ := strings.Cut(k, "/")
		found = found || err == nil && of == protocol && from <= last && to >= first
	}
	return found
}
