package audit

import "slices"

// supply are the controls of group 9: image, supply chain, secrets, models.
var supply = slices.Concat(images, secrets, models)
