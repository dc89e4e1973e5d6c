package main

import (
	"context"
	"path/filepath"

	"github.com/zlaunch/zlaunch/launcher/bom"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// inspectModel tells what the files of a model are.
func inspectModel(ctx context.Context, std *stdio, path string, o modelOptions) error {
	if o.cyclonedx && o.json {
		return &usageError{hint.Errorf("zlaunch model inspect PATH --cyclonedx", "--json and --cyclonedx are two documents")}
	}
	if o.cyclonedx {
		m, err := modelOfBOM(ctx, std, path)
		if err != nil {
			return err
		}
		return bom.Document{Tool: versionOf().Version, Models: []bom.Model{m}}.Write(std.out)
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	formats, err := model.Inspect(ctx, at)
	if err != nil {
		return err
	}
	doc := report.ModelFormats{Schema: report.ModelFormatsSchema, Path: path, Formats: []report.ModelFormat{}}
	for _, f := range formats {
		doc.Formats = append(doc.Formats, report.ModelFormat{Loading: string(f.Class), Format: f.Format, Note: f.Note, Files: f.Files, Bytes: f.Bytes, First: f.First})
	}
	if o.json {
		return report.JSON(std.out, doc)
	}
	return doc.Text(std.page, std.screen)
}
