package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// groupTitles are the groups of the catalogue by the first digit of their ids.
var groupTitles = [...]string{
	"The audit itself", "Engine and host", "Privilege: capabilities, seccomp, masks", "Identity: user, user namespace, groups", "Mandatory access control",
	"Root filesystem, tmpfs, mounts, volumes", "Namespaces and devices", "Network and exposure", "Resources and life cycle",
	"Image, supply chain, secrets, models",
}

const printed = "<!-- printed from launcher/audit by go test ./launcher/report -update -->\n\n"

// ControlsPage writes the page of the catalogue, docs/controls.md.
func ControlsPage(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Controls\n\n" + printed)
	fmt.Fprintf(&b, "What `zlaunch audit` judges, as `zlaunch explain` prints it: catalogue %s, %s.\nWho else asks for each stands in [crosswalks.md](crosswalks.md).\n\n",
		audit.Version, Plural(len(audit.Catalogue()), "control"))
	b.WriteString(scorePage)
	group := byte(0)
	for _, c := range audit.Catalogue() {
		if c.ID[3] != group {
			group = c.ID[3]
			fmt.Fprintf(&b, "\n## %s\n", groupTitles[group-'0'])
		}
		controlEntry(&b, c)
	}
	if unbuilt := audit.NotBuilt(); len(unbuilt) > 0 {
		b.WriteString("\n## Known and not judged\n\n| id | control | severity | why not |\n|---|---|---|---|\n")
		for _, u := range unbuilt {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", u.ID, markdown(u.Title), u.Severity, markdown(u.Because))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const scorePage = "| severity | one failure alone | meaning |\n|---|--:|---|\n" +
	"| critical | 8.5 | takeover of the host or the account without another fault |\n" +
	"| high | 2.0 | one wall off, or data, model or network exposed |\n" +
	"| medium | 1.0 | needs a second fault |\n" +
	"| low | 0.2 | hygiene |\n" +
	"| info | 0.0 | a fact |\n\n" +
	"The exposure is 10·(1 − Π(1 − weight)) over all failures. It shows a trend and gates nothing: `--fail-on` gates, by severity.\n" +
	"A low exposure says that these controls hold, not that the workload has no flaws.\n"

func controlEntry(b *strings.Builder, c *audit.Control) {
	fmt.Fprintf(b, "\n### %s %s\n\n%s; %s.\n\n", c.ID, c.Name, markdown(titled(c)), c.Severity)
	item := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "- %s: %s\n", name, markdown(text))
		}
	}
	item("why", c.Why)
	item("fix", c.Fix)
	item("may break", c.Breaks)
	item("reads", strings.Join(reads(c), ", "))
	item("mended by", pick(c.Mendable(), "zlaunch audit --fix", ""))
	item("asked for by", strings.Join(c.Refs, "; "))
}

// CrosswalksPage writes which control answers which number of others,
// docs/crosswalks.md: numbers, and titles of our own.
func CrosswalksPage(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Crosswalks\n\n" + printed)
	b.WriteString("Which controls answer which number elsewhere. The texts of others are theirs and are not repeated here.\n")
	for i, s := range schemes {
		all := citing(i)
		if len(all) == 0 {
			continue
		}
		title := s.title
		if s.version != "" {
			title += " " + s.version
		}
		fmt.Fprintf(&b, "\n## %s\n\n| %s | controls |\n|---|---|\n", title, s.name)
		for _, x := range all {
			var links []string
			for _, c := range x.controls {
				links = append(links, fmt.Sprintf("[%s](controls.md#%s) %s", c.ID, anchor(c), markdown(titled(c))))
			}
			fmt.Fprintf(&b, "| %s | %s |\n", markdown(x.id), strings.Join(links, "<br>"))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cited is one id of a scheme and the controls that answer it.
type cited struct {
	id       string
	controls []*audit.Control
}

// citing lists the ids of a scheme that the catalogue refers to, in natural order.
func citing(scheme int) []cited {
	var out []cited
	for _, c := range audit.Catalogue() {
		for _, ref := range c.Refs {
			r := parseReference(ref)
			if r.scheme != scheme {
				continue
			}
			i := slices.IndexFunc(out, func(x cited) bool { return x.id == r.id })
			if i < 0 {
				i = len(out)
				out = append(out, cited{id: r.id})
			}
			if !slices.Contains(out[i].controls, c) {
				out[i].controls = append(out[i].controls, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b cited) int { return natural(a.id, b.id) })
	return out
}

// natural compares texts, their numbers as numbers: 5.4 stands before 5.10.
func natural(a, b string) int {
	x, y := pieces(a), pieces(b)
	for i := range min(len(x), len(y)) {
		n, err := strconv.Atoi(x[i])
		m, err2 := strconv.Atoi(y[i])
		c := cmp.Compare(x[i], y[i])
		if err == nil && err2 == nil {
			c = cmp.Compare(n, m)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// pieces parts a text into runs of digits and what is between them.
func pieces(s string) []string {
	var out []string
	digit := func(r byte) bool { return r >= '0' && r <= '9' }
	for i := 0; i < len(s); {
		j := i + 1
		for j < len(s) && digit(s[j]) == digit(s[i]) {
			j++
		}
		out = append(out, s[i:j])
		i = j
	}
	return out
}
