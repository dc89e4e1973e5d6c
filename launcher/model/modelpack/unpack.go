package modelpack

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
)

// maxWindow bounds what an archive compressed by zstd may have its reader keep, as `zstd`
// itself does without --long.
const maxWindow = 128 << 20

// Entry is a file of an archive, read from it.
type Entry struct {
	Path string
	Dir  bool // a directory, without content
	Exec bool
	io.Reader
}

// Budget is how many bytes may still be unpacked, of all archives of a model.
type Budget struct{ Left int64 }

// Unpack reads the archive of a layer whose digest was verified, and gives each of its files
// and directories to take. A path that leads out, or that names knows already, a link, a
// device, more than the budget, another content than the layer says and anything behind the
// end of the archive are errors.
func (l Layer) Unpack(from io.Reader, names *Names, left *Budget, take func(Entry) error) error {
	content, closes, err := l.decompress(from)
	if err != nil {
		return err
	}
	defer closes()
	sum := digest.SHA256.Digester()
	counted := &budgeted{r: content, left: left}
	all := io.TeeReader(counted, sum.Hash())
	for t := tar.NewReader(all); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = l.entry(h, t, names, take)
		}
		if err != nil {
			return err
		}
	}
	if err := nothingBehind(all); err != nil {
		return err
	}
	if counted.n == 0 {
		return errors.New("it is empty, and no archive")
	}
	if is := sum.Digest().String(); l.Diff != "" && is != l.Diff {
		return fmt.Errorf("unpacked it is %s, and %s was said", is, l.Diff)
	}
	return nil
}

func (l Layer) decompress(from io.Reader) (r io.Reader, closes func(), err error) {
	switch l.Form {
	case Tar:
		return from, func() {}, nil
	case Gzip:
		r, err = gzip.NewReader(from)
		return r, func() {}, err
	case Zstd:
		z, err := zstd.NewReader(from, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, nil, err
		}
		return z, z.Close, nil
	}
	return nil, nil, fmt.Errorf("it is %q, no archive", l.Form)
}

// entry judges one header and gives what follows it to take.
func (l Layer) entry(h *tar.Header, r io.Reader, names *Names, take func(Entry) error) error {
	e := Entry{Path: strings.TrimPrefix(path.Clean("./"+h.Name), "./"), Reader: r, Exec: h.Mode&0o100 != 0}
	plain := strings.TrimSuffix(strings.TrimPrefix(h.Name, "./"), "/")
	top := plain == "" || plain == "."
	switch {
	case h.Typeflag == tar.TypeDir && top:
		return nil // of the model itself
	case plain != e.Path:
		return fmt.Errorf("the path %s is not plain", quoted(h.Name))
	case l.Path != "" && e.Path != l.Path && !strings.HasPrefix(e.Path, l.Path+"/"):
		return fmt.Errorf("the path %s is not in %s, as all of the archive is to be", quoted(h.Name), quoted(l.Path))
	case h.Typeflag == tar.TypeDir:
		e.Dir = true
		if err := names.Dir(e.Path); err != nil {
			return err
		}
		return take(e)
	case h.Typeflag != tar.TypeReg || sparse(h):
		return fmt.Errorf("the path %s is neither a plain file nor a directory, but %q", quoted(h.Name), h.Typeflag)
	}
	if err := names.File(e.Path); err != nil {
		return err
	}
	return take(e)
}

// budgeted ends a read where the budget does.
type budgeted struct {
	r    io.Reader
	left *Budget
	n    int64 // bytes read so far
}

// ErrBudget is why an archive was not unpacked to its end.
var ErrBudget = errors.New("unpacked it is larger than the model may be")

func (b *budgeted) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.left.Left -= int64(n); b.left.Left < 0 {
		return 0, ErrBudget
	}
	return n, err
}

// nothingBehind reads what follows the end of an archive: zeros, to fill its last record.
func nothingBehind(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		for _, b := range buf[:n] {
			if b != 0 {
				return errors.New("there is more behind the end of the archive")
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sparse tells whether a file has holes that are not in the archive: they would be unpacked
// without end.
func sparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}
