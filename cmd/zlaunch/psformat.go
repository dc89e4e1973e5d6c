package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// psFields are the fields of ps --format, by the names podman-ps has for them and by
// those of the JSON. Treat it as a constant.
var psFields = map[string]func(report.Running) string{
	"ID": func(r report.Running) string { return r.ID }, "Profile": func(r report.Running) string { return r.Profile },
	"Name": func(r report.Running) string { return r.Name }, "Names": func(r report.Running) string { return r.Name },
	"State": func(r report.Running) string { return r.State }, "Status": func(r report.Running) string { return r.State },
	"Created": func(r report.Running) string { return r.Created }, "CreatedAt": func(r report.Running) string { return r.Created },
	"Image": func(r report.Running) string { return r.Image }, "Plan": func(r report.Running) string { return r.Plan },
	"Stack": func(r report.Running) string { return r.Stack }, "Member": func(r report.Running) string { return r.Member },
	"URL": urlsOf, "URLs": urlsOf, "Ports": urlsOf,
}

func urlsOf(r report.Running) string {
	var out []string
	for _, u := range r.URLs {
		out = append(out, u.URL)
	}
	return strings.Join(out, " ")
}

// psField is {{.FIELD}} or {{json .}}. (A template engine of Go's finds methods by name,
// and would keep every method of every type in the program.)
const psField = `\{\{-?\s*(?:\.(\w+)|(json)\s+\.)\s*-?\}\}`

// shortID is how much of an id podman-ps shows.
const shortID = 12

// psLine makes a printer of ps --format.
func psLine(format string, whole bool) (func(report.Ps) string, error) {
	head, table := strings.CutPrefix(format, "table ")
	text := strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(head)
	re := regexp.MustCompile(psField)
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		if psFields[m[1]] == nil && m[2] == "" {
			return nil, wrongFormat("there is no field %q", m[1])
		}
	}
	if left := re.ReplaceAllString(text, ""); strings.Contains(left, "{{") {
		return nil, wrongFormat("%q is more than fields", left)
	}
	return func(doc report.Ps) string {
		var b strings.Builder
		if table {
			b.WriteString(strings.ToUpper(re.ReplaceAllString(text, "$1")) + "\n")
		}
		for _, r := range doc.Runs {
			if !whole {
				r.ID = r.ID[:min(len(r.ID), shortID)]
			}
			b.WriteString(filled(re, text, r) + "\n")
		}
		return b.String()
	}, nil
}

func filled(re *regexp.Regexp, text string, r report.Running) string {
	return re.ReplaceAllStringFunc(text, func(field string) string {
		if of := psFields[re.FindStringSubmatch(field)[1]]; of != nil {
			return report.Escape(of(r)) // one line for each run, whatever it is called
		}
		all, _ := json.Marshal(r) // text alone
		return string(all)
	})
}

func wrongFormat(format string, args ...any) error {
	names := slices.Sorted(maps.Keys(psFields))
	return &usageError{hint.Errorf("json, {{json .}}, or a text with {{.FIELD}}: "+strings.Join(names, ", "), "reading --format: "+format, args...)}
}
