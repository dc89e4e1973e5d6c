package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A stand-in distribution for images that are mended: a file for each package, which holds
// its version, as it is installed, and as the archive has it. /bin/sh, a link to this
// program, does what a Containerfile of zlaunch derive asks of apt and pip.
const (
	installedDir = "/var/lib/standin"
	archiveDir   = "/srv/archive"
)

// shell does the commands of -euc SCRIPT that such a file has; another one fails.
func shell(args []string) (int, error) {
	if len(args) != 2 || args[0] != "-euc" {
		return 2, errors.New("usage: sh -euc SCRIPT")
	}
	kept, now := "", ""
	for _, line := range strings.Split(args[1], "; ") {
		words := strings.Fields(strings.ReplaceAll(line, "'", ""))
		var err error
		waits()
		switch command := strings.Join(words[:min(4, len(words))], " "); {
		case strings.HasPrefix(command, "export "), strings.HasPrefix(command, "rm -rf "), command == "apt-get update", command == "apt-get clean":
		case strings.HasPrefix(command, "dpkg-query --show "):
			err = installed(words[2 : len(words)-1]) // without >/dev/null
		case strings.HasPrefix(command, "apt-get install --yes --only-upgrade"):
			err = upgrade(words[2:])
		case strings.HasSuffix(command, "-m pip install") && words[4] == "--no-deps":
			err = pins(words[5:])
		case strings.HasPrefix(command, "kept=$(dpkg-query "):
			kept = versions(words)
		case strings.HasPrefix(command, "now=$(dpkg-query "):
			now = versions(words)
		case strings.HasPrefix(command, "if [ "):
			if kept != now {
				err = fmt.Errorf("%s is %s now", kept, now)
			}
		case strings.HasPrefix(command, "then echo "), command == "exit 1", command == "fi":
		default:
			err = fmt.Errorf("%q is no command of the stand-in", line)
		}
		if err != nil {
			return 1, err
		}
	}
	return 0, nil
}

// waits lasts as long as the archive is slow, if it is: it has a file that says so.
func waits() {
	text, _ := os.ReadFile(filepath.Join(archiveDir, "slow"))
	if d, err := time.ParseDuration(string(text)); err == nil {
		time.Sleep(d)
	}
}

// upgrade brings packages to the version of the archive, those that it has.
func upgrade(words []string) error {
	for _, name := range words {
		version, err := os.ReadFile(filepath.Join(archiveDir, "deb", name))
		if strings.HasPrefix(name, "-") || errors.Is(err, os.ErrNotExist) {
			continue // an option, its value, or what the archive has not
		}
		if err != nil {
			return err
		}
		fmt.Println("upgrading", name, "to", string(version))
		if err := os.WriteFile(filepath.Join(installedDir, "deb", name), version, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// installed fails where it has one of the packages not by that very name.
func installed(packages []string) error {
	for _, name := range packages {
		if _, err := os.Stat(filepath.Join(installedDir, "deb", name)); err != nil {
			return fmt.Errorf("dpkg-query: no packages found matching %s", name)
		}
	}
	return nil
}

// versions are those of the packages among some words.
func versions(words []string) (out string) {
	for _, name := range words {
		if version, err := os.ReadFile(filepath.Join(installedDir, "deb", name)); err == nil {
			out += name + " " + string(version) + " "
		}
	}
	return out
}

// pins installs NAME==VERSION.
func pins(words []string) error {
	for _, word := range words {
		name, version, ok := strings.Cut(word, "==")
		if !ok {
			return fmt.Errorf("%q is no NAME==VERSION", word)
		}
		fmt.Println("installing", name, version)
		if err := os.WriteFile(filepath.Join(installedDir, "pypi", name), []byte(version), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// report prints what trivy would of the stand-in packages of the image ID, by a database of
// KIND/PACKAGE/VULNERABLE/FIXED/CVE/SEVERITY each.
func report(args []string) (int, error) {
	if len(args) < 2 {
		return 2, errors.New("an ID and what is vulnerable are needed")
	}
	results := []map[string]any{}
	for _, kind := range []string{"deb", "pypi"} {
		entries, err := os.ReadDir(filepath.Join(installedDir, kind))
		if err != nil {
			return 1, err
		}
		packages, found := []map[string]any{}, []map[string]any{}
		for _, e := range entries {
			version, err := os.ReadFile(filepath.Join(installedDir, kind, e.Name()))
			if err != nil {
				return 1, err
			}
			packages = append(packages, map[string]any{"Name": e.Name(), "Version": string(version)})
			for _, line := range args[1:] {
				if v := strings.Split(line, "/"); slices.Equal(v[:3], []string{kind, e.Name(), string(version)}) {
					found = append(found, map[string]any{"VulnerabilityID": v[4], "PkgName": v[1], "InstalledVersion": v[2], "FixedVersion": v[3], "Severity": v[5],
						"Status": map[bool]string{true: "fixed", false: "affected"}[v[3] != ""], "PkgIdentifier": map[string]any{"PURL": "pkg:" + kind + "/" + v[1] + "@" + v[2]}})
				}
			}
		}
		class := map[string]string{"deb": "os-pkgs", "pypi": "lang-pkgs"}[kind]
		results = append(results, map[string]any{"Target": kind, "Class": class, "Type": kind, "Packages": packages, "Vulnerabilities": found})
	}
	return 0, json.NewEncoder(os.Stdout).Encode(map[string]any{
		"SchemaVersion": 2, "CreatedAt": time.Now().UTC().Format(time.RFC3339), "ArtifactName": "stand-in", "ArtifactType": "container_image",
		"Metadata": map[string]any{"OS": map[string]any{"Family": "debian", "Name": "12.5"}, "ImageID": "sha256:" + args[0]}, "Results": results,
	})
}

// greet serves by the stand-in library greeting, of which each major version does it in
// another way: 1 says hello, 2 says bye, and 3 does not start.
func greet(args []string) (int, error) {
	port, err := onlyNumber(args, math.MaxUint16)
	if err != nil {
		return 2, err
	}
	version, err := os.ReadFile(filepath.Join(installedDir, "pypi", "greeting"))
	if err != nil {
		return 1, err
	}
	word := map[string]string{"1": "hello", "2": "bye"}[strings.Split(string(version), ".")[0]]
	if word == "" {
		return 1, fmt.Errorf("greeting %s has no greet(name)", version)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return 1, err
	}
	return 1, http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _ := io.ReadAll(io.LimitReader(r.Body, 1<<10))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"answer": %q, "id": %d}`, word+" "+string(name), time.Now().UnixNano())
	}))
}
