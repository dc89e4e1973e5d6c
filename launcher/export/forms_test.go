package export_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/export"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/internal/golden"
)

// TestFormsDocumented holds docs/forms.md against the tables of the forms.
func TestFormsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Forms\n\nWhat `zlaunch export --to FORM` writes, and where each setting of a run stands in it. What a form loses is an error that\n" +
		"`--allow-loss` permits by name. This page is made of the tables that write the forms:\n`go test ./launcher/export -run TestFormsDocumented -update`.\n")
	for _, f := range export.Forms() {
		b.WriteString(documented(f))
		if f.Name == "docker" || f.Name == "kube" {
			b.WriteString(lossOfTriton(t, f))
		}
	}
	golden.Check(t, *update, "../../docs/forms.md", b.String())
}

func documented(f export.Form) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\nIt is %s.", f.Name, f.About)
	targets := f.Targets
	if len(targets) == 0 {
		targets = []string{""}
	} else {
		fmt.Fprintf(&b, " Targets: %s.", strings.Join(targets, ", "))
	}
	b.WriteString("\n\n| setting | how it is said |\n| --- | --- |\n")
	says := make([][]form.Says, len(targets))
	for i, target := range targets {
		says[i] = f.Says(target)
	}
	for i, s := range says[0] {
		fmt.Fprintf(&b, "| `%s` | %s |\n", s.Row.Key(), overTargets(says, targets, i))
	}
	return b.String()
}

// lossOfTriton lists what is lost of the profile triton, whose image nobody looked at.
func lossOfTriton(t *testing.T, f export.Form) string {
	out := "\nOf `triton` on s390x it loses, where the image is not known:\n\n"
	var lost *export.LossError
	if _, err := export.Write(f, planned(t, [2]string{"triton", "s390x"}), export.Options{}); errors.As(err, &lost) {
		for _, c := range lost.Costs {
			out += "- " + c.String() + "\n"
		}
	}
	return out
}

// overTargets are the answers for a row, each with the targets in a row that give it.
func overTargets(says [][]form.Says, targets []string, row int) string {
	var parts []string
	for from := 0; from < len(targets); {
		to, a := from, answerOf(says[from][row])
		for to+1 < len(targets) && answerOf(says[to+1][row]) == a {
			to++
		}
		switch {
		case to-from+1 == len(targets):
		case from == to:
			a = targets[from] + ": " + a
		default:
			a = targets[from] + " to " + targets[to] + ": " + a
		}
		parts, from = append(parts, a), to+1
	}
	return strings.ReplaceAll(strings.Join(parts, "; "), "|", `\|`)
}

func answerOf(s form.Says) string {
	switch {
	case s.Keys != "":
		return "`" + s.Keys + "`"
	case s.Nature != "":
		return "always `" + s.Nature + "`: " + s.Why
	case s.Moot:
		return "needs no word: " + s.Why
	}
	return "**lost**: " + s.Why
}
