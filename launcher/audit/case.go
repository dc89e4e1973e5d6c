package audit

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Case is one spec before one control. What the control says of it becomes
// findings; a case of which nothing is said has passed.
type Case struct {
	Spec    *container.Spec
	control *Control
	out     []Finding  // of all controls so far
	begin   int        // of this control
	mounts  []*mount   // of Spec, read once for all controls; see volumes
	paths   []hostPath // likewise; see hostPaths
}

// Fail says that the spec breaks the control at a setting, and how: the
// obligation, in the user's own words: "read_only must be true".
func (k *Case) Fail(at container.Path, format string, args ...any) {
	k.FailAs(k.control.Severity, at, format, args...)
}

// FailAs is [Case.Fail] for a failure that weighs more or less than the control.
func (k *Case) FailAs(s Severity, at container.Path, format string, args ...any) {
	k.say(Fail, s, at, format, args...)
}

func (k *Case) say(v Verdict, s Severity, at container.Path, format string, args ...any) {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	k.out = append(k.out, Finding{Control: k.control, Verdict: v, Severity: s, At: at, Message: message})
}

// Open says that what the control must know of a setting is not known, and what
// would tell.
func (k *Case) Open(at container.Path, format string, args ...any) {
	k.say(Open, k.control.Severity, at, format, args...)
}

// Review says that no setting can tell and a person must look, and at what.
func (k *Case) Review(at container.Path, format string, args ...any) {
	k.say(Review, k.control.Severity, at, format, args...)
}

// NA says why the control does not apply to the spec at all.
func (k *Case) NA(format string, args ...any) {
	k.say(NotApplicable, k.control.Severity, container.Path{}, format, args...)
}

// silent tells whether the control has said nothing so far.
func (k *Case) silent() bool { return len(k.out) == k.begin }
