// Package launcher turns a named profile into a hardened rootless Podman run
// and proves that what runs is what was planned.
//
// A program makes a [Launcher], asks it for a [Plan], and launches that:
//
//	l := &launcher.Launcher{Catalog: catalog, Host: facts, Engine: engine}
//	plan, err := l.Plan(ctx, launcher.Options{Profile: "triton", Models: "./m"})
//	run, err := l.Launch(ctx, plan)
//
// Plan creates nothing of the engine's. Launch creates the container, has the runtime set it
// up without running the workload, holds the OCI configuration and the kernel's
// record against the plan, and only then starts it; whatever goes wrong before
// that leaves nothing behind.
package launcher

import (
	"path/filepath"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/podman"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/trust"
)

// Launcher is what a plan and a launch need to know.
type Launcher struct {
	Catalog *profile.Catalog
	Host    *host.Facts
	Engine  *podman.Engine // nil: plans only, with what the image would tell left open
	Dirs    Dirs
	Version string           // of the program, for the labels
	Now     func() time.Time // nil: time.Now
	Tell    func(string)     // a step worth a line of its own; nil: silence
	Passing func(string)     // what goes on meanwhile, gone with the next call; nil: silence
}

// Dirs are the places zlaunch writes to.
type Dirs struct {
	Runtime string // locks and reservations, gone at logout: $XDG_RUNTIME_DIR/zlaunch
	State   string // launch records and approvals: $XDG_STATE_HOME/zlaunch
	Data    string // the seccomp profiles Podman is pointed at: $XDG_DATA_HOME/zlaunch
	Storage string // only looked at: where this user's engine keeps images, "" not known
}

// Trusted wants what stands in these places to be nobody's but the caller's and
// root's to write, and the places too.
func (d Dirs) Trusted() error {
	for _, dir := range []string{d.Runtime, d.State, filepath.Join(d.State, "launches"), d.Data, filepath.Join(d.Data, "seccomp")} {
		if !filepath.IsAbs(dir) { // none is given
			continue
		}
		if err := trust.Caller().Path(dir); err != nil {
			return err
		}
	}
	return nil
}

func (l *Launcher) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

func (l *Launcher) tell(line string) {
	if l.Tell != nil {
		l.Tell(line)
	}
}

func (l *Launcher) passing(line string) {
	if l.Passing != nil {
		l.Passing(line)
	}
}

// Options is what a command line says of one run, as typed.
type Options struct {
	Profile      string
	Arch         string // GOARCH; "" is the engine's own
	Models       string // host path
	Output       string // host directory a job writes to
	Publish      []string
	Network      string
	Env          []string // K=V, or K to take the caller's value
	Secret       []string // podman-run's --secret
	Memory       string
	Cpus         float64
	Name         string
	Image        string
	Pull         string
	ReadyTimeout time.Duration // 0: the profile's own
	Waive        []string
	FailOn       audit.Severity // findings from here on stop the run; 0 is high
	PodmanArgs   []string
	Args         []string // the workload's, what stood behind --
	Detach       bool
	Interactive  bool
	Tty          bool
	LookupEnv    func(string) (string, bool) // for Env without a value; nil: none
}
