package podman

import (
	"errors"
	"io"
	"os"
)

// said is a file that a build prints to. A pipe would end with this program, and podman by it
// in the middle of clearing up.
type said struct{ to, from *os.File }

func newSaid(name string) (*said, error) {
	to, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	from, err := os.Open(name)
	if err != nil {
		return nil, errors.Join(err, to.Close())
	}
	return &said{to, from}, nil
}

// follow passes on what is printed, until stop, which passes on the rest.
func (s *said) follow(w io.Writer) (stop func()) {
	if w == nil {
		w = io.Discard
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for last := false; ; {
			if _, err := io.Copy(w, s.from); err != nil {
				w = io.Discard // who reads it has gone; the build goes on
			}
			if last {
				return
			}
			last = closedIn(quit, 2*endPoll)
		}
	}()
	return func() {
		close(quit)
		<-over
	}
}

// Close lets go of the file.
func (s *said) Close() { _, _ = s.to.Close(), s.from.Close() }
