package main

import (
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// scanVerbs are what zlaunch scan takes in the place of an image.
func scanVerbs() []string { return []string{"diff", "list", "show"} }

// meantVerb is what to type in the place of a word that is nearly a verb; "" nothing.
func meantVerb(word string) string {
	if near := hint.Nearest(word, scanVerbs()); near != "" {
		return "did you mean zlaunch scan " + near + "?"
	}
	return ""
}

// list prints which images have records. Records that cannot be read are an error, after that.
func (x *scanning) list(args arguments) error {
	if err := args.none(); err != nil {
		return err
	}
	dir, err := scanDir(x.std)
	if err != nil {
		return err
	}
	all, unread := dir.All()
	var records [][]*scan.Scan
	for _, scans := range all {
		if scans = x.counted(scans); len(scans) > 0 {
			records = append(records, scans)
		}
	}
	doc := report.NewScanList(records)
	if x.json {
		err = report.JSON(x.std.out, doc)
	} else {
		err = doc.Text(x.std.page, x.std.screen)
	}
	if err != nil {
		return err
	}
	return unread
}
