package scan

// Prison is how zlaunch itself ran the tool: in a container that it proved, which had no
// network and nothing to write to, on the image and on the database.
type Prison struct {
	Profile  string `json:"profile"`            // of the scanner, in the catalogue of that day
	Scanner  string `json:"scanner,omitempty"`  // its image, by the digest of the configuration
	Plan     string `json:"plan"`               // hash of the plan that the proof held it against
	Database string `json:"database,omitempty"` // "sha256:…" of the directory, as zlaunch model digest prints it; "" it is in the scanner's image
	Canary   string `json:"canary"`             // what it found just before in an image that is known to be bad
	// Covered is what shows that it looked at the packages of the image's distribution, as "80 deb
	// packages of debian 12.5"; "" nothing does, and [Scan.Partial] says why not.
	Covered string `json:"covered,omitempty"`
}

// texts are those of a record, which nobody else judges.
func (p *Prison) texts() []string {
	if p == nil {
		return nil
	}
	return []string{p.Profile, p.Scanner, p.Plan, p.Database, p.Canary, p.Covered}
}
