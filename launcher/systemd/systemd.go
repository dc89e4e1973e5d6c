// Package systemd asks the service manager of the calling user, by systemctl and
// journalctl: every host that has the manager has them, and their answers are stable.
package systemd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// User is the manager of the calling user.
type User struct{}

// Reload has the manager run its generators and read its units anew.
func (User) Reload(ctx context.Context) error {
	return do(ctx, "reading its units anew", "daemon-reload")
}

// Start starts a unit, and returns when it is up or failed.
func (User) Start(ctx context.Context, unit string) error {
	return do(ctx, "starting "+unit, "start", unit)
}

// Restart stops a unit, where it runs, and starts it.
func (User) Restart(ctx context.Context, unit string) error {
	return do(ctx, "starting "+unit+" anew", "restart", unit)
}

// Stop stops units. One that is not loaded is stopped.
func (User) Stop(ctx context.Context, units ...string) error {
	err := do(ctx, "stopping "+strings.Join(units, ", "), append([]string{"stop"}, units...)...)
	if err != nil && strings.Contains(err.Error(), "not loaded") {
		return nil
	}
	return err
}

// Forgive takes from a unit that it failed, and how often it was started.
func (User) Forgive(ctx context.Context, unit string) {
	_ = do(ctx, "resetting "+unit, "reset-failed", unit) // one that is not loaded has nothing to forgive
}

// State is what the manager says of a unit, in its own words (systemctl(1), show).
type State struct {
	Load     string // loaded, not-found, bad-setting …
	Active   string // active, activating, failed, inactive …
	Sub      string // running, start-post, auto-restart …
	Result   string // of the last run: success, exit-code, timeout, start-limit-hit …
	Restarts int    // by Restart= since somebody started it
	Source   string // the file that a generator made it of; "" none did
}

func (s State) String() string {
	switch {
	case s.Load != "loaded":
		return s.Load
	case s.Result != "success" && s.Result != "":
		return fmt.Sprintf("%s (%s, %s)", s.Active, s.Sub, s.Result)
	}
	return fmt.Sprintf("%s (%s)", s.Active, s.Sub)
}

// State asks for the state of a unit; of one that there is not Load says so.
func (User) State(ctx context.Context, unit string) (State, error) {
	out, err := ask(ctx, "systemctl", "--user", "show", "--property=LoadState,ActiveState,SubState,Result,NRestarts,SourcePath", unit)
	if err != nil {
		return State{}, fmt.Errorf("asking for %s: %w", unit, err)
	}
	of := pairs(out)
	n, _ := strconv.Atoi(of["NRestarts"]) // absent: none
	return State{of["LoadState"], of["ActiveState"], of["SubState"], of["Result"], n, of["SourcePath"]}, nil
}

// Environment is what the manager gives the units it starts.
func (User) Environment(ctx context.Context) (map[string]string, error) {
	out, err := ask(ctx, "systemctl", "--user", "show-environment")
	if err != nil {
		return nil, fmt.Errorf("asking for the environment of services: %w", err)
	}
	return pairs(out), nil
}

// Online tells whether the host says that its network is up, which Podman's generator has
// every unit wait for, 90 seconds at most (podman-user-wait-network-online.service).
func (User) Online(ctx context.Context) bool {
	_, err := ask(ctx, "systemctl", "--quiet", "is-active", "network-online.target")
	return err == nil
}

// Journal is the command that prints what the journal has of a unit: of its processes, and
// what the manager says of it. By these fields root finds it too, as --user-unit would not.
func (User) Journal(ctx context.Context, unit string, options ...string) *exec.Cmd {
	uid := "_UID=" + strconv.Itoa(os.Getuid())
	args := append([]string{"--no-pager", "--quiet"}, options...)
	return exec.CommandContext(ctx, "journalctl", append(args, uid, "_SYSTEMD_USER_UNIT="+unit, "+", uid, "USER_UNIT="+unit)...)
}

// do has systemctl do something, and says what it said where it failed.
func do(ctx context.Context, doing string, args ...string) error {
	if _, err := ask(ctx, "systemctl", append([]string{"--user"}, args...)...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func ask(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 10 * time.Second // for a child of its own that holds its output
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	said := strings.Join(strings.Fields(errs.String()), " ")
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return "", hint.Errorf("zlaunch run -d, which needs no systemd", "there is no %s here", name)
	case strings.Contains(said, "Failed to connect to"), strings.Contains(said, "not been booted"):
		return "", hint.Errorf(reachable(), "this user's service manager cannot be reached: %s", said)
	case said == "":
		return "", err
	}
	return "", errors.New(said)
}

// reachable tells how the calling user comes by a manager that answers.
func reachable() string {
	uid := strconv.Itoa(os.Getuid())
	name := uid // loginctl takes either
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return "log in as " + name + " by ssh or at a console, not by su or sudo\nor sudo loginctl enable-linger " + name + "; export XDG_RUNTIME_DIR=/run/user/" + uid
}

// pairs reads lines of KEY=VALUE.
func pairs(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			out[key] = value
		}
	}
	return out
}
