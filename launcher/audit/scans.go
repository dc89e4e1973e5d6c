package audit

// The controls of what scanners found in the image. They are judged where records of scans
// are, package launcher/plan, and open everywhere else.

// ScanFresh is about a scan being there at all.
var ScanFresh = &Control{
	ID: "ZL-910", Name: "scan-fresh", Title: "A vulnerability scan exists and is fresh", Severity: Medium,
	Why:    "what nobody looked for cannot be accepted",
	Fix:    "scan the image, and keep the report: zlaunch scan --import FILE --image IMAGE",
	Breaks: "hosts without a scanner: import the report of one that has it",
	Refs:   []string{"IBM L184-190", "OWASP #9", "CIS 4.4", "NIST 4.1.1", "NSA image scanning", "CWE-1395"},
}

// ScanTolerance is about what was found. A waiver of it names a vulnerability as its place:
// ZL-911@CVE-2022-40897, or "CVE-2022-40897 setuptools".
var ScanTolerance = &Control{
	ID: "ZL-911", Name: "scan-tolerance", Title: "Open findings are within the agreed tolerance", Severity: Medium,
	Why:    "a number nobody agreed on is ignored: here it is no finding of high or worse that a newer version mends",
	Fix:    "take or derive an image with the versions that mend them: zlaunch scan show IMAGE --only-fixable",
	Breaks: "an upgrade can break the server: try it before, and waive one finding at a time, ZL-911@CVE-…, until it works",
	Refs:   []string{"IBM L184-190", "OWASP #9", "CIS 4.4", "NIST 4.1.1", "NSA image scanning", "CWE-1395"},
}

// OneScanner is about scanners that disagree.
var OneScanner = &Control{
	ID: "ZL-912", Name: "one-scanner", Title: "One scanner, named; difference explained", Severity: Info,
	Why:  "scanners disagree, by their data and by their words for severity",
	Fix:  "zlaunch scan diff IMAGE says in what; name the one that counts in the policy: [scan] tools",
	Refs: []string{"NIST 4.1.1"},
}
