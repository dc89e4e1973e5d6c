package profile

import (
	"errors"
	"fmt"
)

// Scanner is what a workload needs that looks for vulnerabilities in images. zlaunch scan
// runs it as a prisoner: it has these two directories, both read-only, and its standard
// output, and nothing else.
type Scanner struct {
	Image    string   // absolute path: where it expects the image, as an OCI image layout
	Database string   // absolute path: where it expects its database; "" it brings its own
	Tool     string   // whose report it prints, one of Tools
	Finds    []string // classes of packages that it knows vulnerabilities of, out of Finds
}

// Tools are the scanners that run on a host and whose reports are read, called as those call
// them. Treat it as a constant.
var Tools = []string{"debsecan", "docker-scout", "grype", "trivy"}

// Finds are the classes of packages, called as the table of scanners calls them. Treat it as
// a constant.
var Finds = []string{"lang-pkgs", "os-pkgs"}

// scannerShape is the scanner table. Treat it as a constant.
var scannerShape = &shape{fields: map[string]*shape{
	"image":    text(absolute).as("an absolute path").like(paths),
	"database": text(absolute).as("an absolute path").like(paths),
	"tool":     oneOf(Tools...),
	"finds":    words(lazy(`^(lang|os)-pkgs$`, 0), "lang-pkgs or os-pkgs"),
}}

// fillScanner sets what the scanner table says.
func (p *Profile) fillScanner() {
	s := p.tree.at("scanner")
	if s == nil {
		return
	}
	p.Scanner = &Scanner{get(s, "image", ""), get(s, "database", ""), get(s, "tool", ""), get(s, "finds", Finds)}
}

// check finds what a scanner lacks.
func (s *Scanner) check() (out lacks) {
	switch {
	case s == nil:
	case s.Image == "":
		out = append(out, errors.New("scanner.image: there is none"))
	case s.Tool == "":
		out = append(out, errors.New("scanner.tool: there is none"))
	case len(s.Finds) == 0:
		out = append(out, errors.New("scanner.finds: there is none, and what is to find nothing cannot be tried"))
	case s.Image == s.Database:
		out = append(out, fmt.Errorf("scanner.image and scanner.database are both %s", s.Image))
	}
	return out
}
