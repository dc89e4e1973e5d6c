package textfile

import (
	"path"
	"slices"
	"strings"
)

// kind is a kind of file.
type kind struct {
	read func(*sheet) error
	as   string // what it is, for people
}

var (
	script     = kind{readScript, "a script"}
	markdown   = kind{readMarkdown, "Markdown"}
	makefile   = kind{readMakefile, "a Makefile"}
	document   = kind{readDocument, "YAML or JSON"}
	dockerfile = kind{readDockerfile, "a Containerfile"}
	perhaps    = kind{readPerhaps, "a script or a text"}
	other      = kind{readOther, "a text of no known kind"}
	hcl        = kind{readHCL, "HCL"}
	jenkins    = kind{readJenkinsfile, "a Jenkinsfile"}
	earth      = kind{readEarthfile, "an Earthfile"}
	page       = kind{readHTML, "HTML"}
	prose      = kind{readProse, "a text, line by line"}
	sections   = kind{readSections, "keys and values"}
	crontab    = kind{readCrontab, "a crontab"}
	procfile   = kind{readProcfile, "a Procfile"}
	just       = kind{readJust, "a justfile"}
	patterns   = kind{readPatterns, "a list of file names"}
)

// As tells what kind a text is read as, by its name and by how it begins, for people:
// "a script", "Markdown".
func As(name string, text []byte) string {
	text, _ = decoded(text)
	return kindOf(name, text).as
}

// hint is what to type where nothing is run in a file of that kind.
func (k kind) hint() string {
	if k.as == dockerfile.as {
		return "it makes an image; a run of that is audited where it is written"
	}
	return "a line begins with podman run, docker run, or their like"
}

// byExtension are the kinds by the end of the name.
var byExtension = map[string]kind{
	".sh": script, ".bash": script, ".ksh": script, ".zsh": script, ".ash": script, ".dash": script, ".bats": script,
	".md": markdown, ".markdown": markdown, ".mdown": markdown, ".mkd": markdown, ".mdx": markdown,
	".mk": makefile, ".mak": makefile, ".make": makefile,
	".yml": document, ".yaml": document, ".json": document, ".jsonc": document, ".ipynb": document,
	".rst": prose, ".adoc": prose, ".asciidoc": prose, ".org": prose, ".html": page, ".htm": page, ".xhtml": page,
	".fish": prose, ".ps1": prose, ".psm1": prose, ".bat": prose, ".cmd": prose,
	".ini": sections, ".cfg": sections, ".conf": sections, ".toml": sections, ".desktop": sections, ".cron": crontab, ".crontab": crontab, ".just": just,
	".ign": document, ".bu": document, ".tf": hcl, ".tofu": hcl, ".hcl": hcl, ".nomad": hcl, ".jenkinsfile": jenkins,
	".dockerfile": dockerfile, ".containerfile": dockerfile,
}

// byName are the kinds by the name, or by what of it stands before a dot.
var byName = map[string]kind{
	"makefile": makefile, "gnumakefile": makefile, "dockerfile": dockerfile, "containerfile": dockerfile,
	"jenkinsfile": jenkins, "earthfile": earth, "kustomization": document, "crontab": crontab, "procfile": procfile, "justfile": just, ".justfile": just,
	".dockerignore": patterns, ".containerignore": patterns, ".gitignore": patterns, "codeowners": patterns,
}

// kindOf recognises a file.
func kindOf(name string, text []byte) kind {
	base := strings.ToLower(path.Base(strings.ReplaceAll(name, `\`, "/")))
	first, _, _ := strings.Cut(string(text[:min(len(text), 200)]), "\n")
	stem, _, _ := strings.Cut(base, ".")
	k, known := byExtension[path.Ext(base)]
	switch {
	case strings.HasPrefix(first, "#!"):
		if interpretsShell(first) {
			return script
		}
		return other
	case strings.HasPrefix(first, "#cloud-config"):
		return document
	case known:
		return k
	case byName[base].read != nil:
		return byName[base]
	case byName[stem].read != nil:
		return byName[stem]
	case path.Base(path.Dir(name)) == "cron.d" || path.Base(path.Dir(name)) == "crontabs":
		return crontab
	case isDocument(text):
		return document
	case path.Ext(base) == "" || base == "standard input":
		return perhaps
	}
	return other
}

// interpretsShell tells whether the first line names a shell.
func interpretsShell(line string) bool {
	for _, w := range strings.Fields(strings.TrimPrefix(line, "#!")) {
		if slices.Contains([]string{"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox", "bats"}, path.Base(w)) {
			return true
		}
	}
	return false
}
