package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const mit = `MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

// tree makes a directory of files.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range files {
		if err := write(filepath.Join(root, name), []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestLicences(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		dirs  []string
		want  string // names of the texts, or what the error says
	}{
		{"at the root", map[string]string{"LICENSE": mit, "README": "x", "licence.go": "package x"}, nil, "LICENSE"},
		{"of a part that is linked, and its notice", map[string]string{"LICENSE": mit, "a/b/COPYING.txt": mit, "a/NOTICE": "x", "c/LICENSE": mit},
			[]string{"a/b"}, "LICENSE a/NOTICE a/b/COPYING.txt"},
		{"of linked parts alone", map[string]string{"a/LICENSE": mit}, []string{"a"}, "a/LICENSE"},
		{"none", map[string]string{"README": mit}, nil, "there is none"},
		{"of a part that is not linked", map[string]string{"a/LICENSE": mit, "b/x": ""}, []string{"b"}, "there is none"},
		{"a notice alone", map[string]string{"NOTICE": "x"}, nil, "there is none"},
		{"unknown words", map[string]string{"LICENSE": "All rights reserved. You may not pass this on."}, nil, "words of a known one"},
		{"known words and many others", map[string]string{"LICENSE": mit + strings.Repeat("except on one of these days, ", 100)}, nil, "words of a known one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, tt.files)
			where := place{root: root}
			for _, d := range tt.dirs {
				where.dirs = append(where.dirs, filepath.Join(root, d))
			}
			texts, err := licences(where)
			var got []string
			for _, text := range texts {
				got = append(got, text.name)
			}
			if err != nil {
				got = []string{err.Error()}
			}
			if said := strings.Join(got, " "); said != tt.want && (err == nil || !strings.Contains(said, tt.want)) {
				t.Errorf("got %q, want %q", said, tt.want)
			}
		})
	}
}

func TestCopyrightHasEachTextOnce(t *testing.T) {
	one := text{"LICENSE", []byte(mit), []string{"MIT"}}
	two := text{"NOTICE", []byte("made by somebody\n"), nil}
	p := &program{module: module{path: "example.org/p", texts: []text{one}}, linked: []module{
		{path: "example.org/a", version: "v1.0.0", texts: []text{one, two}}, {path: standard, version: "1.24.0", texts: []text{one}},
	}}
	got := string(p.copyright())
	for want, times := range map[string]int{
		"MERCHANTABILITY": 1, "made by somebody": 1, "  example.org/a v1.0.0: MIT\n": 1, "  stdlib 1.24.0: MIT\n": 1,
		"example.org/p: LICENSE\nexample.org/a v1.0.0: LICENSE\nstdlib 1.24.0: LICENSE\n---": 1,
	} {
		if n := strings.Count(got, want); n != times {
			t.Errorf("%q is there %d times, not %d:\n%s", want, n, times, got)
		}
	}
	if p.whole() != "MIT" {
		t.Errorf("licence of the whole: %s", p.whole())
	}
}

func TestBillIsTheSameEachTime(t *testing.T) {
	binary := filepath.Join(tree(t, map[string]string{"p": "program"}), "p")
	p := &program{file: binary, platform: "linux/s390x", module: module{path: "example.org/p"}, linked: []module{
		{path: "example.org/a", version: "v1.0.0+incompatible", sum: "h1:w/T2bhKr4pgwG0SUGjU4S/Is9+zUknLh5ROTJLzWX8E="},
		{path: standard, version: "1.24.0"},
	}}
	first, err := p.bill("1.0.0", noon)
	if err != nil {
		t.Fatal(err)
	}
	second, err := p.bill("1.0.0", noon)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("two bills of one binary differ: %v", err)
	}
	for _, want := range []string{
		`"purl": "pkg:golang/example.org/a@v1.0.0%2Bincompatible?type=module\u0026goos=linux\u0026goarch=s390x"`,
		`"purl": "pkg:golang/stdlib@1.24.0"`, `"timestamp": "2026-01-02T12:00:00Z"`,
	} {
		if !bytes.Contains(first, []byte(want)) {
			t.Errorf("the bill lacks %s:\n%s", want, first)
		}
	}
	serial := regexp.MustCompile(`"serialNumber": "[^"]*"`)
	if err := os.WriteFile(binary, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := p.bill("1.0.0", noon)
	if err != nil || bytes.Equal(serial.Find(first), serial.Find(other)) {
		t.Errorf("bills of two binaries have one serial number: %v", err)
	}
	if !json.Valid(first) {
		t.Error("the bill is no JSON")
	}
	p.linked[0].sum = "h1:short"
	if _, err := p.bill("1.0.0", noon); err == nil {
		t.Error("a broken checksum is taken")
	}
}
