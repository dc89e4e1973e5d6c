package podmantest

import (
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
)

// answer answers one kind of request, given the part of its path that differs.
type answer func(w http.ResponseWriter, r *http.Request, part string)

// route is one kind of request; the part of its path that differs is {}.
type route struct {
	method, path string
	answer       answer
}

func routes(s *Server) []route {
	cs, ns := &s.containers, &s.networks
	moved := func(to string) answer {
		return func(w http.ResponseWriter, r *http.Request, name string) {
			if c := cs.step(to, w, r, name); c != nil && s.Start != nil {
				s.Start(c)
			}
		}
	}
	return []route{
		{"GET", "info", s.info},
		{"GET", "images/{}/json", s.image},
		{"POST", "images/pull", s.pull},
		{"POST", "networks/create", ns.create},
		{"GET", "networks/{}/json", ns.show},
		{"DELETE", "networks/{}", ns.remove(cs)},
		{"GET", "volumes/{}/exists", one(s.Volumes, "volume", nil)},
		{"GET", "volumes/{}/json", one(s.Volumes, "volume", showVolume)},
		{"GET", "secrets/{}/json", one(s.Secrets, "secret", showSecret)},
		{"GET", "exec/{}/json", one(s.Execs, "exec session", showExec)},
		{"POST", "containers/create", cs.create},
		{"GET", "containers/json", cs.show},
		{"GET", "containers/{}/exists", cs.exists},
		{"GET", "containers/{}/json", s.inspect},
		{"POST", "containers/{}/init", moved("initialized")},
		{"POST", "containers/{}/start", moved("running")},
		{"POST", "containers/{}/stop", moved("exited")},
		{"POST", "containers/{}/wait", cs.wait},
		{"GET", "containers/{}/logs", cs.logs},
		{"DELETE", "containers/{}", cs.remove},
	}
}

// one answers for the one of a kind that has the name; without show, that it is there.
func one[T any](of map[string]T, kind string, show func(name string, v T) map[string]any) answer {
	return func(w http.ResponseWriter, r *http.Request, name string) {
		v, ok := of[name]
		switch {
		case !ok:
			Fail(http.StatusNotFound, "no such "+kind)(w, r)
		case show == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			reply(w, show(name, v))
		}
	}
}

func showVolume(name string, options map[string]string) map[string]any {
	return map[string]any{"Name": name, "Options": options}
}

func showSecret(name, driver string) map[string]any {
	return map[string]any{"Spec": map[string]any{"Name": name, "Driver": map[string]any{"Name": driver}}}
}

func showExec(_ string, e Exec) map[string]any {
	return map[string]any{"ProcessConfig": map[string]any{"privileged": e.Privileged, "user": e.User}}
}

func (s *Server) info(w http.ResponseWriter, _ *http.Request, _ string) {
	reply(w, map[string]any{
		"host": map[string]any{"arch": "amd64", "cgroupVersion": "v2", "cgroupManager": "systemd", "cgroupControllers": s.Controllers,
			"ociRuntime": map[string]any{"name": "crun"}, "security": map[string]any{"rootless": true}},
		"store":   map[string]any{"graphDriverName": "overlay", "graphRoot": filepath.Dir(s.socket), "volumePath": filepath.Join(filepath.Dir(s.socket), "volumes")},
		"version": map[string]any{"Version": s.Version},
	})
}

// match fits a path into a pattern.
func match(pattern, path string) (part string, ok bool) {
	before, after, open := strings.Cut(pattern, "{}")
	if !open {
		return "", pattern == path
	}
	rest, ok := strings.CutPrefix(path, before)
	if !ok {
		return "", false
	}
	part, ok = strings.CutSuffix(rest, after)
	if !ok || part == "" || strings.Contains(part, "/") {
		return "", false
	}
	part, err := url.PathUnescape(part)
	return part, err == nil
}
