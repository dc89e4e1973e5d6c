package systemd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// fake puts a systemctl and a journalctl in the way that write down how they are called.
func fake(t *testing.T, script string) (called func() string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"systemctl", "journalctl"} {
		text := "#!/bin/sh\necho " + name + " \"$@\" >>" + dir + "/called\n" + script
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return func() string {
		text, _ := os.ReadFile(dir + "/called")
		return string(text)
	}
}

func TestVerbs(t *testing.T) {
	called := fake(t, "")
	ctx, u := t.Context(), User{}
	for _, err := range []error{u.Reload(ctx), u.Start(ctx, "a.service"), u.Restart(ctx, "a.service"), u.Stop(ctx, "a.service", "b.service")} {
		if err != nil {
			t.Error(err)
		}
	}
	u.Forgive(ctx, "a.service")
	u.Online(ctx)
	_ = u.Journal(ctx, "a.service", "--lines=7").Run()
	want := strings.ReplaceAll(`systemctl --user daemon-reload
systemctl --user start a.service
systemctl --user restart a.service
systemctl --user stop a.service b.service
systemctl --user reset-failed a.service
systemctl --quiet is-active network-online.target
journalctl --no-pager --quiet --lines=7 _UID=0 _SYSTEMD_USER_UNIT=a.service + _UID=0 USER_UNIT=a.service
`, "_UID=0", "_UID="+strconv.Itoa(os.Getuid()))
	if got := called(); got != want {
		t.Errorf("called\n%s, want\n%s", got, want)
	}
}

func TestState(t *testing.T) {
	fake(t, `printf 'NRestarts=2\nLoadState=loaded\nResult=exit-code\nActiveState=failed\nSubState=failed\nSourcePath=/a.container\n'`)
	s, err := User{}.State(t.Context(), "a.service")
	if err != nil || s != (State{"loaded", "failed", "failed", "exit-code", 2, "/a.container"}) || s.String() != "failed (failed, exit-code)" {
		t.Errorf("%+v, %v", s, err)
	}
	if got := (State{Load: "not-found", Active: "inactive"}).String(); got != "not-found" {
		t.Error(got)
	}
	if got := (State{"loaded", "active", "running", "success", 0, ""}).String(); got != "active (running)" {
		t.Error(got)
	}
}

// What systemctl says is the error, with a way out where there is one to tell.
func TestErrors(t *testing.T) {
	for said, next := range map[string]string{
		"Failed to connect to bus: No medium found":                                 "enable-linger",
		"System has not been booted with systemd as init system (PID 1).":           "enable-linger",
		"Job for a.service failed because the control process exited with an error": "",
	} {
		fake(t, "echo '"+said+"' >&2; exit 1")
		err := User{}.Start(t.Context(), "a.service")
		if err == nil || !strings.Contains(err.Error(), said) || next != "" && !strings.Contains(hint.Of(err), next) {
			t.Errorf("%v, hint %q", err, hint.Of(err))
		}
	}
	fake(t, "echo 'Failed to stop a.service: Unit a.service not loaded.' >&2; exit 5")
	if err := (User{}).Stop(t.Context(), "a.service"); err != nil {
		t.Errorf("stopping what is not there: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := (User{}).Reload(t.Context()); err == nil || !strings.Contains(hint.Of(err), "zlaunch run -d") {
		t.Errorf("without systemd: %v", err)
	}
}
