package profile

// WhyPlaces is for tests; it lists the keys of the merged why table.
func WhyPlaces(p *Profile) []string { return p.tree.at("why").keys() }

// RowKeys is for tests; it lists the keys of a container table.
func RowKeys() []string { return rowKeys() }
