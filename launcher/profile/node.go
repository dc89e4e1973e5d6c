package profile

import (
	"maps"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// node is one key of a profile: a table, a value in its canonical Go type, or a
// removal. Nodes are never changed once read; merging makes new ones.
type node struct {
	table   map[string]*node // non-nil: a table
	value   any
	removed bool               // written as false: takes away what farther files say
	origins []container.Origin // the deciding one first, then those it replaced
	rank    int                // place of the deciding definition in the chain, 0 the farthest
}

// keys lists the keys of a table, sorted, removals left out.
func (n *node) keys() []string {
	if n == nil {
		return nil
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(n.table)) {
		if !n.table[k].removed {
			out = append(out, k)
		}
	}
	return out
}

// at returns the child at key, or nil where there is none or it was removed.
func (n *node) at(path ...string) *node {
	for _, key := range path {
		if n == nil || n.table[key] == nil || n.table[key].removed {
			return nil
		}
		n = n.table[key]
	}
	return n
}

// find walks a dotted key. Names of elements may hold dots themselves, so the
// whole rest is tried before it is cut.
func (n *node) find(key string) *node {
	if n == nil {
		return nil
	}
	if c := n.table[key]; c != nil {
		return c
	}
	head, rest, dotted := strings.Cut(key, ".")
	if !dotted {
		return nil
	}
	return n.table[head].find(rest)
}

// stamp copies n with every rank set to rank.
func (n *node) stamp(rank int) *node {
	c := *n
	c.rank = rank
	if n.table != nil {
		c.table = make(map[string]*node, len(n.table))
		for k, v := range n.table {
			c.table[k] = v.stamp(rank)
		}
	}
	return &c
}

// merge lays near over far: tables merge key by key, everything else replaces.
func merge(far, near *node) *node {
	if far == nil {
		return near
	}
	if near == nil {
		return far
	}
	out := *near
	out.origins = slices.Concat(near.origins, far.origins)
	if near.table == nil || far.table == nil {
		return &out
	}
	out.table = maps.Clone(far.table)
	for k, v := range near.table {
		out.table[k] = merge(far.table[k], v)
	}
	return &out
}

// get returns the value of n's child at key, or other when there is none. The
// shape the file was read with guarantees the type.
func get[T any](n *node, key string, other T) T {
	c := n.at(key)
	if c == nil {
		return other
	}
	return c.value.(T)
}
