package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const interrupt = syscall.SIGINT

// watched collects output and lets a test wait for a text in it.
type watched struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func newWatched() *watched { return &watched{} }

func (b *watched) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *watched) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *watched) expect(t *testing.T, text string) {
	t.Helper()
	for range 400 {
		if strings.Contains(b.String(), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no %q in\n%s", text, b.String())
}

// terminal is a pseudo-terminal with a program on it.
type terminal struct {
	t      *testing.T
	master *os.File
	slave  *os.File
	seen   *watched
}

func newTerminal(t *testing.T, rows, cols uint16) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("this machine has no pseudo-terminals: " + err.Error())
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN) // 32 bits on every machine
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t, master, slave, newWatched()}
	term.resize(rows, cols)
	t.Cleanup(func() { slave.Close(); master.Close() })
	return term
}

func (m *terminal) start(cmd *exec.Cmd) {
	m.t.Helper()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = m.slave, m.slave, m.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := m.master.Read(buf)
			m.seen.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
}

func (m *terminal) resize(rows, cols uint16) {
	if err := unix.IoctlSetWinsize(int(m.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols}); err != nil {
		m.t.Fatal(err)
	}
}

func (m *terminal) expect(text string) { m.t.Helper(); m.seen.expect(m.t, text) }

func (m *terminal) write(s string) {
	if _, err := m.master.WriteString(s); err != nil {
		m.t.Fatal(err)
	}
}

func get(t *testing.T, url string) int {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}
