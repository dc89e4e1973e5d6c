package textfile_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/textfile"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
)

var update = flag.Bool("update", false, "write the golden files")

// Every kind of file is read as what it is: its runs with the lines that state
// them, and what is open.
func TestKinds(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, ".golden") || filepath.Base(name) == "fuzz" {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := listed(textfile.Read(filepath.Base(name), data))
			golden.Check(t, *update, name+".golden", got)
		})
	}
}

func listed(runs []*form.Reading, open []form.Open, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	for _, r := range runs {
		fmt.Fprintf(&b, "%s:", r.Subject)
		for _, w := range r.Words {
			fmt.Fprintf(&b, " %d:%d:%s", w.Line, w.Col, w.Text)
		}
		b.WriteString("\n")
		for _, o := range r.Open {
			fmt.Fprintf(&b, "  open %s: %s\n", o.At, o.Why)
		}
	}
	for _, o := range open {
		fmt.Fprintf(&b, "open: %s\n", o.Why)
	}
	return b.String()
}
