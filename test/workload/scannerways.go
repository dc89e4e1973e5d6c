package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

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
