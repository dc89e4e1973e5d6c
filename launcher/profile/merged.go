package profile

import (
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// merged are definitions laid over what they extend: each once, for all who extend it.
type merged struct {
	mu   sync.Mutex
	laid map[branch]laid
}

// branch is a definition as it is on an architecture; "" is any that neither it nor what
// it extends has an overlay for.
type branch struct {
	d    *definition
	arch string
}

// laid is what a branch comes to. As all nodes it is never changed.
type laid struct {
	tree    *node
	project []*node // definitions of the project layer in it, the farthest first
}

// lay lays the first definition of a chain over the others.
func (m *merged) lay(chain []*definition, arch string) laid {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.laid == nil {
		m.laid = map[branch]laid{}
	}
	return m.locked(chain, arch)
}

func (m *merged) locked(chain []*definition, arch string) laid {
	if len(chain) == 0 {
		return laid{}
	}
	d := chain[0]
	at := branch{d, overlaid(chain, arch)}
	if out, done := m.laid[at]; done {
		return out
	}
	out := m.locked(chain[1:], arch)
	n := d.on(arch).stamp(len(chain))
	if d.layer == container.LayerProject {
		out.project = append(out.project[:len(out.project):len(out.project)], n)
	}
	out.tree = merge(out.tree, n)
	m.laid[at] = out
	return out
}

// overlaid is arch where a definition of chain says something of it, else "".
func overlaid(chain []*definition, arch string) string {
	for _, d := range chain {
		if d.arch[arch] != nil {
			return arch
		}
	}
	return ""
}

// archsOf lists the architectures that a chain names an image for.
func archsOf(chain []*definition) []string {
	var out []string
	for _, a := range Archs {
		if namesImage(chain, a) {
			out = append(out, a)
		}
	}
	return out
}

// namesImage tells whether the chain laid over each other has an image, without doing so:
// the nearest that says something of it decides.
func namesImage(chain []*definition, arch string) bool {
	for _, d := range chain {
		for _, n := range []*node{d.arch[arch], d.tree} {
			if n == nil || n.table["container"] == nil {
				continue
			}
			c := n.table["container"]
			if image := c.table["image"]; c.removed || image != nil {
				return !c.removed && !image.removed
			}
		}
	}
	return false
}
