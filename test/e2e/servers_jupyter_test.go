package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
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
	conn, err := channels(s.url, kernel.ID, auth)
	if err != nil {
		s.w.t.Fatal(err)
	}
	defer conn.Close()
	err = websocket.JSON.Send(conn, map[string]any{
		"channel": "shell", "parent_header": map[string]any{}, "metadata": map[string]any{}, "buffers": []any{},
		"header":  map[string]any{"msg_id": "cell", "msg_type": "execute_request", "session": "e2e", "username": "e2e", "version": "5.3"},
		"content": map[string]any{"code": code, "silent": false, "store_history": false, "user_expressions": map[string]any{}, "allow_stdin": false},
	})
	if err != nil {
		s.w.t.Fatal(err)
	}
	said, err := printed(conn)
	if err != nil {
		s.w.t.Fatalf("after %q: %v", said, err)
	}
	return said
}

// channels opens a kernel's websocket, for a minute at most.
func channels(base, kernel string, header []string) (*websocket.Conn, error) {
	conf, err := websocket.NewConfig("ws"+strings.TrimPrefix(base, "http")+"/api/kernels/"+kernel+"/channels", base)
	if err != nil {
		return nil, err
	}
	conf.Header.Set(header[0], header[1])
	conn, err := conf.DialContext(context.Background())
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(patience(time.Minute)))
}

// message is what the tests read of a message of Jupyter's.
type message struct {
	Type   string `json:"msg_type"`
	Parent struct {
		ID string `json:"msg_id"`
	} `json:"parent_header"`
	Content struct {
		Text  string `json:"text"`
		State string `json:"execution_state"`
		Name  string `json:"ename"`
		Value string `json:"evalue"`
	} `json:"content"`
}

// printed gathers what the cell prints until the kernel is idle again.
func printed(conn *websocket.Conn) (string, error) {
	var said strings.Builder
	for {
		var m message
		switch err := websocket.JSON.Receive(conn, &m); {
		case err != nil:
			return said.String(), err
		case m.Parent.ID != "cell":
		case m.Type == "stream":
			said.WriteString(m.Content.Text)
		case m.Type == "error":
			return said.String(), fmt.Errorf("%s: %s", m.Content.Name, m.Content.Value)
		case m.Type == "status" && m.Content.State == "idle":
			return said.String(), nil
		}
	}
}
