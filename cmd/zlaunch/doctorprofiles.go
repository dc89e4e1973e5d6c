package main

import (
	"context"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/share"
)

// profileChecks are what is in the way of the profiles that are visible here.
func (s *stdio) profileChecks() []report.Check {
	dirs := s.profileDirs()
	dirs.Project = "" // not looked into before it is approved
	shelf := share.ShelfOf(s.getenv, s.home, dirs, versionOf().Version)
	dirs.Bundles, _ = shelf.Sources(context.Background())
	sources, _, err := profile.Sources(dirs)
	if err != nil {
		return nil
	}
	c := profile.Assemble(sources)
	var out []report.Check
	for _, e := range c.Faulty() {
		out = append(out, report.Check{State: "warn", Message: e.Faults[0].Place() + ": " + e.Faults[0].Message(), Fix: e.Next()})
	}
	locked, _ := shelf.Locked(context.Background())
	for _, l := range locked {
		if l.Unlike != nil {
			out = append(out, report.Check{State: "warn", Message: l.Place.Path + ": " + l.Unlike.Error(), Fix: hint.Of(l.Unlike)})
		}
	}
	for _, line := range expiring(waiversOf(c.All(hostArch)), time.Now()) {
		out = append(out, report.Check{State: "warn", Control: audit.WaiversAlive.ID, Message: line, Fix: "renew it there, or meet the control"})
	}
	return out
}
