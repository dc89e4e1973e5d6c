package audit

// Unbuilt is a control of the reference that zlaunch does not judge yet.
type Unbuilt struct {
	ID, Name, Title string
	Severity        Severity
	Because         string // why it is not built
}

// NotBuilt lists the controls that are known and not judged, by id, so that
// nothing is left out silently.
func NotBuilt() []Unbuilt { return notBuilt }

var notBuilt = []Unbuilt{}
