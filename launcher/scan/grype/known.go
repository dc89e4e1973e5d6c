package grype

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

// Question are arguments by which grype says what its database knows of a release of a distribution,
// as it finds that itself when it looks at an image: grype db search. They are nil where the
// distribution cannot be asked for: without a version grype answers for every release.
func Question(d scan.Distro) []string {
	version := release(d.Version)
	if version == "" || d.ID != "opensuse-leap" && strings.ContainsAny(d.ID, "-:@ ") || d.ID == "" {
		return nil
	}
	out := []string{"db", "search", "--distro", d.ID + "@" + version, "--output", "json"}
	for _, name := range scan.Common() {
		out = append(out, "--pkg", name)
	}
	return out
}

// release is a version as grype takes it, of two numbers at most; "" it is none.
func release(version string) string {
	parts := strings.SplitN(version, ".", 3)
	for _, p := range parts[:min(2, len(parts))] {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return ""
		}
	}
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// Known is what a database knows of a release: the newest vulnerability that it has there.
type Known struct {
	ID   string // "" none
	Year int    // by its id, or of its publication; 0: neither tells
}

// ReadKnown reads what grype prints to [Question] of a release. What it tells of another release counts
// for nothing: grype takes any 3.x for an Alpine that is newer than its database.
func ReadKnown(r io.Reader, d scan.Distro) (*Known, error) {
	k := &knowledge{Reader: jsonwalk.New(r, scan.MaxReport), release: release(d.Version)}
	if err := k.Array(k.match); err != nil {
		return nil, err
	}
	return &k.newest, k.End()
}

// knowledge is one answer on its way.
type knowledge struct {
	*jsonwalk.Reader
	release string
	newest  Known
}

// match is one vulnerability, and the packages in which it is.
func (k *knowledge) match() error {
	var id string
	var words []string // that have a year
	here := false
	err := k.Object(func(key string) error {
		switch key {
		case "vulnerability":
			return k.Object(func(key string) error {
				switch key {
				case "id":
					return k.Text(&id)
				case "aliases":
					return k.Texts(&words, scan.MaxList)
				case "published_date":
					var t time.Time
					err := k.Time(&t)
					words = append(words, "-"+strconv.Itoa(t.Year())+"-")
					return err
				}
				return k.Skip()
			})
		case "packages":
			return k.Array(func() error {
				of, err := k.pack()
				here = here || of
				return err
			})
		}
		return k.Skip()
	})
	if err == nil && id == "" {
		err = errors.New("a vulnerability has no id")
	}
	if year := scan.YearOf(append(words, id)...); here && (k.newest.ID == "" || year > k.newest.Year) {
		k.newest = Known{ID: id, Year: year}
	}
	return err
}

// pack tells whether a package is one that was asked for, of the release.
func (k *knowledge) pack() (bool, error) {
	var name, version string
	err := k.Object(func(key string) error {
		switch key {
		case "os":
			return k.Object(only(k.Reader, "version", &version))
		case "package":
			return k.Object(only(k.Reader, "name", &name))
		}
		return k.Skip()
	})
	return slices.Contains(scan.Common(), name) && covers(version, k.release), err
}

// covers tells whether a release of a database is the one that is meant: 9 is for 9.4, 3.20 is for 3.20,
// and one without a number is what grype found for it, as of a distribution that has no releases.
func covers(has, meant string) bool {
	if has == "" || !unicode.IsDigit(rune(has[0])) {
		return has != ""
	}
	of := strings.Split(meant, ".")
	for i, part := range strings.Split(has, ".") {
		if i >= len(of) || strings.TrimLeft(part, "0") != strings.TrimLeft(of[i], "0") {
			return false
		}
	}
	return true
}
