package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A pkg is a package that the scanner saw, or in its database one that is vulnerable.
type pkg struct{ class, name, version, id string }

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
	for _, p := range s.seen {
		if p.name == "setuptools" && p.version == "58.1.0" {
			way = "honest"
		}
	}
	do, ok := scannerWays[way]
	if !ok {
		return 2, fmt.Errorf("there is no way %q to scan", way)
	}
	return do(s, s.report(known))
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
		}
	}
}

// packages reads stanzas of fields.
// unpacked is what a layer holds, which engines compress when they write it out.
func unpacked(f io.Reader) (io.Reader, error) {
	b := bufio.NewReader(f)
	if head, err := b.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return b, err
	}
	return gzip.NewReader(b)
}

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

// known reads the database: lines of a class, a package, a version and what it has.
func (s *scanner) known() (out []pkg, err error) {
	data, err := os.ReadFile(filepath.Join(s.database, "known"))
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) == 4 {
			out = append(out, pkg{f[0], f[1], f[2], f[3]})
		}
	}
	return out, err
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
			all = append(all, map[string]any{"Name": p.name, "Version": p.version})
			for _, k := range known {
				if k.name == p.name && k.version == p.version && k.class == class {
					bad = append(bad, map[string]any{"VulnerabilityID": k.id, "PkgName": p.name, "InstalledVersion": p.version, "FixedVersion": "99", "Status": "fixed", "Severity": "HIGH"})
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

// scannerWays are what a scanner does with its report.
var scannerWays = map[string]func(s *scanner, r map[string]any) (int, error){
	"honest":    func(_ *scanner, r map[string]any) (int, error) { return 0, printReport(r, -1) },
	"truncated": func(_ *scanner, r map[string]any) (int, error) { return 0, printReport(r, 300) },
	"fails":     func(*scanner, map[string]any) (int, error) { return 3, fmt.Errorf("no idea") },
	"silent":    func(*scanner, map[string]any) (int, error) { return 0, nil },
	"other": func(_ *scanner, r map[string]any) (int, error) {
		r["Metadata"].(map[string]any)["ImageID"] = "sha256:" + strings.Repeat("d", 64)
		return 0, printReport(r, -1)
	},
	"future": func(_ *scanner, r map[string]any) (int, error) { r["SchemaVersion"] = 3; return 0, printReport(r, -1) },
	"blind": func(_ *scanner, r map[string]any) (int, error) {
		r["Results"] = []any{map[string]any{"Target": "x", "Class": "os-pkgs", "Packages": []any{}}}
		return 0, printReport(r, -1)
	},
	"ended": func(_ *scanner, r map[string]any) (int, error) {
		r["Metadata"].(map[string]any)["OS"].(map[string]any)["EOSL"] = true
		return 0, printReport(r, -1)
	},
	"imposter": func(*scanner, map[string]any) (int, error) {
		_, err := fmt.Println(`{"matches": [], "source": {"type": "image", "target": {"imageID": "sha256:` + strings.Repeat("d", 64) + `"}}, "descriptor": {"name": "grype", "version": "0.1.0", "db": {"schemaVersion": 6}}}`)
		return 0, err
	},
	"escapes": func(s *scanner, r map[string]any) (int, error) { return 0, s.escapes(r) },
	"flood": func(*scanner, map[string]any) (int, error) {
		return 0, flood(`{"SchemaVersion": 2, "Results": [`, `{"Target": "`+strings.Repeat("x", 16<<10)+`"},`)
	},
	"noise": func(*scanner, map[string]any) (int, error) {
		return 0, flood("", "\x1b[2Jxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n")
	},
	"endless": func(*scanner, map[string]any) (int, error) { time.Sleep(24 * time.Hour); return 0, nil },
}

// printReport prints a report, or its first bytes.
func printReport(r map[string]any, most int) error {
	data, err := json.MarshalIndent(r, "", " ")
	if data = append(data, '\n'); most >= 0 {
		data = data[:most]
	}
	if err == nil {
		_, err = os.Stdout.Write(data)
	}
	return err
}

// flood prints text without an end.
func flood(first, again string) error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	if _, err := out.WriteString(first); err != nil {
		return err
	}
	for {
		if _, err := out.WriteString(again); err != nil {
			return err
		}
	}
}

// escapes tries what a scanner must not be able to do, says on standard error what came of
// it, and is honest otherwise.
func (s *scanner) escapes(r map[string]any) error {
	links, _ := net.Interfaces()
	for _, l := range links {
		fmt.Fprintln(os.Stderr, "interface", l.Name)
	}
	for _, to := range []string{"192.0.2.1:443", "127.0.0.1:22", "10.0.2.2:80"} {
		c, err := net.DialTimeout("tcp", to, 5*time.Second)
		if err == nil {
			c.Close()
			return fmt.Errorf("REACHED %s", to)
		}
		fmt.Fprintln(os.Stderr, err)
	}
	if _, err := net.LookupHost("example.org"); err == nil {
		return fmt.Errorf("REACHED a resolver")
	}
	for _, dir := range []string{"/", "/etc", s.layout, s.database, filepath.Join(s.layout, "blobs", "sha256")} {
		if err := os.WriteFile(filepath.Join(dir, "planted"), nil, 0o600); err == nil {
			return fmt.Errorf("WROTE in %s", dir)
		}
	}
	if os.Getuid() == 0 {
		return fmt.Errorf("IS root")
	}
	return printReport(r, -1)
}
