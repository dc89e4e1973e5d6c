package image

import (
	"archive/tar"
	"errors"
	"strconv"
	"strings"
	"testing"
)

// looped is an image in which a short name takes a long way: through 39 links, each through
// a directory and back 800 times.
func looped(t *testing.T, to unpacker) {
	t.Helper()
	heads := []tar.Header{{Name: "d", Typeflag: tar.TypeDir}, {Name: "39", Typeflag: tar.TypeSymlink, Linkname: "d"}}
	for i := range 39 {
		heads = append(heads, tar.Header{Name: strconv.Itoa(i), Typeflag: tar.TypeSymlink, Linkname: strings.Repeat("d/../", 800) + strconv.Itoa(i+1)})
	}
	to.begin(0)
	for _, h := range heads {
		e, _ := entryOf(&h, 0)
		if _, err := to.take(e); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever a few bytes ask for, reading them ends with an error.
func TestBounds(t *testing.T) {
	c := &counters{}
	for what, to := range map[string]unpacker{"applied": &applied{tree: newTree(c)}, "stacked": &stacked{tree: newTree(c)}} {
		c.names = 0
		looped(t, to)
		e, _ := entryOf(&tar.Header{Name: "0/a"}, 0)
		c.steps = 0
		if _, err := to.take(e); err != nil || c.steps < 60_000 {
			t.Errorf("%s: %d steps, %v", what, c.steps, err)
		}
		e.path, c.steps = "/0/b", maxSteps-60_000
		if _, err := to.take(e); err == nil || !strings.Contains(err.Error(), "steps") {
			t.Errorf("%s: no error for the steps: %v", what, err)
		}
		e.path, c.steps, c.names = "/c", 0, maxFiles
		if _, err := to.take(e); err == nil || !strings.Contains(err.Error(), "files") {
			t.Errorf("%s: no error for the files: %v", what, err)
		}
		e.path, c.names, c.held = "/d", 0, maxHeld
		if _, err := to.take(e); err == nil || !strings.Contains(err.Error(), "bytes") {
			t.Errorf("%s: no error for the names: %v", what, err)
		}
		e.path, c.held = "/"+strings.Repeat("e", maxPart+1), 0
		if _, err := to.take(e); !errors.Is(err, errLong) || !isPath(err) {
			t.Errorf("%s: no error for the part of a name: %v", what, err)
		}
	}
}

// Names that are gone are given back: a layer that replaces all files makes none more.
func TestNamesGivenBack(t *testing.T) {
	c := &counters{}
	for what, to := range map[string]unpacker{"applied": &applied{tree: newTree(c)}, "stacked": &stacked{tree: newTree(c)}} {
		c.names = 0
		for i := range 5 {
			to.begin(i)
			for _, name := range []string{"a/b/c", "a/b/d", "a/.wh.x", "e"} {
				e, _ := entryOf(&tar.Header{Name: name, Typeflag: tar.TypeReg}, i)
				if _, err := to.take(e); err != nil {
					t.Fatal(err)
				}
			}
			to.end()
		}
		if c.names != 5 {
			t.Errorf("%s: %d names are held, want 5: a a/b a/b/c a/b/d e", what, c.names)
		}
	}
}
