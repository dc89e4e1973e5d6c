package launch

import (
	"archive/tar"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/podmantest"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

const passwd = "y:x:101:102::/var/lib/y:/x\n"

// wrote has every container tell that it wrote these files of 1000 bytes, all in
// directories that the image has, and all images have this passwd.
func (g *rig) wrote(files ...string) {
	g.engine.Fault = func(r *http.Request) http.HandlerFunc {
		switch {
		case strings.HasSuffix(r.URL.Path, "/changes"):
			return func(w http.ResponseWriter, _ *http.Request) {
				list := []map[string]any{{"Path": "/etc", "Kind": 0}, {"Path": "/gone", "Kind": 2}}
				for _, f := range files {
					list = append(list, map[string]any{"Path": f, "Kind": 1})
				}
				_ = json.NewEncoder(w).Encode(list)
			}
		case r.Method == "HEAD" && strings.HasSuffix(r.URL.Path, "/archive"):
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString([]byte(`{"size":1,"mode":420}`)))
			}
		case r.Method == "GET" && strings.HasSuffix(r.URL.Path, "/archive"):
			return func(w http.ResponseWriter, r *http.Request) {
				t := tar.NewWriter(w)
				at := r.URL.Query().Get("path")
				if at == "/etc/passwd" {
					_ = t.WriteHeader(&tar.Header{Name: "passwd", Typeflag: tar.TypeReg, Size: int64(len(passwd))})
					_, _ = t.Write([]byte(passwd))
				} else if slices.Contains(files, at) {
					_ = t.WriteHeader(&tar.Header{Name: "f", Typeflag: tar.TypeReg, Size: 1000})
					_, _ = t.Write(make([]byte, 1000))
				} else {
					_ = t.WriteHeader(&tar.Header{Name: "d/", Typeflag: tar.TypeDir})
				}
				_ = t.Close()
			}
		}
		return nil
	}
}

func (g *rig) try(t *testing.T, ctx context.Context, name string) (*Tried, error) {
	t.Helper()
	return Trial(ctx, g.Runner, g.plan(t, plan.Trial(plan.Options{Profile: name})), 0, 10*time.Second)
}

// A trial runs as a launch does, but for its root and its name; it tells what was written
// and refused, and leaves nothing.
func TestTrial(t *testing.T) {
	g := newRig(t)
	g.wrote("/var/lib/x/a", "/var/lib/x/b\n", "/tmp/in-a-mount")
	g.engine.Start = func(c *podmantest.Container) {
		if c.Request.ReadOnly || !c.Request.NoNewPrivs || !strings.HasPrefix(c.Request.Name, "zlaunch-trial-job-") {
			t.Errorf("it runs as %+v", c.Request)
		}
		g.engine.Exit(c, 3, "starting\nopen /var/lib/y/z: permission denied\n")
	}
	got, err := g.try(t, t.Context(), "job")
	if err != nil {
		t.Fatal(err)
	}
	if got.Ready || got.Running || got.ExitCode != 3 {
		t.Errorf("%+v", got)
	}
	places, denied, refused := got.Seen.Places, got.Seen.Denied, got.Seen.Refused
	if len(places) != 1 || places[0].Dir != "/var/lib/x" || places[0].Files != 1 || places[0].Bytes != 1000 || places[0].Content || got.Seen.Odd != 1 {
		t.Errorf("it wrote %+v, and %d odd paths", places, got.Seen.Odd)
	}
	if len(refused) != 1 || len(denied) != 1 || denied[0].Dir != "/var/lib/y" || denied[0].Owner != "101:102" {
		t.Errorf("refused %v, at %+v", refused, denied)
	}
	g.nothing(t)
}

// A server is stopped once it serves.
func TestTrialServes(t *testing.T) {
	g := newRig(t)
	g.wrote()
	g.serve(t, 200)
	got, err := g.try(t, t.Context(), "web")
	if err != nil || !got.Ready || !got.Running || len(got.Seen.Places) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
	g.nothing(t)
}

// Whatever fails on the way, and whoever interrupts it: nothing is left.
func TestTrialLeavesNothing(t *testing.T) {
	for _, fails := range []string{"/init", "/start", "/stop", "/changes", "/logs"} {
		g := newRig(t)
		g.serve(t, 200)
		g.engine.Fault = func(r *http.Request) http.HandlerFunc {
			if strings.HasSuffix(r.URL.Path, fails) {
				return podmantest.Fail(http.StatusInternalServerError, "planted")
			}
			return nil
		}
		if _, err := g.try(t, t.Context(), "web"); err == nil || !strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %v", fails, err)
		}
		g.nothing(t)
	}
	g := newRig(t)
	ctx, interrupt := context.WithCancel(t.Context())
	g.engine.Start = func(*podmantest.Container) { interrupt() }
	if _, err := g.try(t, ctx, "job"); err == nil {
		t.Error("an interrupted trial came to something")
	}
	g.nothing(t)
}

// The walls of a trial are those of the run, but for the root and what depends on it.
func TestTrialWalls(t *testing.T) {
	g := newRig(t)
	o := plan.Options{Profile: "web"}
	as := g.plan(t, plan.Trial(o))
	o.Detach = true
	run := g.plan(t, o)
	for _, d := range append(container.Diff(run.Effective, as.Effective), container.Diff(as.Effective, run.Effective)...) {
		if !slices.Contains([]string{"read_only", "name", "label", "hostname"}, d.Path.Key) {
			t.Errorf("%s: planned %v, for the trial %v", d.Path, d.Planned, d.Got)
		}
	}
}
