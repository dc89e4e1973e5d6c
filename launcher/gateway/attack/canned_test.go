package attack

import (
	"io"
	"net"
	"time"
)

// canned is a connection on which bytes come that are known.
type canned struct {
	net.Conn
	data []byte
}

// Read gives what is left.
func (c *canned) Read(b []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.data)
	c.data = c.data[n:]
	return n, nil
}

// SetReadDeadline does nothing: all is there.
func (c *canned) SetReadDeadline(time.Time) error { return nil }
