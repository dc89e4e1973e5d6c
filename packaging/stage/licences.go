package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// text is a file that a licence asks to be passed on.
type text struct {
	name string // below the module's root
	data []byte
	ids  []string // the licences it holds, as SPDX names them; none for a notice
}

// legal are the names of files that are passed on; those of the first alternative
// hold a licence.
var legal = regexp.MustCompile(`(?i)^(?:(licen[cs]e|copying)|notice|patents|copyright)([.-].*)?$`)

// enough is how much of a file must be words of known licences, in percent, for
// it to count as read. Copyright lines are the rest.
const enough = 75

// licences reads the legal texts of a module: at its root, and in and over every
// directory that is linked. A module without a licence is an error, and so is a
// licence whose words are not known: somebody must read it.
func licences(where place) ([]text, error) {
	dirs := []string{where.root}
	for _, dir := range where.dirs {
		dirs = append(dirs, above(where.root, dir)...)
	}
	slices.Sort(dirs)
	var texts []text
	for _, dir := range slices.Compact(dirs) {
		found, err := legalTexts(where.root, dir)
		if err != nil {
			return nil, err
		}
		texts = append(texts, found...)
	}
	if len(names(texts)) == 0 {
		return nil, fmt.Errorf("looking for the licence of what is in %s: there is none", where.root)
	}
	return texts, nil
}

// legalTexts reads the legal texts of one directory.
func legalTexts(root, dir string) ([]text, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var texts []text
	for _, e := range entries {
		m := legal.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() || filepath.Ext(e.Name()) == ".go" {
			continue
		}
		file := filepath.Join(dir, e.Name())
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		t := text{name: name, data: data}
		if m[1] != "" {
			if t.ids, err = identify(file, data); err != nil {
				return nil, err
			}
		}
		texts = append(texts, t)
	}
	return texts, nil
}

// identify names the licences in a file.
func identify(file string, data []byte) ([]string, error) {
	found := licensecheck.Scan(data)
	var ids []string
	for _, m := range found.Match {
		if !m.IsURL && !slices.Contains(ids, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 || found.Percent < enough {
		return nil, fmt.Errorf("reading the licence %s: only %.0f %% of it are words of a known one (%s)", file, found.Percent, strings.Join(ids, ", "))
	}
	return ids, nil
}

// names lists the licences in texts, sorted, each once.
func names(texts []text) []string {
	var ids []string
	for _, t := range texts {
		ids = append(ids, t.ids...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// expression is the SPDX expression of a module: all its licences hold.
func (m module) expression() string { return strings.Join(names(m.texts), " AND ") }

// whole is the SPDX expression of the binary.
func (p *program) whole() string {
	all := slices.Clone(p.texts)
	for _, m := range p.linked {
		all = append(all, m.texts...)
	}
	return module{texts: all}.expression()
}

// copyright is the file of that name: what is linked, under which licences, and
// their texts, each once.
func (p *program) copyright() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "zlaunch\nCopyright The zlaunch authors\nLicence: %s\n\n", p.expression())
	b.WriteString("The program is linked with the Go modules below and with Go's standard library,\n" +
		"unchanged. \"go mod download MODULE@VERSION\" fetches the source of each. The texts\n" +
		"of all licences, and the notices they ask to be passed on, follow the list.\n\n")
	all := append([]module{p.module}, p.linked...)
	for _, m := range p.linked {
		fmt.Fprintf(&b, "  %s %s: %s\n", m.path, m.version, m.expression())
	}
	for i, m := range all {
		for _, t := range m.texts {
			if holders, first := carrying(all, t.data); first == i {
				fmt.Fprintf(&b, "\n%s\n%s\n%s\n\n", strings.Repeat("=", 78), strings.Join(holders, "\n"), strings.Repeat("-", 78))
				b.Write(bytes.TrimRight(t.data, "\n"))
				b.WriteByte('\n')
			}
		}
	}
	return b.Bytes()
}

// carrying lists who has a text, and the place of the first of them.
func carrying(all []module, data []byte) (holders []string, first int) {
	first = -1
	for i, m := range all {
		for _, t := range m.texts {
			if bytes.Equal(t.data, data) {
				holders = append(holders, strings.TrimSpace(m.path+" "+m.version)+": "+t.name)
				if first < 0 {
					first = i
				}
			}
		}
	}
	return holders, first
}
