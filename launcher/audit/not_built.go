package audit

// Unbuilt is a control that has an id and is not judged yet.
type Unbuilt struct {
	ID, Name, Title string
	Severity        Severity
	Because         string // why it is not built
}

// NotBuilt lists the controls that are known and not judged, by id, so that
// nothing is left out silently.
func NotBuilt() []Unbuilt { return notBuilt }

var notBuilt = []Unbuilt{
	{"ZL-909", "image-recent", "Image is recent", Low,
		"the age of an image is not read, and builds that can be repeated carry no true date"},
	{"ZL-910", "scan-fresh", "A vulnerability scan exists and is fresh", Medium, noRecords},
	{"ZL-911", "scan-tolerance", "Open findings are within the agreed tolerance", Medium, noRecords},
	{"ZL-912", "one-scanner", "One scanner, named; difference explained", Info, noRecords},
	{"ZL-913", "sbom", "SBOM or provenance attestation", Low, noRecords},
	{"ZL-914", "no-setuid-files", "No setuid/setgid files needed", Info,
		"the files of an image are not read; with no_new_privileges (ZL-207) they raise nothing"},
	{"ZL-937", "model-confidential", "Model is not world-readable when confidential", Info,
		"no profile can say that a model is confidential"},
}

const noRecords = "records of scanners are not read"
