package server

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestRunRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		args string
		code int
		says string
	}{
		"unknown option":   {"--model-store=x", exitUsage, "model-store"},
		"leftover":         {"--http-port=1 extra", exitUsage, `"extra"`},
		"bad address":      {"--address=localhost", exitUsage, "not an IP address"},
		"bad port":         {"--http-port=65536", exitUsage, "65535"},
		"same port":        {"--http-port=9 --grpc-port=9", exitUsage, "share port 9"},
		"no repository":    {"--model-repository=", exitUsage, "empty"},
		"no such models":   {"--model-repository=testdata/absent", exitCannotDo, "opening the model repository"},
		"nothing in there": {"--model-repository=" + t.TempDir(), exitCannotDo, "no model there"},
		"foreign address":  {"--model-repository=models --address=192.0.2.1", exitCannotDo, "opening the HTTP port"},
	} {
		var out, errs strings.Builder
		code := run(context.Background(), strings.Fields(c.args), &out, &errs)
		if code != c.code || !strings.Contains(errs.String(), c.says) || out.Len() > 0 {
			t.Errorf("%s: %d, %q, %q", name, code, out.String(), errs.String())
		}
	}
}

func TestHelp(t *testing.T) {
	var out, errs strings.Builder
	if code := run(context.Background(), []string{"--help"}, &out, &errs); code != 0 || errs.String() != usage {
		t.Errorf("%d, %q", code, errs.String())
	}
}

func TestServesUntilToldToStop(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, strings.Fields("--model-repository=models --address=127.0.0.1 --http-port=0 --grpc-port=0"), writer, io.Discard)
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	ready := regexp.MustCompile(`^zlaunch-demo: serving iris \(version 1\): http (127\.0\.0\.1:\d+), grpc 127\.0\.0\.1:\d+\n$`)
	found := ready.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("the ready line is %q", line)
	}
	response, err := http.Get("http://" + found[1] + "/v2/health/ready")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	stop()
	select {
	case c := <-code:
		if c != 0 || response.StatusCode != 200 {
			t.Errorf("exit %d, status %d", c, response.StatusCode)
		}
	case <-time.After(2 * drainTime):
		t.Error("still serving")
	}
}
