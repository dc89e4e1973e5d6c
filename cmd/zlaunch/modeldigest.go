package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// digestModel prints what a model is.
func digestModel(ctx context.Context, std *stdio, path string, o modelOptions) error {
	print, err := readModel(ctx, std, path)
	if err != nil {
		return err
	}
	doc := modelOf(path, print)
	for _, f := range print.Files() {
		file := report.ModelFile{Path: f.Path, Size: f.Size, Link: f.Link}
		if !f.Link {
			file.SHA256 = hex.EncodeToString(f.SHA256[:])
		}
		doc.Files = append(doc.Files, file)
	}
	return printModel(std, doc, o.json)
}

func printModel(std *stdio, doc report.Model, json bool) error {
	if json {
		return report.JSON(std.out, doc)
	}
	return doc.Text(std.page, std.screen)
}

// modelOf is what is told of a tree that was read, without its files.
func modelOf(path string, print *model.Print) report.Model {
	doc := report.Model{Schema: report.ModelSchema, Path: path, Digest: print.Digest}
	if m, err := oms.Of(print); err == nil {
		doc.OMS = m.Root()
	} else {
		doc.NoOMS = err.Error()
	}
	for _, f := range print.Files() {
		doc.Count++
		doc.Bytes += f.Size
	}
	return doc
}

// readModel digests a model, and tells meanwhile how far it is.
func readModel(ctx context.Context, std *stdio, path string) (*model.Print, error) {
	at, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", path, err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer std.progress.clear()
	defer stop()
	var read atomic.Int64
	go tellRead(ctx, std, &read)
	print, err := model.TakeCounted(ctx, at, &read)
	if err == nil && len(print.Files()) == 0 {
		return nil, hint.Errorf("ls -l "+path, "reading %q: there is no file in it, so it is no model", path)
	}
	return print, err
}

// tellRead shows on a terminal how much was read, until ctx is done.
func tellRead(ctx context.Context, std *stdio, read *atomic.Int64) {
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			std.progress.passing("reading the model: " + units.HumanSize(float64(read.Load())))
		}
	}
}
