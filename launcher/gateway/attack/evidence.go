package attack

import (
	"context"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// noServer is what HAProxy logs of a request that it sent to no server.
const noServer = "<NOSRV>"

// trail is what a marker left in the logs.
type trail struct {
	server    bool // the server's log has it
	forwarded bool // the gateway's has it, with the server that it went to
	stopped   bool // the gateway's has it, with no server
}

// trails are those of one run, by marker.
type trails struct {
	run string
	of  map[string]trail
}

// marks finds markers in a line of a log. One that is hidden in another request ends in i.
var marks = lazyregexp.New(`zlattack-[0-9a-f]{8}-[0-9]{4}i?`)

// mostLine bounds what is looked at of a line of a log, in bytes.
const mostLine = 64 << 10

func (t *trails) server(line string) {
	for _, m := range t.in(line) {
		at := t.of[m]
		at.server = true
		t.of[m] = at
	}
}

func (t *trails) gateway(line string) {
	for _, m := range t.in(line) {
		at := t.of[m]
		if strings.Contains(line, noServer) {
			at.stopped = true
		} else {
			at.forwarded = true
		}
		t.of[m] = at
	}
}

func (t *trails) in(line string) (out []string) {
	line = line[:min(len(line), mostLine)]
	if !strings.Contains(line, t.run) {
		return nil
	}
	for _, m := range marks().FindAllString(line, -1) {
		if strings.HasPrefix(m, "zlattack-"+t.run) {
			out = append(out, m)
		}
	}
	return out
}

// gather reads both logs since a time.
func (t *Target) gather(ctx context.Context, run string, since time.Time) (*trails, error) {
	out := &trails{run, map[string]trail{}}
	for _, l := range []struct {
		log  Log
		line func(string)
	}{{t.Gateway, out.gateway}, {t.Server, out.server}} {
		if l.log == nil {
			continue
		}
		if err := l.log(ctx, since, l.line); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// logs tells which logs show what arrives: those that showed the controls.
type logs struct{ gateway, server bool }

// live are the logs that have every one of these markers.
func (t *trails) live(markers []string) logs {
	out := logs{len(markers) > 0, len(markers) > 0}
	for _, m := range markers {
		out.gateway = out.gateway && t.of[m].forwarded
		out.server = out.server && t.of[m].server
	}
	return out
}
