// Program grype writes a database of grype with the few vulnerabilities of a list, for tests:
// grype DIRECTORY BUILT < LIST. BUILT is the day it claims to be of, in RFC 3339.
//
// A line of the list is a class, a package, the version that mends it, an id and a severity; behind them
// NAME@VERSION of a distribution, where it is not Debian 12.
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/spf13/afero"
)

func main() {
	if err := write(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "writing a database of grype:", err)
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
	dir := filepath.Join(args[0], "6") // the schema's number, as grype has it
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	w, err := v6.NewWriter(v6.Config{DBDirPath: dir, CacheSizeKiB: 1 << 10})
	if err != nil {
		return err
	}
	if err := w.SetDBMetadata(); err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := add(w, built, strings.Fields(lines.Text())); err != nil {
			return err
		}
	}
	if err := end(w, built); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := date(dir, built); err != nil {
		return err
	}
	_, err = v6.WriteImportMetadata(afero.NewOsFs(), dir, "a test")
	return err
}

// end has the database say when Debian 7 ended, beside a package that no image has.
func end(w v6.Writer, at time.Time) error {
	day := time.Date(2016, 4, 25, 0, 0, 0, 0, time.UTC)
	wheezy := &v6.OperatingSystem{Name: "debian", ReleaseID: "debian", MajorVersion: "7", Codename: "wheezy", EOLDate: &day}
	return put(w, at, strings.Fields("os-pkgs no-such-package 1 CVE-1999-0001 LOW"), wheezy)
}

// date has the database say of which day it is.
func date(dir string, built time.Time) error {
	db, err := v6.NewLowLevelDB(filepath.Join(dir, v6.VulnerabilityDBFileName), false, true, false)
	if err != nil {
		return err
	}
	if err := db.Exec("UPDATE db_metadata SET build_timestamp = ?", built).Error; err != nil {
		return err
	}
	conn, err := db.DB()
	if err != nil {
		return err
	}
	return conn.Close()
}

// add adds one line of the list.
func add(w v6.Writer, at time.Time, f []string) error {
	switch {
	case len(f) == 6:
		return put(w, at, f, release(f[5]))
	case len(f) != 5:
		return nil
	case f[0] == "lang-pkgs":
		return put(w, at, f, nil)
	}
	return put(w, at, f, &v6.OperatingSystem{Name: "debian", ReleaseID: "debian", MajorVersion: "12", Codename: "bookworm"})
}

// release is what a line calls NAME@VERSION.
func release(word string) *v6.OperatingSystem {
	name, version, _ := strings.Cut(word, "@")
	major, minor, _ := strings.Cut(version, ".")
	out := &v6.OperatingSystem{Name: name, ReleaseID: name, MajorVersion: major, MinorVersion: minor}
	if name == "redhat" { // as grype's own databases have it
		out.ReleaseID = "rhel"
	}
	return out
}

// put writes one line, of a release of the distribution; nil is none.
func put(w v6.Writer, at time.Time, f []string, release *v6.OperatingSystem) error {
	name, fixed, id, severity := f[1], f[2], f[3], f[4]
	provider, kind, ecosystem := "debian", "dpkg", "deb"
	if release == nil {
		provider, kind, ecosystem = "github", "python", "python"
	} else {
		switch provider = release.Name; provider {
		case "alpine":
			kind, ecosystem = "apk", "apk"
		case "redhat":
			provider, kind, ecosystem = "rhel", "rpm", "rpm"
		}
	}
	year := at.Year()
	_, _ = fmt.Sscanf(id, "CVE-%d-", &year) // it was published in the year of its id
	published := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	v := &v6.VulnerabilityHandle{Name: id, Status: v6.VulnerabilityActive, PublishedDate: &published, ModifiedDate: &at,
		Provider:  &v6.Provider{ID: provider, Version: "1", Processor: "test", DateCaptured: &at, InputDigest: "xxh64:0000000000000000"},
		BlobValue: &v6.VulnerabilityBlob{ID: id, Severities: []v6.Severity{{Scheme: v6.SeveritySchemeCHML, Value: strings.ToLower(severity), Rank: 1}}}}
	if err := w.AddVulnerabilities(v); err != nil {
		return err
	}
	return w.AddAffectedPackages(&v6.AffectedPackageHandle{Vulnerability: v, OperatingSystem: release, Package: &v6.Package{Name: name, Ecosystem: ecosystem},
		BlobValue: &v6.PackageBlob{CVEs: []string{id}, Ranges: []v6.Range{{Version: v6.Version{Type: kind, Constraint: "< " + fixed}, Fix: &v6.Fix{Version: fixed, State: v6.FixedStatus}}}}})
}
