package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// A waiver's end is told from 14 days before it on, once for each, the nearest first.
func TestExpiring(t *testing.T) {
	now := time.Date(2027, 3, 10, 15, 0, 0, 0, time.UTC)
	waiver := func(day int) audit.Waiver {
		return audit.Waiver{Control: "ZL-503", At: "tmpfs[/tmp]", Owner: "ann", Expires: time.Date(2027, 3, day, 0, 0, 0, 0, time.UTC),
			Origin: container.Origin{File: "/etc/x.toml", Key: fmt.Sprint("x.waiver", day)}}
	}
	got := expiring([]audit.Waiver{waiver(25), waiver(24), waiver(11), waiver(10), waiver(9), waiver(24), {Control: "ZL-104"}}, now)
	want := []string{"expired after 2027-03-09", "expires today, 2027-03-10", "expires tomorrow, 2027-03-11", "expires in 14 days, after 2027-03-24"}
	if !slices.EqualFunc(got, want, strings.Contains) || got[3] != "the waiver of ZL-503 at tmpfs[/tmp] expires in 14 days, after 2027-03-24; it stands in /etc/x.toml: x.waiver24, owner ann" {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
}

// run, plan, list, audit and doctor all tell.
func TestWarnsOfWaivers(t *testing.T) {
	w := newWorld(t)
	own := filepath.Join(w.state, ".config", "zlaunch")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	text := "schema = 1\n[profile.mine]\nextends = \"triton\"\n[[profile.mine.waiver]]\ncontrol = \"ZL-503\"\nreason = \"x\"\nowner = \"ann\"\nexpires = " +
		time.Now().UTC().AddDate(0, 0, 5).Format(time.DateOnly) + "\n"
	if err := os.WriteFile(filepath.Join(own, "profiles.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const warning = "the waiver of ZL-503 expires in 5 days"
	for _, line := range []string{"list", "plan mine --arch s390x", "audit mine --arch s390x"} {
		w.run(strings.Fields(line)...)
		if got := strings.Count(w.stderr.String(), "zlaunch: warning: "+warning); got != 1 {
			t.Errorf("%s: told %d times: %s", line, got, w.stderr.String())
		}
	}
	if w.run("doctor", "--json"); !strings.Contains(w.stdout.String(), warning) {
		t.Errorf("doctor: %s", w.stdout.String())
	}
	if text := strings.ReplaceAll(w.stdout.String(), "zlaunch doctor --fix", ""); strings.Contains(text, `"fix": "zlaunch doctor`) {
		t.Errorf("doctor points to itself: %s", w.stdout.String())
	}
}

// A hint never sends doctor's reader to doctor.
func TestElsewhere(t *testing.T) {
	if got := elsewhere("zlaunch doctor, which shows what this host lacks; podman info"); strings.Contains(got, "zlaunch doctor") {
		t.Error(got)
	}
	if got := elsewhere("podman info"); got != "podman info" {
		t.Error(got)
	}
}
