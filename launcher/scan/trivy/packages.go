package trivy

import "github.com/zlaunch/zlaunch/launcher/scan"

// pack counts a package by the type of its package URL.
func (d *reader) pack(kinds map[string]int) error {
	purl := ""
	err := d.Object(func(key string) error {
		if key != "Identifier" {
			return d.Skip()
		}
		return d.Object(func(key string) error {
			if key == "PURL" {
				return d.Text(&purl)
			}
			return d.Skip()
		})
	})
	if kind := scan.KindOf(purl); kind != "" {
		kinds[kind]++
	}
	return err
}
