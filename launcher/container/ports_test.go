package container

import (
	"fmt"
	"testing"
)

// A range of ports is the same as its ports, and what is missing of it is told port by
// port.
func TestDiffOfPorts(t *testing.T) {
	spec := func(keys ...string) *Spec {
		s := &Spec{}
		for _, k := range keys {
			first, _, err := PortRange(k)
			if err != nil {
				t.Fatal(err)
			}
			Publish.Set(s, k, Port{"127.0.0.1", first + 1000}, Mark{})
		}
		Publish.SetComplete(s, Mark{})
		return s
	}
	for _, c := range []struct {
		a, b *Spec
		want string
	}{
		{spec("8000-8002/tcp"), spec("8000/tcp", "8001/tcp", "8002/tcp"), "[]"},
		{spec("8000-8002/tcp"), spec("8000-8001/tcp", "8002/tcp"), "[]"},
		{spec("8000-8002/tcp"), spec("8000-8002/tcp"), "[]"},
		{spec("8000-8002/tcp"), spec("8000/tcp", "8002/tcp"), "[publish[8001/tcp]]"},
		{spec("8000-8002/tcp"), spec("8000/udp", "8001/udp", "8002/udp"), "[publish[8000/udp] publish[8001/udp] publish[8002/udp] publish[8000-8002/tcp]]"},
		{spec("8000-8002/tcp"), spec(), "[publish[8000-8002/tcp]]"},
	} {
		var got []string
		for _, d := range Diff(c.a, c.b) {
			got = append(got, d.Path.String())
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v against %v: %v, want %s", Publish.Keys(c.a), Publish.Keys(c.b), got, c.want)
		}
	}
	moved := spec("8001/tcp")
	Publish.Set(moved, "8001/tcp", Port{"127.0.0.1", 1}, Mark{})
	if d := Diff(spec("8000-8001/tcp"), moved); len(d) != 2 {
		t.Errorf("another host port: %+v", d)
	}
}
