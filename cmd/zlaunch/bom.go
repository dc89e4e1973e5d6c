package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/bom"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/model/store"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// printBOM prints scans of an image, and the models that were named, as CycloneDX.
func printBOM(x *scanning, doc report.Scan, scans []*scan.Scan) error {
	out := bom.Document{Tool: versionOf().Version, Models: x.parts, Image: &bom.Image{Image: doc.Image, Scans: scans, Filter: filterOf(x)}}
	for _, f := range doc.Findings {
		out.Image.Findings = append(out.Image.Findings, bom.Finding(f))
	}
	return out.Write(x.std.out)
}

// filterOf is which findings were asked for, as it was typed; "" all.
func filterOf(x *scanning) string {
	var out []string
	if x.fixable {
		out = append(out, "--only-fixable")
	}
	if x.severity != "" {
		out = append(out, "--severity "+string(x.wish.Severity))
	}
	return strings.Join(out, " ")
}

// modelOfBOM reads the model at a path, or one of the store: what it is and what its files are.
func modelOfBOM(ctx context.Context, std *stdio, word string) (bom.Model, error) {
	out, path := bom.Model{Name: filepath.Base(filepath.Clean(word))}, word
	if store.IsRef(word) {
		m, err := store.In(std.storeDirs().Data).Find(word)
		if err != nil {
			return out, err
		}
		out.Name, path = word, m.Path
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return out, fmt.Errorf("reading %q: %w", path, err)
	}
	print, err := readModel(ctx, std, at)
	if err != nil {
		return out, err
	}
	kinds, err := model.Kinds(ctx, at)
	if err != nil {
		return out, err
	}
	out.Digest = print.Digest
	if m, err := oms.Of(print); err == nil {
		out.OMS = m.Root()
	} else {
		out.NoOMS = err.Error()
	}
	out.Files, err = filesOfBOM(print.Files(), kinds)
	if err != nil {
		return out, fmt.Errorf("reading %q: %w", word, err)
	}
	return out, nil
}

// filesOfBOM joins what was digested with what was looked into; the tree was read for each.
func filesOfBOM(files []model.File, kinds []model.FileKind) (out []bom.File, err error) {
	if len(files) != len(kinds) {
		return nil, fmt.Errorf("the tree changes while it is read")
	}
	for i, f := range files {
		if f.Path != kinds[i].Path || !f.Link && f.Size != kinds[i].Size {
			return nil, fmt.Errorf("%q changes while it is read", f.Path)
		}
		file := bom.File{Path: f.Path, Size: f.Size, Kind: kinds[i].Kind}
		if !f.Link {
			file.SHA256 = hex.EncodeToString(f.SHA256[:])
		}
		out = append(out, file)
	}
	return out, nil
}
