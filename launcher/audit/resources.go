package audit

import "slices"

// resources are the controls of group 8: resources and life cycle.
var resources = slices.Concat(limits, life)
