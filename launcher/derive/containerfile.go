package derive

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Labels of a derived image.
const (
	LabelBase    = "io.zlaunch.derived.base"    // digest of what it was made of
	LabelMends   = "io.zlaunch.derived.mends"   // vulnerabilities that its packages were upgraded for
	LabelVersion = "io.zlaunch.derived.version" // of zlaunch
)

// Containerfile is what builds the image. Its commands are of the form that no SHELL of the
// base takes part in.
func (p *Plan) Containerfile() string {
	var b strings.Builder
	b.WriteString("# Written by zlaunch derive. What it builds is not signed by the vendor of its base.\n")
	if p.ByID() {
		b.WriteString("# The base has no name by digest: this builds on the host that has the image of this id, and nowhere else.\n")
	}
	b.WriteString("FROM " + p.From + "\n")
	if p.User != "" {
		b.WriteString("USER root\n")
	}
	run := func(fixes []Fix, script func() []string) {
		if len(fixes) == 0 {
			return
		}
		for _, f := range fixes {
			b.WriteString(f.comment())
		}
		b.WriteString(command(script()))
	}
	run(p.Packages, func() []string { return managerOf(p.Manager).script(names(p.Packages), p.keep) })
	run(p.Python, func() []string { return install(p.Python) })
	if p.User != "" {
		b.WriteString("USER " + p.User + "\n")
	}
	fmt.Fprintf(&b, "LABEL %s=%q \\\n      %s=%q \\\n      %s=%q\n", LabelBase, p.Base, LabelMends, p.mends(), LabelVersion, p.version)
	return b.String()
}

// command is a RUN line of a script, ended by its first command that fails.
func command(script []string) string {
	var b strings.Builder
	b.WriteString(`RUN ["/bin/sh", "-euc", "`)
	for i, line := range script {
		end := "; \\\n"
		if i == len(script)-1 {
			end = `"]` + "\n"
		}
		b.WriteString(inJSON(line) + end)
	}
	return b.String()
}

// inJSON is a text as it stands between the quotes of JSON.
func inJSON(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	return strings.TrimSuffix(strings.TrimPrefix(b.String(), `"`), "\"\n")
}

func names(fixes []Fix) (out []string) {
	for _, f := range fixes {
		out = append(out, f.Package)
	}
	return out
}

// comment says of one upgrade what it is for. A word that is not on its list has no place
// in it.
func (f Fix) comment() string {
	installed, fixed := shown(f.Installed), []string{}
	for _, v := range f.Fixed {
		if version().MatchString(v) {
			fixed = append(fixed, v)
		}
	}
	line := "# " + f.Package + " " + installed + ": " + strings.Join(f.IDs, ", ")
	if len(fixed) > 0 {
		line += "; mended in " + strings.Join(fixed, ", ")
	}
	return line + "\n"
}

func shown(v string) string {
	if version().MatchString(v) {
		return v
	}
	return "(of some version)"
}

// mends is the label of what the image mends, cut where it would be longer than engines
// and registries like their labels.
func (p *Plan) mends() string {
	ids := p.IDs()
	if more := len(ids) - maxIDs; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:maxIDs], " "), more)
	}
	return strings.Join(ids, " ")
}
