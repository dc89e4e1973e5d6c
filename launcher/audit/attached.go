package audit

// The controls of what an inspection of the image saw. They are judged where records of
// inspections are, package launcher/plan, and open everywhere else.

// Attested is about what somebody says of the image that is attached to it.
var Attested = &Control{
	ID: "ZL-913", Name: "sbom", Title: "SBOM or provenance attestation", Severity: Low,
	Why:    "where a list of what is in an image comes with it, and where it was built, \"are we affected?\" takes minutes",
	Fix:    "take an image whose vendor attaches an SBOM or provenance, or attach one: cosign attest --type spdxjson --predicate FILE IMAGE; then zlaunch inspect --attached IMAGE",
	Breaks: "nothing: it is optional, and hosts without a way to the registry can have a layout inspected that it was copied into",
	Refs:   []string{"OWASP #13", "NIST 4.1", "IBM L184-190"},
}

// NoSetuidFiles is about files that give rights to whoever starts them. It never fails: without
// new privileges they give none.
var NoSetuidFiles = &Control{
	ID: "ZL-914", Name: "no-setuid-files", Title: "No setuid/setgid files needed", Severity: Info,
	Why:  "a run without new privileges (ZL-207) is given nothing by them; one that is ever run otherwise is",
	Fix:  "take or build an image without them: RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +; setcap -r takes capabilities off",
	Refs: []string{"CIS 4.8", "CIS-DI 0008", "CWE-269"},
}
