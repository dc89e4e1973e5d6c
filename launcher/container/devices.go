package container

import (
	"fmt"
	"slices"
	"strings"
)

// DeviceNode is a device node that a device of the Container Device Interface brings.
type DeviceNode struct {
	Type   string `json:"type"` // c or b
	Major  int64  `json:"major"`
	Minor  int64  `json:"minor"`
	Access string `json:"access"` // of r, w, m: what its device cgroup lets through, where there is one
}

// String writes the node as --device-cgroup-rule does: "c 195:0 rw".
func (n DeviceNode) String() string {
	return fmt.Sprintf("%s %d:%d %s", n.Type, n.Major, n.Minor, n.Access)
}

// Hook is a program of the host that the OCI runtime runs as its caller, not confined
// by the container.
type Hook struct {
	Path    string   `json:"path"`
	Args    []string `json:"args,omitempty"` // its own name first
	Env     []string `json:"env,omitempty"`
	Timeout int64    `json:"timeout,omitempty"` // seconds; 0 none
}

// String writes the hook's words; the values of its variables are not in them.
func (h Hook) String() string {
	words := []string{h.Path}
	if len(h.Args) > 1 {
		words = append(words, h.Args[1:]...)
	}
	return strings.Join(words, " ")
}

// hooks is a keyed row of hooks, in whose words a secret may stand.
func hooks(key string, proof Evidence, at func(*Spec) *map[string]Hook) Map[Hook] {
	m := brought(keyed(key, proof, at))
	m.redact = func(v any) any {
		h, ok := v.(Hook)
		if !ok {
			return v
		}
		h.Args, h.Env = MaskArgs(h.Args), slices.Clone(h.Env)
		for i, kv := range h.Env {
			name, _, _ := strings.Cut(kv, "=")
			h.Env[i] = name + "=" + Redacted
		}
		return h
	}
	m.equality = func(a, b Hook) bool {
		return a.Path == b.Path && a.Timeout == b.Timeout && slices.Equal(a.Args, b.Args) && slices.Equal(a.Env, b.Env)
	}
	return m
}

// brought is a keyed row that no option states.
func brought[T any](m Map[T]) Map[T] { m.derived = true; return m }

// HookKey is the key of the nth hook of a stage, counted from 1.
func HookKey(stage string, n int) string { return fmt.Sprintf("%s %d", stage, n) }

// HookStage is the stage of such a key.
func HookStage(key string) string { stage, _, _ := strings.Cut(key, " "); return stage }

// Brought tells whether a specification of the Container Device Interface decided a
// flag.
func (m Mark) Brought() bool { return len(m.Origin) > 0 && m.Origin[0].Layer == LayerCDI }
