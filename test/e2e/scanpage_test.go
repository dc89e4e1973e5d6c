package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestScanPage does what docs/images.md says of scanners that run, command by command; each line
// that the page has below one must be in what it says, blanks aside. The rest of the page
// TestImagesPage plays, without an engine.
func TestScanPage(t *testing.T) {
	p := shows(t, "scans", "docs/images.md tells what happens where a scanner runs")
	l := newScanLab(t, "honest")
	file := "../../docs/images.md"
	if kit != "" {
		file = filepath.Join(kit, "images.md")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the kit has no page: %v; TestScanPrisoner covers the commands", err)
	}
	before := l.settled()
	own := strings.Replace(fmt.Sprintf(scannerProfile, "honest"), "scan-honest", "trivy", 2)
	l.write("zlaunch/profiles.toml", profiles+strings.NewReplacer(`extends = "base"`, `extends = "trivy"`, `, database = "/scan/db"`, `, database = "/scan/cache/db"`, `"/scan/db"]`, `"/scan/cache/db"]`).Replace(own))
	l.dir = filepath.Dir(l.layout)
	if err := os.Symlink(l.database, filepath.Join(l.dir, "db")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(lab.zlaunch, filepath.Join(l.dir, "zlaunch")); err != nil {
		t.Fatal(err)
	}
	l.env = append(l.env, "PATH="+l.dir+":"+os.Getenv("PATH"))
	done := 0
	for _, block := range regexp.MustCompile("(?s)```shell-session\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			line, says, _ := strings.Cut(part, "\n")
			got := l.do(l.command("sh", "-c", strings.Replace(line, "--scanner", `--waive ZL-104="a test host" --scanner`, 1)))
			said := strings.Join(strings.Fields(got.stdout+got.stderr), " ")
			for want := range strings.Lines(says) {
				if want := strings.Join(strings.Fields(want), " "); !strings.Contains(said, want) {
					t.Errorf("%s\ndoes not say %q: %s", line, want, said)
				}
			}
			done++
		}
	}
	if p.saw("%d commands of the page were run", done); done < 2 {
		t.Errorf("only %d commands were found", done)
	}
	l.unchanged(before)
}
