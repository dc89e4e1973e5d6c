package launch

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"github.com/zlaunch/zlaunch/launcher/podman"
)

// join makes of its streams a connection to $1, port $2.
const join = `exec 3<>"/dev/tcp/$1/$2" || exit 1; cat <&3 & cat >&3; wait`

// inside dials from the network of a process of the engine's: what no port of the host
// leads to. A program that has been in one user namespace enters no other, so a shell does
// it, in the engine's.
func inside(engine *podman.Engine, pid int) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		words := []string{"nsenter", "--target", strconv.Itoa(pid), "--net", "--", "bash", "-c", join, "bash", host, port}
		cmd := exec.CommandContext(ctx, words[0], words[1:]...)
		if os.Geteuid() != 0 {
			cmd = engine.CLI(ctx, append([]string{"unshare"}, words...)...)
		}
		return through(cmd)
	}
}

// through is a connection by the streams of a program, which ends with it.
func through(cmd *exec.Cmd) (net.Conn, error) {
	c := &streams{cmd: cmd}
	var err error
	if c.WriteCloser, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	cmd.Cancel = c.kill
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("entering the container's network: %w", err)
	}
	return c, nil
}

// streams are those of a program as a connection. Its deadlines are the program's end.
type streams struct {
	io.WriteCloser
	out io.ReadCloser
	cmd *exec.Cmd
}

func (c *streams) kill() error { return syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }

func (c *streams) Read(b []byte) (int, error) { return c.out.Read(b) }

func (c *streams) Close() error {
	_ = c.kill()
	_ = c.cmd.Wait() // it was killed
	return nil
}

func (c *streams) LocalAddr() net.Addr              { return &net.UnixAddr{} }
func (c *streams) RemoteAddr() net.Addr             { return &net.UnixAddr{} }
func (c *streams) SetDeadline(time.Time) error      { return nil }
func (c *streams) SetReadDeadline(time.Time) error  { return nil }
func (c *streams) SetWriteDeadline(time.Time) error { return nil }
