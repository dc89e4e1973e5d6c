package podman

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
)

// Networks lists the names of the networks that carry label, sorted.
func (e *Engine) Networks(ctx context.Context, label string) ([]string, error) {
	filters, err := json.Marshal(map[string][]string{"label": {label}})
	if err != nil {
		return nil, err
	}
	var list []networkReply
	_, err = e.do(ctx, request{doing: "listing networks", method: http.MethodGet, path: "/networks/json",
		query: url.Values{"filters": {string(filters)}}, limit: queryLimit}, &list)
	names := make([]string, 0, len(list))
	for _, n := range list {
		names = append(names, n.Name)
	}
	slices.Sort(names)
	return names, err
}
