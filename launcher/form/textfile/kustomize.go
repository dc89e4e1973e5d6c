package textfile

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// kustomizes are the keys of a kustomization that change objects which are read as they stand,
// or make others (sigs.k8s.io/kustomize/api/types, Kustomization).
var kustomizes = strings.Fields(`patches patchesStrategicMerge patchesJson6902 replacements transformers generators validators components vars images replicas
	helmCharts helmChartInflationGenerator helmGlobals`)

// isKustomization tells a kustomization by the name of its file, or by what it says it is.
func isKustomization(file string, n *yaml.Node) bool {
	kind := field(n, "kind")
	return slices.Contains([]string{"kustomization.yaml", "kustomization.yml", "Kustomization"}, path.Base(file)) ||
		kind != nil && slices.Contains([]string{"Kustomization", "Component"}, kind.Value) && field(n, "apiVersion") != nil &&
			strings.HasPrefix(field(n, "apiVersion").Value, "kustomize.config.k8s.io/")
}

// readKustomization notes what a kustomization changes, and what it fetches.
func readKustomization(d *documentReader, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if slices.Contains(kustomizes, k.Value) && (len(v.Content) > 0 || v.Kind == yaml.AliasNode) {
			d.note(d.base+k.Line, "%s: changes objects that are read as they stand, and what comes of them is not read", k.Value)
		}
		for _, r := range v.Content {
			if (k.Value == "resources" || k.Value == "bases") && (strings.Contains(r.Value, "://") || strings.Contains(r.Value, "?ref=") || strings.HasPrefix(r.Value, "github.com/") || strings.HasPrefix(r.Value, "git@")) {
				d.note(d.base+r.Line, "what is fetched there is not read")
			}
		}
	}
}
