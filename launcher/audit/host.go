package audit

var host = []*Control{
	{ID: "ZL-101", Name: "rootless", Severity: High, Why: "an escape lands as an ordinary user, not as uid 0 on the host", Refs: []string{"IBM L131-144"}, Reads: nil, Judge: nil},
	{ID: "ZL-104", Name: "limits-enforceable", Severity: Medium, Why: "a limit that is silently dropped is a denial of service waiting to happen", Refs: []string{"IBM L100"}, Reads: nil, Judge: nil},
	{ID: "ZL-105", Name: "sub-ids", Severity: Medium, Why: "without a range of its own every container uid is the caller", Refs: []string{"IBM L132-138"}, Reads: nil, Judge: nil},
	{ID: "ZL-107", Name: "host-defaults", Severity: High, Why: "containers.conf can weaken every run while the command line looks clean", Refs: []string{"IBM L104-108"}, Reads: nil, Judge: nil},
	{ID: "ZL-108", Name: "runtime-and-hooks", Severity: Medium, Why: "a hook or another runtime changes isolation without any flag", Refs: nil, Reads: nil, Judge: nil},
}
