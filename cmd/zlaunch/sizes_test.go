package main

import (
	"bytes"
	"go/ast"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// What a newcomer can take in at once: a type of more methods is two types, a file of
// more lines is about two things. There are no exceptions; a table that outgrows its
// file is parted by what its rows are about.
const (
	mostMethods = 15
	mostLines   = 250
)

// TestReceivers holds the methods of every type of the program, whichever files of the
// package they stand in.
func TestReceivers(t *testing.T) {
	for pkg, files := range ownPackages(t) {
		count := map[string]int{}
		for _, f := range files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
					count[receiver(fn.Recv.List[0].Type)]++
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(count)) {
			if n := count[name]; n > mostMethods {
				t.Errorf("%s.%s has %d methods, %d at most: part it where it does two things", pkg, name, n, mostMethods)
			}
		}
	}
}

// receiver is the type's name without its star and its parameters.
func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.IndexListExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return "?"
}

// TestFileLengths holds the lines of every file of the program.
func TestFileLengths(t *testing.T) {
	for _, files := range ownPackages(t) {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("\n")); n > mostLines {
				t.Errorf("%s has %d lines, %d at most: part it by what it is about", name, n, mostLines)
			}
		}
	}
}

// ownPackages is [packages] without those of the tests below test.
func ownPackages(t *testing.T) map[string]map[string]*ast.File {
	t.Helper()
	out := packages(t)
	maps.DeleteFunc(out, func(pkg string, _ map[string]*ast.File) bool {
		top, _, _ := strings.Cut(pkg, "/")
		return !slices.Contains([]string{"cmd", "launcher", "profiles"}, top)
	})
	return out
}
