package image

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Kept is what lies in an image's layers of its distribution, whether or not a scanner sees it.
type Kept struct {
	// Kinds are the types of package URL ("apk", "deb", "rpm") whose databases any layer has,
	// also one that an upper layer removed again; sorted.
	Kinds []string
	// Files are those by which a scanner tells a distribution and its release, by their names
	// without a slash before them: what the uppermost layer has.
	Files map[string][]byte
}

// Bounds of the files that are kept. An os-release has less than 1 KiB, a manifest of contents
// of Red Hat's some 4 KiB, of which an image has one for each layer of theirs.
const (
	maxKept     = 128
	maxKeptSize = 256 << 10
)

// databases are the files that package managers keep, and of which packages. One of no bytes is
// none: some packages of other distributions bring it. Treat it as a constant.
var databases = map[string]string{
	"/lib/apk/db/installed":     "apk",
	"/usr/lib/apk/db/installed": "apk",
	"/var/lib/dpkg/status":      "deb",

	"/var/lib/rpmmanifest/container-manifest-1": "rpm",
	"/var/lib/rpmmanifest/container-manifest-2": "rpm",
}

// rpmDirs are where RPM keeps its database, and rpmFiles what it is called there: Berkeley's, its
// own, SQLite's. Treat them as constants.
var (
	rpmDirs  = []string{"/usr/lib/sysimage/rpm", "/usr/share/rpm", "/var/lib/rpm"}
	rpmFiles = []string{"Packages", "Packages.db", "rpmdb.sqlite"}
)

// releases are the files by which trivy 0.74 tells a distribution, and which release of it counts
// (pkg/fanal/analyzer: os, repo, buildinfo). Treat it as a constant.
var releases = []string{
	"/etc/almalinux-release", "/etc/alpine-release", "/etc/apk/repositories", "/etc/centos-release", "/etc/debian_version", "/etc/fedora-release",
	"/etc/lsb-release", "/etc/oracle-release", "/etc/os-release", "/etc/redhat-release", "/etc/rocky-release", "/etc/system-release",
	"/usr/lib/fedora-release", "/usr/lib/os-release", "/usr/lib/system-release", "/var/lib/ubuntu-advantage/status.json",
}

// buildinfo is where Red Hat says of which of its repositories an image's packages are.
const buildinfo = "/root/buildinfo"

// Kept reads all layers, each held against its digests.
func (img *Image) Kept(ctx context.Context) (*Kept, error) {
	k := &Kept{Files: map[string][]byte{}}
	for i := range img.layers {
		if err := img.kept(ctx, i, k); err != nil {
			return nil, fmt.Errorf("reading layer %d of the image: %w", i+1, err)
		}
	}
	slices.Sort(k.Kinds)
	return k, nil
}

// kept reads one layer.
func (img *Image) kept(ctx context.Context, i int, k *Kept) error {
	l, err := img.openLayer(i)
	if err != nil {
		return err
	}
	defer l.Close()
	here := map[string][]byte{}
	for t := tar.NewReader(bounded.Until(ctx, l)); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = k.take(here, h, t)
		}
		if err != nil {
			return err
		}
	}
	if maps.Copy(k.Files, here); len(k.Files) > maxKept {
		return fmt.Errorf("more than %d files tell its distribution", maxKept)
	}
	return l.verify()
}

// take notes one entry of a layer.
func (k *Kept) take(here map[string][]byte, h *tar.Header, r io.Reader) error {
	name := path.Clean("/" + h.Name)
	dir, base := path.Dir(name), path.Base(name)
	switch {
	case base == opaqued:
		k.remove(dir)
	case strings.HasPrefix(base, whiteout):
		k.remove(path.Join(dir, base[len(whiteout):]))
	case !slices.Contains(releases, name) && !below(name, buildinfo):
		kind := databaseOf(name, dir, base)
		if kind != "" && h.Typeflag != tar.TypeDir && (h.Size > 0 || h.Typeflag != tar.TypeReg) && !slices.Contains(k.Kinds, kind) {
			k.Kinds = append(k.Kinds, kind)
		}
	case h.Typeflag != tar.TypeReg: // a link: scanners read what is a file, and not through it
		k.remove(name)
		delete(here, name[1:])
	default:
		data, err := io.ReadAll(io.LimitReader(r, maxKeptSize+1))
		if err == nil && len(data) > maxKeptSize {
			err = fmt.Errorf("%s has more than %d bytes", cut(name), maxKeptSize)
		}
		if here[name[1:]] = data; err == nil && len(here) > maxKept {
			err = fmt.Errorf("more than %d files tell its distribution", maxKept)
		}
		return err
	}
	return nil
}

// remove takes out what lower layers have at a path and below it.
func (k *Kept) remove(name string) {
	maps.DeleteFunc(k.Files, func(of string, _ []byte) bool { return below("/"+of, name) })
}

// below tells whether a path is dir or below it.
func below(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// databaseOf is the type of the packages whose database a file is; "" it is none.
func databaseOf(name, dir, base string) string {
	switch {
	case slices.Contains(rpmDirs, dir) && slices.Contains(rpmFiles, base):
		return "rpm"
	case dir == "/var/lib/dpkg/status.d" && !strings.HasSuffix(base, ".md5sums"):
		return "deb"
	}
	return databases[name]
}
