package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// Download is a blob that comes in: what is there of it already, and what is still to come.
// Nobody else writes it meanwhile.
type Download struct {
	session *Session
	lock    *record.Lock
	file    *os.File
	sum     hash.Hash // of what is there
	want    [sha256.Size]byte
	size    int64
	have    int64
}

// Download goes on with a blob of that digest and size. What is there is read, for its digest.
func (s *Session) Download(ctx context.Context, sum [sha256.Size]byte, size int64) (*Download, error) {
	name := hex.EncodeToString(sum[:])
	lock, err := s.alone(ctx, "blob-"+name, func() {})
	if err != nil {
		return nil, err
	}
	d := &Download{session: s, lock: lock, want: sum, size: size}
	if d.file, err = openDownload(place(s.Store).at(downloadsDir, name)); err == nil {
		err = d.resume(ctx)
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("going on with a download: %w", err)
	}
	return d, nil
}

// openDownload opens a part to go on with it. One that was about to become a blob when its
// writer was killed can no longer be written: that is given back.
func openDownload(path string) (*os.File, error) {
	const how = os.O_RDWR | os.O_CREATE | unix.O_NOFOLLOW | unix.O_NONBLOCK
	f, err := os.OpenFile(path, how, 0o600)
	if !errors.Is(err, fs.ErrPermission) {
		return f, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	return os.OpenFile(path, how, 0o600)
}

func (d *Download) resume(ctx context.Context) error {
	info, err := d.file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, errors.New("it is no regular file"))
	}
	d.sum = sha256.New()
	if info.Size() > d.size {
		return d.Restart()
	}
	d.have, err = io.Copy(d.sum, bounded.Until(ctx, d.file))
	return err
}

// Have is how many bytes are there.
func (d *Download) Have() int64 { return d.have }

// Restart throws away what is there.
func (d *Download) Restart() error {
	if err := d.file.Truncate(0); err != nil {
		return err
	}
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d.have = 0
	d.sum.Reset()
	return nil
}

// ErrMore is what is wrong with a blob that goes on behind its end.
var ErrMore = errors.New("it has more bytes than were announced")

// Write goes on with the blob; more than its size is [ErrMore].
func (d *Download) Write(p []byte) (int, error) {
	if int64(len(p)) > d.size-d.have {
		return 0, ErrMore
	}
	n, err := d.file.Write(p)
	d.sum.Write(p[:n])
	d.have += int64(n)
	return n, err
}

// Verify tells whether the blob is whole and what its digest says. One that is not is thrown away.
func (d *Download) Verify() error {
	if d.have < d.size {
		return fmt.Errorf("it has %d bytes, and %d were announced", d.have, d.size)
	}
	if is := d.sum.Sum(nil); [sha256.Size]byte(is) != d.want {
		return errors.Join(fmt.Errorf("it is not what its digest says: it is sha256:%x", is), d.Restart())
	}
	return nil
}

// Keep makes a verified blob that of a file.
func (d *Download) Keep(exec bool) error {
	return d.session.keep(d.file, model.File{SHA256: d.want, Exec: exec})
}

// Content is a verified blob from its beginning, for an archive.
func (d *Download) Content() (io.Reader, error) {
	_, err := d.file.Seek(0, io.SeekStart)
	return d.file, err
}

// Close leaves the blob as it is, for the next who asks for it.
func (d *Download) Close() {
	if d.file != nil {
		d.file.Close()
	}
	d.lock.Release()
}

// Forget removes a blob that is no longer needed: an archive whose model is there.
func (s *Session) Forget(sum [sha256.Size]byte) error {
	return absentIsFine(os.Remove(place(s.Store).at(downloadsDir, hex.EncodeToString(sum[:]))))
}

// Waiting is what downloads have left that nobody finished: how many, and how many bytes.
func (s Store) Waiting() (n int, bytes int64, err error) {
	entries, err := os.ReadDir(place(s).at(downloadsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n, bytes = n+1, bytes+info.Size()
		}
	}
	return n, bytes, err
}

// Have is how many bytes of a blob are there, of its downloads.
func (s Store) Have(sum [sha256.Size]byte) int64 {
	info, err := os.Lstat(place(s).at(downloadsDir, hex.EncodeToString(sum[:])))
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}
