// Program trivy writes a database of trivy with the few vulnerabilities of a list, for tests:
// trivy DIRECTORY BUILT < LIST. BUILT is the day it claims to be of, in RFC 3339.
//
// A line of the list is a class, a package, the version that mends it, "-" for none, an id and a
// severity, and for os-pkgs perhaps NAME@VERSION of a distribution, where it is not Debian 12. The
// buckets are those of aquasecurity/trivy-db, pkg/db.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "writing a database of trivy:", err)
		os.Exit(1)
	}
}

func write(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want DIRECTORY BUILT, got %d arguments", len(args))
	}
	built, err := time.Parse(time.RFC3339, args[1])
	if err != nil {
		return err
	}
	if err := os.MkdirAll(args[0], 0o755); err != nil {
		return err
	}
	db, err := bbolt.Open(filepath.Join(args[0], "trivy.db"), 0o644, nil)
	if err != nil {
		return err
	}
	if err := db.Update(fill); err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{"Version": 2, "UpdatedAt": built, "NextUpdate": built.Add(24 * time.Hour), "DownloadedAt": built})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[0], "metadata.json"), data, 0o644)
}

// affected is trivy's number for what nothing mends yet (trivy-db, pkg/types/status.go).
const affected = 2

// The sources of the list, and of the severities.
const (
	debian = "debian 12"
	pip    = "pip::GitHub Security Advisory pip"
)

// redHat is a release whose advisories are of the repositories that its packages come from.
const redHat = "redhat 9"

// redHatRepositories are those of a system as it is installed, and one of an image.
var redHatRepositories = []string{"rhel-9-for-x86_64-baseos-rpms", "rhel-9-for-x86_64-appstream-rpms", "rhel-9-for-s390x-baseos-rpms"}

// fill puts the list into the database.
func fill(tx *bbolt.Tx) error {
	if err := put(tx, map[string]string{"ID": "ghsa", "Name": "GitHub Security Advisory pip"}, "data-source", pip); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		f := strings.Fields(lines.Text())
		source := debian
		switch {
		case len(f) == 6:
			source = strings.Replace(f[5], "@", " ", 1)
		case len(f) != 5:
			continue
		}
		advisory := map[string]any{"FixedVersion": f[2]}
		if f[2] == "-" {
			advisory = map[string]any{"FixedVersion": "", "Status": affected}
		}
		if f[0] == "lang-pkgs" {
			source, advisory = pip, map[string]any{"PatchedVersions": []string{f[2]}, "VulnerableVersions": []string{"<" + f[2]}}
		}
		if source == redHat {
			source, advisory = "Red Hat", map[string]any{"Entries": []map[string]any{{"FixedVersion": f[2], "Cves": []map[string]any{{"Severity": 3}}, "Affected": []int{0}}}}
			for _, repository := range redHatRepositories {
				if err := put(tx, []int{0}, "Red Hat CPE", "repository", repository); err != nil {
					return err
				}
			}
		}
		if f[0] == "os-pkgs" {
			if err := put(tx, map[string]string{"ID": strings.Fields(source)[0], "Name": "its tracker"}, "data-source", source); err != nil {
				return err
			}
		}
		if err := put(tx, advisory, source, f[1], f[3]); err != nil {
			return err
		}
		if err := put(tx, map[string]any{"Title": f[3], "Severity": f[4]}, "vulnerability", f[3]); err != nil {
			return err
		}
	}
	return nil
}

// put writes a value as JSON at a key inside nested buckets.
func put(tx *bbolt.Tx, v any, path ...string) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b, err := tx.CreateBucketIfNotExists([]byte(path[0]))
	for _, name := range path[1 : len(path)-1] {
		if err == nil {
			b, err = b.CreateBucketIfNotExists([]byte(name))
		}
	}
	if err != nil {
		return err
	}
	return b.Put([]byte(path[len(path)-1]), data)
}
