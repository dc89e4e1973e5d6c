// Stage writes what the packages hold beside files of the tree, for one binary:
//
//	version          the package's version
//	licence          one SPDX expression for all that is linked
//	copyright        the texts of those licences
//	zlaunch.cdx.json its software bill of materials
//	changelog.gz     one entry: this build
//	man/*.gz         the manual pages
//
// The same binary and source give the same bytes, wherever and whenever.
//
// usage: go run ./stage -tree DIR -binary FILE -describe VERSION -commit HASH -time TIME -out DIR
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// source says what is packaged.
type source struct {
	tree     string // the source tree
	binary   string // the program built from it
	describe string // what git describe says
	commit   string
	time     time.Time // the commit's
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "stage: error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var src source
	fs := flag.NewFlagSet("stage", flag.ContinueOnError)
	fs.StringVar(&src.tree, "tree", "", "the source `directory`")
	fs.StringVar(&src.binary, "binary", "", "the program that was built, a `file`")
	fs.StringVar(&src.describe, "describe", "", "the `version` as git describe says it")
	fs.StringVar(&src.commit, "commit", "", "the commit's `hash`")
	at := fs.String("time", "", "the commit's `time`, RFC 3339")
	out := fs.String("out", "", "the `directory` to write to")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if src.tree == "" || src.binary == "" || *out == "" || fs.NArg() > 0 {
		return errors.New("-tree, -binary and -out are needed, and nothing else")
	}
	var err error
	if src.time, err = time.Parse(time.RFC3339, *at); err != nil {
		return fmt.Errorf("reading -time: %w", err)
	}
	return stage(src, *out)
}

func stage(src source, out string) error {
	version, err := packageVersion(src.describe, src.commit, src.time)
	if err != nil {
		return err
	}
	linked, err := readLinked(src)
	if err != nil {
		return err
	}
	bill, err := linked.bill(version, src.time)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"version": []byte(version + "\n"), "licence": []byte(linked.whole() + "\n"), "copyright": linked.copyright(), "zlaunch.cdx.json": bill,
	}
	if files["changelog.gz"], err = compressed(changelog(version, src)); err != nil {
		return err
	}
	if err := addManual(files, src.tree); err != nil {
		return err
	}
	for name, data := range files {
		if err := write(filepath.Join(out, name), data); err != nil {
			return err
		}
	}
	return nil
}

func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}
