package subject

// As is what became of a file of a directory that was walked.
type As string

// What becomes of files, in the order in which it is told. Each ends a sentence that begins
// with their number.
const (
	AsSubject   As = "run containers, or may"
	AsMay       As = "name no engine, and may run one all the same: open together"
	AsNone      As = "hold no container"
	AsWith      As = "are read with what they belong to"
	AsLink      As = "are links to what is read where it lies"
	AsProfiles  As = "define profiles: name one to audit its plans"
	AsRecord    As = "are records of audits"
	AsBinary    As = "are no text, and name no engine"
	AsSocket    As = "are sockets"
	AsExcluded  As = "are excluded"
	AsVersioned As = "are of version control"
)

// allAs are all of them, in order.
var allAs = []As{AsSubject, AsMay, AsNone, AsWith, AsLink, AsProfiles, AsRecord, AsBinary, AsSocket, AsExcluded, AsVersioned}

// Counted is how many files became the same, and which. A directory that was passed over
// counts as one.
type Counted struct {
	As    As
	N     int
	Names []string // the first [maxNamed] of them
}

// maxNamed bounds the names that are kept of files that became the same.
const maxNamed = 10_000

// census counts what became of files.
type census map[As]*Counted

func (c census) add(as As, name string) {
	if c[as] == nil {
		c[as] = &Counted{As: as}
	}
	if c[as].N++; c[as].N <= maxNamed {
		c[as].Names = append(c[as].Names, name)
	}
}

// list are the counts, in the order of all.
func (c census) list() []Counted {
	var out []Counted
	for _, as := range allAs {
		if c[as] != nil {
			out = append(out, *c[as])
		}
	}
	return out
}
