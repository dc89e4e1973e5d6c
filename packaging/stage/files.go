package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
)

// maintainer is who the packages name.
const maintainer = "The zlaunch authors <zlaunch@users.noreply.github.com>"

// changelog is what Debian wants of a package: where it comes from, in its form.
func changelog(version string, src source) []byte {
	return fmt.Appendf(nil, "zlaunch (%s) stable; urgency=medium\n\n  * Built from %s, commit\n    %s.\n\n -- %s  %s\n",
		version, src.describe, src.commit, maintainer, src.time.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// addManual adds the manual pages of the tree, compressed.
func addManual(files map[string][]byte, tree string) error {
	pages, err := filepath.Glob(filepath.Join(tree, "docs", "man", "*.[1-9]"))
	if err != nil || len(pages) == 0 {
		return fmt.Errorf("finding the manual pages in %s: %d of them, %w", tree, len(pages), err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		if files["man"+filepath.Ext(page)[1:]+"/"+filepath.Base(page)+".gz"], err = compressed(text); err != nil {
			return err
		}
	}
	return nil
}

// compressed is data for gunzip, without name and time.
func compressed(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}
