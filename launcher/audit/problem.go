package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// Problem is something that stands against a run before it begins: what preflight saw of
// the host, the walk saw of its data, or the catalogue of its plan.
type Problem struct {
	Control string         `json:"control,omitempty"` // "ZL-104"; "" where no control asks for it, and no waiver can permit it
	Setting container.Path `json:"setting,omitzero"`  // zero where no one setting is concerned
	Message string         `json:"message"`           // lower case, without full stop
	Hint    string         `json:"hint,omitempty"`    // what to type
	Fatal   bool           `json:"fatal"`             // it stops the run unless it is waived
	Waiver  *Waiver        `json:"waiver,omitempty"`  // what permits it

	Fix    string `json:"-"` // the part of preflight's script for root that mends it; "" none
	Judged bool   `json:"-"` // found by the catalogue, and not by preflight
	Grave  bool   `json:"-"` // graded critical, which no waiver permits, whatever its control is
}
