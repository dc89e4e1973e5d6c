package subject

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// Files as people have them are read as what a person sees in them: behind each file,
// FILE.read lists the subjects, their engines, the lines that state them, and what is
// open.
func TestCorpus(t *testing.T) {
	archives, err := filepath.Glob("testdata/files/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(filepath.Base(name), func(t *testing.T) { readCorpus(t, name) })
	}
}

func readCorpus(t *testing.T, name string) {
	in, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files, want := map[string]string{}, map[string]string{}
	for _, f := range in.Files {
		if read, is := strings.CutSuffix(f.Name, ".read"); is {
			want[read] = string(f.Data)
		} else {
			files[f.Name] = string(f.Data)
		}
	}
	dir := write(t, files)
	out := &txtar.Archive{Comment: in.Comment}
	for _, f := range in.Files {
		if strings.HasSuffix(f.Name, ".read") {
			continue
		}
		pending, err := Files{}.Path(filepath.Join(dir, f.Name))
		got := strings.ReplaceAll(readListed(pending, err), dir+"/", "")
		if got != want[f.Name] && !*update {
			t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, want[f.Name])
		}
		out.Files = append(out.Files, f, txtar.File{Name: f.Name + ".read", Data: []byte(got)})
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readListed lists subjects as far as reading goes.
func readListed(subjects []Pending, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	for _, p := range subjects {
		a := p()
		if a.Reading == nil {
			fmt.Fprintf(&b, "%s\n", a.Subject)
			for _, f := range a.Findings {
				if f.Control == audit.InputUnderstood {
					fmt.Fprintf(&b, "  open: %s\n", f.Message)
				}
			}
			continue
		}
		fmt.Fprintf(&b, "%s %s\n", a.Subject, a.Reading.Engine)
		last := -1
		for _, w := range a.Reading.Words {
			if w.Line != last {
				fmt.Fprintf(&b, "%s%4d:%d", strings.Repeat("\n", min(1, last+1)), w.Line, w.Col)
				last = w.Line
			}
			fmt.Fprintf(&b, " %s", w.Text)
		}
		b.WriteString("\n")
		for _, o := range a.Reading.Open {
			fmt.Fprintf(&b, "  open %s: %s\n", o.At, o.Why)
		}
	}
	return b.String()
}
