package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// proof is one line of the table of cases: what a test shows, and what it saw
// that shows it.
type proof struct {
	t          *testing.T
	area, what string
	seen       []string
	verdict    string
	took       time.Duration
}

// table holds the lines in the order the tests began them. Tests do not run in
// parallel: they share one user's Podman.
var table []*proof

// shows begins a line of the table: area is a word such as SELinux or limits,
// what a sentence that the test proves. The verdict is the test's own.
func shows(t *testing.T, area, what string) *proof {
	t.Helper()
	p := &proof{t: t, area: area, what: what}
	table = append(table, p)
	begun := time.Now()
	t.Cleanup(func() {
		p.took = time.Since(begun)
		switch {
		case t.Failed():
			p.verdict = "FAIL"
		case t.Skipped():
			p.verdict = "skip"
		default:
			p.verdict = "pass"
		}
		if err := p.row().keep(); err != nil {
			t.Errorf("keeping the line of the table: %v", err)
		}
	})
	return p
}

// saw records evidence, a line of a kernel file or of what a program said, and
// logs it.
func (p *proof) saw(format string, args ...any) {
	p.t.Helper()
	text := fmt.Sprintf(format, args...)
	p.t.Log(text)
	p.seen = append(p.seen, strings.Join(strings.Fields(text), " "))
}

// lacks skips the test with the reason why this machine cannot run it.
func (p *proof) lacks(format string, args ...any) {
	p.t.Helper()
	text := fmt.Sprintf(format, args...)
	p.seen = append(p.seen, text)
	p.t.Skip(text)
}

// printTable writes the cases for a person.
func printTable() {
	if len(table) == 0 {
		return
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	var rows []row
	for _, p := range table {
		rows = append(rows, p.row())
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.verdict, p.area, p.what)
		for _, s := range p.seen {
			fmt.Fprintf(w, "\t\t  %s\n", s)
		}
	}
	w.Flush()
	fmt.Println(counted(rows))
}
