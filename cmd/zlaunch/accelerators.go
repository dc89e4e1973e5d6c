package main

import (
	"fmt"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// accelerators are what this host has for --gpu, and what stands in its way; IBM's Spyre
// cards, which no specification names, with their nodes.
func accelerators(h *host.Facts, podman string) []string {
	var out []string
	r := h.CDI(podman)
	for _, kind := range r.Accelerators() {
		out = append(out, "--gpu "+strings.Join(r.Of(kind), " "))
	}
	for _, p := range r.Problems {
		out = append(out, fmt.Sprintf("%s cannot be believed: %s", p.File, p.Why))
	}
	for _, s := range h.Spyres() {
		out = append(out, spyre(h, s))
	}
	return out
}

func spyre(h *host.Facts, s host.Spyre) string {
	what := map[bool]string{true: "virtual function", false: "card"}[s.Virtual]
	switch {
	case s.Driver != "vfio-pci" || s.Node == "":
		return fmt.Sprintf("IBM Spyre %s %s: not bound to vfio-pci", what, s.Address)
	case !h.OpensNode(s.Node):
		return fmt.Sprintf("IBM Spyre %s %s: %s is not open to you; %s", what, s.Address, s.Node, plan.SpyreNeeds)
	}
	return fmt.Sprintf("IBM Spyre %s %s: %s; %s", what, s.Address, s.Node, plan.SpyreNeeds)
}
