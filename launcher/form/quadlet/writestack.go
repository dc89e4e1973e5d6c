package quadlet

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/form"
)

// WriteStack writes a unit for each run of a stack, and for each network one that those in
// it link. A run is started behind those that it waits for, and ends with them.
func WriteStack(s form.Stack, target string) (*form.Document, error) {
	for _, r := range s.Runs {
		for _, other := range r.After {
			if !unitName().MatchString(other) {
				return nil, fmt.Errorf("writing a unit: %s cannot be the name of one", clipped(other))
			}
		}
	}
	return s.Each(func(r form.Run) (*form.Document, error) { return Write(r, target, Service{}) })
}
