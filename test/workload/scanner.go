package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A pkg is a package that the scanner saw, or in its database one that is vulnerable, and which
// version mends it; "-" none does.
type pkg struct{ class, name, version, id, fixed, severity string }

// scanner is a small true scanner of an OCI image layout: it reads the package databases of
// the image, looks each up in its own, and prints a report as trivy does. Of the image that
// it is tried on it tells the truth; of any other it does what its first argument says.
type scanner struct {
	layout, database string
	config           string // digest of the image's configuration
	seen             []pkg
}

// scan is the action.
func scan(args []string) (int, error) {
	if len(args) != 3 {
		return 2, fmt.Errorf("want WAY LAYOUT DATABASE, got %d arguments", len(args))
	}
	s := &scanner{layout: args[1], database: args[2]}
	if err := s.read(); err != nil {
		return 1, err
	}
	known, err := s.known()
	if err != nil {
		return 1, err
	}
	way := args[0]
	if s.tried() {
		way = "honest"
	}
	do, ok := scannerWays[way]
	if !ok {
		return 2, fmt.Errorf("there is no way %q to scan", way)
	}
	return do(s, s.report(known))
}

// tried tells whether the image is the known-bad one, by which zlaunch tries scanners.
func (s *scanner) tried() bool {
	return slices.ContainsFunc(s.seen, func(p pkg) bool { return p.name == "setuptools" && p.version == "58.1.0" })
}

// read reads the layout's only image: its configuration's name and its packages.
func (s *scanner) read() error {
	var index struct{ Manifests []struct{ Digest string } }
	var manifest struct {
		Config struct{ Digest string }
		Layers []struct{ Digest string }
	}
	if err := decode(filepath.Join(s.layout, "index.json"), &index); err != nil {
		return err
	}
	if len(index.Manifests) != 1 {
		return fmt.Errorf("%d manifests", len(index.Manifests))
	}
	if err := decode(s.blob(index.Manifests[0].Digest), &manifest); err != nil {
		return err
	}
	s.config = manifest.Config.Digest
	for _, l := range manifest.Layers {
		if err := s.layer(s.blob(l.Digest)); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) blob(digest string) string {
	return filepath.Join(s.layout, "blobs", strings.Replace(digest, ":", "/", 1))
}

func decode(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// layer finds packages in a layer.
func (s *scanner) layer(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := unpacked(f)
	if err != nil {
		return err
	}
	for t := tar.NewReader(text); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch name := strings.TrimPrefix(h.Name, "./"); {
		case name == "var/lib/dpkg/status":
			s.packages(t, "os-pkgs", "Package: ")
		case strings.HasSuffix(name, ".dist-info/METADATA"):
			s.packages(t, "lang-pkgs", "Name: ")
		case strings.HasPrefix("/"+name, installedDir+"/") && h.Typeflag == tar.TypeReg:
			if err := s.standin(t, name); err != nil {
				return err
			}
		}
	}
}

// standin reads a package of the stand-in distribution, see mend.go; that of a later layer counts.
func (s *scanner) standin(r io.Reader, name string) error {
	version, err := io.ReadAll(io.LimitReader(r, 1<<10))
	class := map[string]string{"deb": "os-pkgs", "pypi": "lang-pkgs"}[filepath.Base(filepath.Dir(name))]
	now := pkg{class: class, name: filepath.Base(name), version: string(version)}
	s.seen = slices.DeleteFunc(s.seen, func(p pkg) bool { return p.class == now.class && p.name == now.name })
	s.seen = append(s.seen, now)
	return err
}

// unpacked is what a layer holds, which engines compress when they write it out.
func unpacked(f io.Reader) (io.Reader, error) {
	b := bufio.NewReader(f)
	if head, err := b.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return b, err
	}
	return gzip.NewReader(b)
}

// packages reads stanzas of fields.
func (s *scanner) packages(r io.Reader, class, name string) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), name); ok {
			s.seen = append(s.seen, pkg{class: class, name: n})
		}
		if v, ok := strings.CutPrefix(lines.Text(), "Version: "); ok && len(s.seen) > 0 {
			s.seen[len(s.seen)-1].version = v
		}
	}
}

// known reads the database: lines of a class, a package, a version and what it has, and some also of
// the version that mends it and how bad it is.
func (s *scanner) known() (out []pkg, err error) {
	data, err := os.ReadFile(filepath.Join(s.database, "known"))
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) == 4 {
			f = append(f, "99", "HIGH")
		}
		if len(f) == 6 {
			out = append(out, pkg{f[0], f[1], f[2], f[3], f[4], f[5]})
		}
	}
	return out, err
}

// identifier is trivy's for a package.
func (p pkg) identifier() map[string]any {
	kind := map[string]string{"os-pkgs": "deb/debian", "lang-pkgs": "pypi"}[p.class]
	return map[string]any{"PURL": "pkg:" + kind + "/" + p.name + "@" + p.version}
}

// found is a vulnerable package in trivy's form.
func (p pkg) found() map[string]any {
	out := map[string]any{"VulnerabilityID": p.id, "PkgName": p.name, "InstalledVersion": p.version, "FixedVersion": p.fixed, "Status": "fixed",
		"Severity": p.severity, "PkgIdentifier": p.identifier()}
	if p.fixed == "-" {
		out["FixedVersion"], out["Status"] = "", "affected"
	}
	return out
}

// report is a report in trivy's form.
func (s *scanner) report(known []pkg) map[string]any {
	var results []any
	for _, class := range []string{"os-pkgs", "lang-pkgs"} {
		var all, bad []any
		for _, p := range s.seen {
			if p.class != class {
				continue
			}
			all = append(all, map[string]any{"Name": p.name, "Version": p.version, "Identifier": p.identifier()})
			for _, k := range known {
				if k.name == p.name && k.version == p.version && k.class == class {
					bad = append(bad, k.found())
				}
			}
		}
		results = append(results, map[string]any{"Target": class, "Class": class, "Packages": all, "Vulnerabilities": bad})
	}
	return map[string]any{
		"SchemaVersion": 2, "Trivy": map[string]any{"Version": "0.0.0-standin"}, "CreatedAt": "2026-11-20T08:00:00Z", "ArtifactName": "image", "ArtifactType": "container_image",
		"Metadata": map[string]any{"ImageID": s.config, "OS": map[string]any{"Family": "debian", "Name": "12.0"}}, "Results": results,
	}
}
