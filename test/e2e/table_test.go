package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"
)

// tableFile is where the table of cases goes as Markdown; "" nowhere. Its rows are
// kept beside it as they come, so that a run that was broken off can go on: those
// of tests that do not run again stay.
var tableFile = os.Getenv("ZLAUNCH_E2E_TABLE")

// row is a line of the table as it is kept.
type row struct {
	Run     int64 // which process made it
	Test    string
	Area    string
	What    string
	Verdict string
	Seen    []string
	Seconds float64
}

var thisRun = time.Now().UnixNano()

func (p *proof) row() row {
	test, _, _ := strings.Cut(p.t.Name(), "/")
	return row{thisRun, test, p.area, p.what, p.verdict, p.seen, p.took.Seconds()}
}

func (r row) keep() error {
	if tableFile == "" {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(tableFile+".rows", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// writeTable writes the kept rows, of each test those of the last time it ran.
func writeTable() error {
	if tableFile == "" {
		return nil
	}
	data, err := os.ReadFile(tableFile + ".rows")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var all []row
	last := map[string]int64{}
	for in := json.NewDecoder(bytes.NewReader(data)); ; {
		var r row
		if err := in.Decode(&r); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		all, last[r.Test] = append(all, r), r.Run
	}
	var rows []row
	for _, r := range all {
		if r.Run == last[r.Test] {
			rows = append(rows, r)
		}
	}
	return os.WriteFile(tableFile, markdown(rows), 0o644)
}

func counted(rows []row) string {
	count := map[string]int{}
	for _, r := range rows {
		count[r.Verdict]++
	}
	return fmt.Sprintf("%d cases: %d pass, %d FAIL, %d skip", len(rows), count["pass"], count["FAIL"], count["skip"])
}

func markdown(rows []row) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n| # | %s | case | verdict | evidence | s |\n|---|---|---|---|---|---|\n", counted(rows), runtime.GOARCH)
	cell := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace
	for i, r := range rows {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %.0f |\n", i+1, r.Area, cell(r.What), r.Verdict, cell(strings.Join(r.Seen, "; ")), r.Seconds)
	}
	return []byte(b.String())
}
