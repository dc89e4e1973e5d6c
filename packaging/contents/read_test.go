package contents

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/blakesmith/ar"
	"github.com/cavaliergopher/cpio"
	"github.com/cavaliergopher/rpm"
)

// pack is one package, as its own format's reader sees it.
type pack struct {
	name, format, arch, version string
	files                       map[string]entry // by path, without those of other packages
	control                     map[string]string
}

// entry is a file or directory of a package.
type entry struct {
	mode   fs.FileMode
	owner  string
	time   time.Time
	data   []byte
	config bool // kept when it was changed
	legal  bool // marked as a licence
}

func read(file string) (p pack, err error) {
	if filepath.Ext(file) == ".deb" {
		p, err = readDeb(file)
	} else {
		p, err = readRPM(file)
	}
	p.name = filepath.Base(file)
	return p, err
}

func readDeb(file string) (pack, error) {
	p := pack{format: "deb", files: map[string]entry{}, control: map[string]string{}}
	f, err := os.Open(file)
	if err != nil {
		return p, err
	}
	defer f.Close()
	for members := ar.NewReader(f); ; {
		h, err := members.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return p, err
		}
		switch strings.TrimSuffix(h.Name, "/") {
		case "control.tar.gz":
			err = p.readControl(members)
		case "data.tar.gz":
			err = eachFile(members, func(h *tar.Header, data []byte) {
				p.files["/"+strings.Trim(strings.TrimPrefix(h.Name, "."), "/")] = entry{
					mode: h.FileInfo().Mode(), owner: h.Uname + ":" + h.Gname, time: h.ModTime, data: data,
				}
			})
		}
		if err != nil {
			return p, err
		}
	}
	for _, name := range strings.Fields(p.control["conffiles"]) {
		e := p.files[name]
		e.config = true
		p.files[name] = e
	}
	p.arch, p.version = p.control["Architecture"], p.control["Version"]
	return p, nil
}

func (p *pack) readControl(r io.Reader) error {
	return eachFile(r, func(h *tar.Header, data []byte) {
		name := strings.TrimPrefix(h.Name, "./")
		p.control[name] = string(data)
		if name != "control" {
			return
		}
		for in := bufio.NewScanner(bytes.NewReader(data)); in.Scan(); {
			if key, value, ok := strings.Cut(in.Text(), ": "); ok && !strings.HasPrefix(key, " ") {
				p.control[key] = value
			}
		}
	})
}

// eachFile calls f for everything in a compressed archive.
func eachFile(r io.Reader, f func(*tar.Header, []byte)) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	for in := tar.NewReader(z); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		data, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		f(h, data)
	}
}

func readRPM(file string) (pack, error) {
	p := pack{format: "rpm", files: map[string]entry{}, control: map[string]string{}}
	f, err := os.Open(file)
	if err != nil {
		return p, err
	}
	defer f.Close()
	h, err := rpm.Read(f)
	if err != nil {
		return p, err
	}
	p.arch, p.version = h.Architecture(), h.Version()
	p.control["Depends"], p.control["Recommends"] = joined(h.Requires()), joined(h.Recommends())
	p.control["License"], p.control["Build-Host"] = h.License(), h.BuildHost()
	for _, e := range h.Files() {
		p.files[e.Name()] = entry{
			mode: e.Mode(), owner: e.Owner() + ":" + e.Group(), time: e.ModTime(),
			config: e.Flags()&rpm.FileFlagConfig != 0 && e.Flags()&rpm.FileFlagNoReplace != 0, legal: e.Flags()&rpm.FileFlagLicense != 0,
		}
	}
	z, err := gzip.NewReader(f) // nfpm's default compression
	if err != nil {
		return p, err
	}
	for in := cpio.NewReader(z); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return p, nil
		} else if err != nil {
			return p, err
		}
		name := "/" + strings.TrimPrefix(strings.TrimPrefix(h.Name, "."), "/")
		e, ok := p.files[name]
		if !ok {
			return p, errors.New(name + " is in the archive and not in the header")
		}
		if e.data, err = io.ReadAll(in); err != nil {
			return p, err
		}
		p.files[name] = e
	}
}

func joined(deps []rpm.Dependency) string {
	var out []string
	for _, d := range deps {
		s := d.Name()
		if d.Flags()&rpm.DepFlagGreaterOrEqual == rpm.DepFlagGreaterOrEqual {
			s += " >= " + d.Version()
		}
		if !strings.HasPrefix(s, "rpmlib(") {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}
