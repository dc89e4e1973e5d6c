package attack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/internal/proxytest"
)

// TestJudge is what a verdict takes. Silence, a fault of ours, and an answer that no log
// backs are never refusals.
func TestJudge(t *testing.T) {
	by := func(j judged) Attack {
		return Attack{refused: refusal{statuses: []int{403}, alert: true, end: true}, judged: j}
	}
	both, gate, server := logs{true, true}, logs{gateway: true}, logs{server: true}
	denied, ok := Reply{Statuses: []int{403}}, Reply{Statuses: []int{200}}
	step := Reply{Statuses: []int{200}, After: []int{200, 200, 200}}
	for _, c := range []struct {
		name         string
		judged       judged
		reply        Reply
		left, hidden trail
		live         logs
		want         Verdict
	}{
		{"refused", byMarker, denied, trail{stopped: true}, trail{}, both, Refused},
		{"refused, and the log has no line of it", byMarker, denied, trail{}, trail{}, gate, Refused},
		{"refused by whom", byMarker, denied, trail{}, trail{}, server, Unknown},
		{"refused, and no log", byMarker, denied, trail{}, trail{}, logs{}, Unknown},
		{"refused by the server", byMarker, denied, trail{forwarded: true}, trail{}, both, Arrived},
		{"the server has it", byMarker, Reply{Silent: true}, trail{server: true}, trail{}, both, Arrived},
		{"an alert", byMarker, Reply{Alert: "bad certificate"}, trail{}, trail{}, logs{}, Refused},
		{"closed", byMarker, Reply{Closed: true}, trail{}, trail{}, gate, Refused},
		{"reset", byMarker, Reply{Reset: "connection reset"}, trail{}, trail{}, logs{}, Unknown},
		{"another answer", byMarker, Reply{Statuses: []int{500}}, trail{stopped: true}, trail{}, both, Answered},
		{"no answer", byMarker, Reply{Silent: true}, trail{}, trail{}, both, Unknown},
		{"our fault", byMarker, Reply{Fault: "no route", Statuses: []int{403}}, trail{}, trail{}, logs{}, Unknown},
		{"two answers, one of them good", byMarker, Reply{Statuses: []int{403, 200}}, trail{}, trail{}, both, Answered},
		{"hidden", byInner, denied, trail{stopped: true}, trail{}, gate, Refused},
		{"hidden, and seen", byInner, Reply{Statuses: []int{200, 403}}, trail{forwarded: true}, trail{stopped: true}, gate, Refused},
		{"hidden, and arrived", byInner, ok, trail{forwarded: true}, trail{server: true}, both, Arrived},
		{"hidden, and not seen", byInner, ok, trail{forwarded: true}, trail{}, gate, Unknown},
		{"hidden, and all in step", byInner, step, trail{forwarded: true}, trail{}, gate, Refused},
		{"hidden, in step, and no log", byInner, step, trail{}, trail{}, logs{}, Unknown},
		{"hidden, and the server has the outer alone", byInner, ok, trail{forwarded: true, server: true}, trail{}, both, Refused},
		{"hidden, and silent", byInner, Reply{Silent: true}, trail{}, trail{}, both, Unknown},
		{"too much", byEnd, denied, trail{forwarded: true}, trail{}, logs{}, Refused},
		{"too much, and taken", byEnd, ok, trail{}, trail{}, logs{}, Arrived},
		{"too much, and silent", byEnd, Reply{Silent: true}, trail{}, trail{}, both, Unknown},
		{"a crowd", byCount, Reply{Count: &Count{Sent: 20, Passed: 10, Most: 10, Refused: 10}}, trail{}, trail{}, logs{}, Refused},
		{"a crowd that got through", byCount, Reply{Count: &Count{Sent: 20, Passed: 11, Most: 10, Refused: 9}}, trail{}, trail{}, logs{}, Arrived},
		{"a crowd that nobody refused", byCount, Reply{Count: &Count{Sent: 9, Passed: 9, Most: 10}}, trail{}, trail{}, logs{}, Unknown},
		{"nobody at all", byCount, Reply{Count: &Count{Sent: 20, Most: 10, Refused: 20}}, trail{}, trail{}, logs{}, Unknown},
	} {
		a := by(c.judged)
		got, told, why := a.judge(c.reply, c.left, c.hidden, c.live)
		if got != c.want || got == Unknown && why == "" || got != Unknown && len(told) == 0 {
			t.Errorf("%s: %s by %q, %q, want %s", c.name, got, told, why, c.want)
		}
	}
}

// Every attack has a name of its own below its theme, and says what is sent.
func TestList(t *testing.T) {
	seen := map[string]bool{}
	for _, theme := range Themes {
		all := list(theme)
		if len(all) == 0 {
			t.Errorf("%s has no attacks", theme)
		}
		for _, a := range all {
			if seen[a.ID] || !strings.HasPrefix(a.ID, string(theme)+"/") || a.Title == "" || a.send == nil {
				t.Errorf("%q %q: %+v", a.ID, a.Title, a.refused)
			}
			seen[a.ID] = true
		}
	}
}

// A gateway that lets nothing through, or at which nothing may be called, proves nothing.
func TestClosed(t *testing.T) {
	s := &served{}
	s.Front, s.Address, s.Name, s.Patience = triton(gateway.Clients{Tokens: true}), "127.0.0.1:"+fmt.Sprint(proxytest.Port(t)), "localhost", time.Second
	r, err := Player{}.Play(context.Background(), &s.Target)
	if err != nil || len(r.Attacks) > 0 || !r.Failed() {
		t.Errorf("%+v, %v", r, err)
	}
	s.Front.Backends = nil
	if _, err := (Player{}).Play(context.Background(), &s.Target); err == nil {
		t.Error("a gateway at which nothing may be called is played on")
	}
}

// TestCalls finds the calls that do least, and no model that is there.
func TestCalls(t *testing.T) {
	g := triton(gateway.Clients{})
	c := callsOf(&g)
	if *c.http != (call{"GET", "/v2/health/ready"}) || *c.post != (call{"POST", "/v2/models/zlattack/infer"}) ||
		*c.grpc != (call{"POST", "/inference.GRPCInferenceService/ServerLive"}) || *c.metrics != (call{"GET", "/metrics"}) || c.admin == nil {
		t.Errorf("%+v", c)
	}
	if got := fill("/v1/models/{model}:predict"); got != "/v1/models/zlattack:predict" {
		t.Error(got)
	}
	if !allows(&g, "GET", "/v2/models/other") || allows(&g, "POST", "/v2/repository/index") || allows(&g, "GET", "/metrics") {
		t.Error("what is allowed is not what the rules of inference say")
	}
}

// FuzzTrails reads logs that others wrote to.
func FuzzTrails(f *testing.F) {
	f.Add(`{"request":"zlattack-0a1b2c3d-0001","server":"http"}`)
	f.Add(`{"request":"zlattack-0a1b2c3d-0001i","server":"<NOSRV>"} zlattack-0a1b2c3d-0002`)
	f.Add("zlattack-0a1b2c3d-")
	f.Add(strings.Repeat("zlattack-0a1b2c3d-0001", 5000))
	f.Fuzz(func(t *testing.T, line string) {
		out := &trails{"0a1b2c3d", map[string]trail{}}
		out.gateway(line)
		out.server(line)
		for m, at := range out.of {
			if !strings.Contains(line, m) || len(m) > len("zlattack-0a1b2c3d-0001i") || !at.server || at.forwarded == at.stopped {
				t.Errorf("%q left %+v in %q", m, at, line)
			}
		}
	})
}

// FuzzReplies reads what a hostile gateway answers.
func FuzzReplies(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 Not Found\r\n\r\n"))
	f.Add([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88"))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 999 \x1b[31m\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func(*canned) Reply{func(c *canned) Reply { return answers(c, 8, 0) }, func(c *canned) Reply { return readStream(c) }} {
			r := read(&canned{data: data})
			if len(r.Statuses) > len(data) || slices.Contains(r.Statuses, 0) {
				t.Errorf("%+v of %q", r, data)
			}
		}
	})
}
