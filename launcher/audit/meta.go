package audit

// The controls about the audit. Their facts are outside every spec: a reader's, the plan's, the
// waivers'. What is found is brought to [Judge] or added by [Waive].

var InputUnderstood = &Control{
	ID: "ZL-001", Name: "input-understood", Title: "Everything in the input was understood", Severity: Info,
	Why: "an option that was passed over is a hidden pass",
	Fix: "write the value out instead of $NAME, $(command) or a pattern, and correct what is no option",
	// Every thing that was not understood is brought as open.
	Judge: func(*Case) {},
}

var EqualsPlan = &Control{
	ID: "ZL-002", Name: "equals-plan", Title: "The running container equals its plan", Severity: High,
	Why:    "what drifted was run by hand, or defaults changed below it: the reviewed plan is no longer what runs",
	Fix:    "stop it and start the plan again: zlaunch run PROFILE",
	Breaks: "a container that zlaunch did not start has no plan to equal",
	Refs:   []string{"CIS 5", "NIST 3.4.5", "IBM L100-118"},
	Judge:  func(k *Case) { k.NA("there is no plan to hold it against") },
}

var WaiversAlive = &Control{
	ID: "ZL-003", Name: "waivers-alive", Title: "Waivers are alive", Severity: Low,
	Why:   "a waiver that is over, or permits nothing, hides what fails next",
	Fix:   "renew the waiver with a reason, or take it out",
	Refs:  []string{"SARIF suppressions"},
	Judge: func(*Case) {},
}

// PolicyMet is the control of an organisation's own policy, see package policy: each
// check that is not met is brought as one failure. No standard leaves it out, and
// nothing waives it.
var PolicyMet = &Control{
	ID: "ZL-004", Name: "policy-met", Title: "The policy of this host is met", Severity: Critical,
	Why:   "whoever answers for this host has said what must hold of every run on it",
	Fix:   "change what the policy forbids, or ask whom it names: zlaunch policy show",
	Refs:  []string{"NIST 4.4.3"},
	Judge: func(k *Case) { k.NA("no policy was given") },
}
