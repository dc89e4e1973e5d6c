package audit

// The controls of what scanners found in the image. They are judged where records of scans
// are, package launcher/plan, and open everywhere else.

// ImageRecent is about the day an image was built.
var ImageRecent = &Control{
	ID: "ZL-909", Name: "image-recent", Title: "Image is recent", Severity: Low,
	Why:    "what was built long ago has the holes that were found since",
	Fix:    "take the newest build, or build it anew on a base of today",
	Breaks: "the vendor decides how often there is a new one: waive it, and name the newest there is",
	Refs:   []string{"IBM L184-190", "CIS 4.4", "OWASP #0", "NIST 3.1.1", "NIST 3.2.2"},
}

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
