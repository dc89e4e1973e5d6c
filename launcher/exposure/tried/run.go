package tried

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

const (
	// wholeTime is how long a probe may take.
	wholeTime = 2 * time.Minute
	// sides bounds the vantages that are at work together.
	sides = 3
	// maxOrder bounds an order and its outcomes: 512 tries of some 300 bytes each.
	maxOrder = 4 << 20
)

// Helper is the command of zlaunch that carries an order out where it is started: [Serve].
const Helper = "__try"

// Serve reads an order and writes its outcomes.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	var o Order
	if err := json.NewDecoder(io.LimitReader(in, maxOrder)).Decode(&o); err != nil {
		return fmt.Errorf("reading what to try: %w", err)
	}
	if len(o.Tries) > exposure.MaxTries {
		return fmt.Errorf("reading what to try: more than %d tries", exposure.MaxTries)
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	return json.NewEncoder(out).Encode(Do(ctx, o))
}

// Probe tries all vantages and holds what came of it against the document. What could
// not be tried is said in its answers, and returned in sentences.
func Probe(ctx context.Context, engine *podman.Engine, d *exposure.Document, vantages []exposure.Vantage) (failed []string) {
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	r := &runner{engine: engine, word: rand.Text()}
	r.exe, _ = os.Executable() // none: what starts it says so
	stop := r.listen()
	defer stop()
	outcomes, errs := make([][]exposure.Outcome, len(vantages)), make([]error, len(vantages))
	slots := make(chan struct{}, sides)
	var wg sync.WaitGroup
	for i, v := range vantages {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			outcomes[i], errs[i] = r.vantage(ctx, v)
		}()
	}
	wg.Wait()
	for i, v := range vantages {
		if errs[i] != nil {
			failed = append(failed, fmt.Sprintf("nothing could be tried from %s: %v", v.Name(), errs[i]))
		}
		d.Hold(v, outcomes[i])
	}
	d.Finish()
	return failed
}

type runner struct {
	engine *podman.Engine
	exe    string
	word   string
	knock  uint16
}

// listen has a listener on this host's loopback address that says the word of this probe.
func (r *runner) listen() (stop func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return func() {} // what would reach for it is not tried
	}
	r.knock = uint16(l.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, r.word) // whoever left does not read it
			_ = conn.Close()
		}
	}()
	return func() { _ = l.Close() }
}

// vantage carries one order out.
func (r *runner) vantage(ctx context.Context, v exposure.Vantage) ([]exposure.Outcome, error) {
	o := Order{Tries: v.Tries, Knock: r.knock, Word: r.word, Front: v.Network == "" && v.Member.ID == ""}
	switch {
	case len(v.Tries) == 0:
		return nil, nil
	case v.Network != "":
		return r.sibling(ctx, v.Network, o)
	case v.Member.ID == "" || v.Member.OnHost:
		return Do(ctx, o), nil
	}
	cmd, err := r.engine.Evidence.Enter(ctx, "nsenter", "--target", strconv.Itoa(v.Member.PID), "--net", "--", r.exe, Helper)
	if err != nil {
		return nil, err
	}
	return converse(cmd, o)
}

// sibling carries an order out in a container that has nothing but this program, and
// ends with it.
func (r *runner) sibling(ctx context.Context, network string, o Order) ([]exposure.Outcome, error) {
	root, err := os.MkdirTemp("", "zlaunch-probe-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if os.RemoveAll(root) != nil { // the engine may have made files of another id in it
			r.clear(context.WithoutCancel(ctx), root)
		}
	}()
	if err := os.Chmod(root, 0o755); err != nil {
		return nil, err
	}
	name := "zlaunch-probe-" + strings.ToLower(rand.Text()[:12])
	return converse(r.engine.CLI(ctx, "run", "--rm", "--interactive", "--name", name, "--network", network, "--read-only", "--cap-drop", "all",
		"--security-opt", "no-new-privileges", "--security-opt", "label=disable", "--user", "65534:65534", "--http-proxy=false", "--log-driver", "none",
		"--volume", r.exe+":/zlaunch:ro", "--rootfs", root, "/zlaunch", Helper), o)
}

// clear removes a directory as Podman does; what it cannot remove stays in the directory
// of temporary files.
func (r *runner) clear(ctx context.Context, dir string) {
	if cmd, err := r.engine.Evidence.Enter(ctx, "rm", "-rf", "--", dir); err == nil {
		_ = cmd.Run()
	}
}

// converse gives a helper its order and reads the outcomes.
func converse(cmd *exec.Cmd, o Order) ([]exposure.Outcome, error) {
	order, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	var out, errs bounded
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(append(order, '\n')), &out, &errs
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, last(errs.String()))
	}
	var got []exposure.Outcome
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		return nil, fmt.Errorf("reading what came of it: %w", err)
	}
	return got, nil
}

// last is the last line of a text: what podman fails with.
func last(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if room := maxOrder - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}
