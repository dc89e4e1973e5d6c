package e2e

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// oneCell is what the kernel is asked to run: read a model, try the root file
// system, write an output.
const oneCell = `import os
total = sum(int(line.split(",")[1]) for line in list(open("models/sales.csv"))[1:])
try:
    open("/usr/lib/new", "w")
except OSError as e:
    refused = e.errno
open("work/total.txt", "w").write(str(total))
print(total, os.getuid(), refused)`

func serveNotebooks(t *testing.T) {
	output := t.TempDir()
	s := launchServer(t, "jupyter", "--models", imageModels(t, "jupyter"), "--output", output)
	s.mounts = []string{"/home/ibm-user/models"}
	token := regexp.MustCompile(`token=([0-9a-f]{32,})`).FindStringSubmatch(s.logs())
	if token == nil {
		t.Fatalf("no token in the log:\n%.2000s", s.logs())
	}
	auth := []string{"Authorization", "token " + token[1]}
	t.Run("token", func(t *testing.T) {
		p := shows(t, "servers", "jupyter: without its token nothing is listed and nothing runs")
		list, _ := s.ask("GET", "/api/contents", nil)
		wrong, _ := s.ask("GET", "/api/contents", nil, "Authorization", "token 00")
		start, _ := s.ask("POST", "/api/kernels", map[string]any{})
		if list != http.StatusForbidden || wrong != http.StatusForbidden || start != http.StatusForbidden {
			t.Errorf("contents %d, with a wrong token %d, a kernel %d", list, wrong, start)
		}
		status, text := s.ask("GET", "/api/contents", nil, auth...)
		if status != http.StatusOK || !strings.Contains(string(text), `"models"`) {
			t.Errorf("with the token: %d %.200s", status, text)
		}
		lab, page := s.ask("GET", "/lab", nil, auth...)
		if lab != http.StatusOK || !strings.Contains(string(page), "jupyter-config-data") {
			t.Errorf("the page of JupyterLab: %d %.200s", lab, page)
		}
		p.saw("contents %d without, %d with it; starting a kernel %d without; /lab %d", list, status, start, lab)
	})
	t.Run("kernel run", func(t *testing.T) {
		p := shows(t, "servers", "jupyter: a cell run by a kernel reads the model, writes the output and cannot write the root")
		said := s.execute(oneCell, auth)
		if said != "42 1000 30\n" {
			t.Errorf("the cell printed %q, want the sum, its uid and EROFS", said)
		}
		text, err := os.ReadFile(filepath.Join(output, "total.txt"))
		if err != nil || string(text) != "42" {
			t.Errorf("the output on the host: %q, %v", text, err)
		}
		p.saw("printed %q; total.txt on the host %q", said, text)
	})
	s.inspected(t)
}

// logs is what the server has said.
func (s *server) logs() string {
	got := s.w.podman("logs", s.name)
	return got.stdout + got.stderr
}

// execute starts a kernel, runs code in it by Jupyter's messages over a
// websocket, and gives what it printed.
func (s *server) execute(code string, auth []string) string {
	s.w.t.Helper()
	status, text := s.ask("POST", "/api/kernels", map[string]any{"name": "python3"}, auth...)
	var kernel struct{ ID string }
	if err := json.Unmarshal(text, &kernel); err != nil || status != http.StatusCreated {
		s.w.t.Fatalf("starting a kernel: %d %.300s", status, text)
	}
	defer s.ask("DELETE", "/api/kernels/"+kernel.ID, nil, auth...)
	conn, r, err := websocket(s.url, "/api/kernels/"+kernel.ID+"/channels", auth)
	if err != nil {
		s.w.t.Fatal(err)
	}
	defer conn.Close()
	request, _ := json.Marshal(map[string]any{
		"channel": "shell", "parent_header": map[string]any{}, "metadata": map[string]any{}, "buffers": []any{},
		"header":  map[string]any{"msg_id": "cell", "msg_type": "execute_request", "session": "e2e", "username": "e2e", "version": "5.3"},
		"content": map[string]any{"code": code, "silent": false, "store_history": false, "user_expressions": map[string]any{}, "allow_stdin": false},
	})
	if err := sendFrame(conn, 1, request); err != nil {
		s.w.t.Fatal(err)
	}
	said, err := printed(conn, r)
	if err != nil {
		s.w.t.Fatalf("after %q: %v", said, err)
	}
	return said
}

// printed gathers what the cell prints until the kernel is idle again.
func printed(conn net.Conn, r *bufio.Reader) (string, error) {
	var said strings.Builder
	for {
		op, payload, err := readFrame(r)
		if err != nil {
			return said.String(), err
		}
		if op == 9 { // ping
			if err := sendFrame(conn, 10, payload); err != nil {
				return said.String(), err
			}
			continue
		}
		var m struct {
			Type   string `json:"msg_type"`
			Parent struct {
				ID string `json:"msg_id"`
			} `json:"parent_header"`
			Content struct {
				Text   string   `json:"text"`
				State  string   `json:"execution_state"`
				Name   string   `json:"ename"`
				Value  string   `json:"evalue"`
				Frames []string `json:"traceback"`
			} `json:"content"`
		}
		if err := json.Unmarshal(payload, &m); err != nil || m.Parent.ID != "cell" {
			continue
		}
		switch {
		case m.Type == "stream":
			said.WriteString(m.Content.Text)
		case m.Type == "error":
			return said.String(), fmt.Errorf("%s: %s", m.Content.Name, m.Content.Value)
		case m.Type == "status" && m.Content.State == "idle":
			return said.String(), nil
		}
	}
}

// websocket opens one as RFC 6455 has it; nothing of its extensions.
func websocket(base, path string, header []string) (net.Conn, *bufio.Reader, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, nil, err
	}
	conn.SetDeadline(time.Now().Add(patience(time.Minute)))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path, u.Host, header[0], header[1])
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		conn.Close()
		return nil, nil, fmt.Errorf("opening %s: %s", path, resp.Status)
	}
	return conn, r, nil
}

// sendFrame sends one whole frame, masked, as a client must, by a mask of zeroes.
func sendFrame(w io.Writer, op byte, payload []byte) error {
	head := []byte{0x80 | op, 0x80 | 126}
	head = binary.BigEndian.AppendUint16(head, uint16(len(payload)))
	if len(payload) < 126 {
		head = []byte{0x80 | op, 0x80 | byte(len(payload))}
	}
	_, err := w.Write(append(append(head, 0, 0, 0, 0), payload...))
	return err
}

// readFrame reads one whole frame of the server's.
func readFrame(r io.Reader) (op byte, payload []byte, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	size := uint64(head[1] & 0x7f)
	if n := map[uint64]int{126: 2, 127: 8}[size]; n > 0 {
		wide := make([]byte, 8)
		if _, err := io.ReadFull(r, wide[8-n:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(wide)
	}
	if size > 8<<20 {
		return 0, nil, fmt.Errorf("a frame of %d bytes", size)
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	return head[0] & 0x0f, payload, err
}
