package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

// What a control can say depends on what was read: a plan is held to zlaunch's own
// promises, and of a line nobody has walked the models.
func TestSubjects(t *testing.T) {
	own := networks("private")
	typed := From(Origin{Layer: LayerCommandLine, Key: "--models"})
	for _, c := range []struct {
		subject, control string
		change           func(*Spec)
		want             audit.Verdict
	}{
		{"plan", "ZL-703", own, audit.Fail},
		{"line", "ZL-703", own, audit.Pass},
		{"line", "ZL-703", func(s *Spec) { own(s); Rootless.Set(s, false, by) }, audit.Fail},
		{"plan", "ZL-811", to(NoHealthcheck, true), audit.NotApplicable},
		{"line", "ZL-811", to(HealthCmd, ""), audit.Open},
		{"container", "ZL-811", to(HealthCmd, ""), audit.Fail},
		{"unit", "ZL-812", to(HealthOnFailure, "restart"), audit.Fail},
		{"unit", "ZL-815", to(Rm, false), audit.NotApplicable},
		{"unit", "ZL-819", func(*Spec) {}, audit.Pass},
		{"plan", "ZL-807", func(s *Spec) { LimitsInForce.Clear(s) }, audit.NotApplicable},
		{"line", "ZL-916", func(s *Spec) { ImageCurrent.Clear(s) }, audit.NotApplicable},
		{"plan", "ZL-931", func(s *Spec) { Walked.Clear(s); VolumeAt.Set(s, "/models", models, typed) }, audit.Pass},
		{"plan", "ZL-931", func(s *Spec) { Walked.Clear(s) }, audit.Open},
		{"line", "ZL-931", func(s *Spec) { Walked.Clear(s) }, audit.Open},
		{"line", "ZL-932", func(s *Spec) { Walked.Clear(s) }, audit.NotApplicable},
		{"record", "ZL-935", func(s *Spec) { ModelDigest.Clear(s) }, audit.NotApplicable},
	} {
		s := hardened()
		Subject.Set(s, c.subject, by)
		c.change(s)
		if got := verdicts(complete(s))[c.control]; got[0].Verdict != c.want {
			t.Errorf("%s of a %s: %s %q, want %s", c.control, c.subject, got[0].Verdict, got[0].Message, c.want)
		}
	}
}

// A way to steer a server weighs by who reaches it.
func TestRemoteControlSeverity(t *testing.T) {
	for _, c := range []struct {
		word string
		ip   string
		want audit.Severity
	}{
		{"--model-control-mode=explicit", "0.0.0.0", audit.High}, {"--model-control-mode=explicit", "127.0.0.1", audit.Low},
		{"--ServerApp.token=", "10.0.0.1", audit.High}, {"--ServerApp.token=", "::1", audit.Medium}, {"--ServerApp.token=", "", audit.High},
	} {
		s := hardened()
		args("serve", c.word)(s)
		published("8000/tcp", c.ip, 8000)(s)
		if got := verdicts(complete(s))["ZL-714"][0]; got.Verdict != audit.Fail || got.Severity != c.want {
			t.Errorf("%s at %q: %s %s, want %s", c.word, c.ip, got.Verdict, got.Severity, c.want)
		}
	}
}

// No text of a foreign run makes a judge panic.
func FuzzForeignText(f *testing.F) {
	for _, s := range []string{"", ":", "@", "[::]:8000", "8000-9000/tcp@x", "pasta:-T", "icr.io/x@sha256:", "a\x00\x1b[31m\n", "$PWD", "--token", "//", "http://"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		s := hardened()
		Image.Set(s, a, by)
		Network.Set(s, []string{a, b}, by)
		Publish.Set(s, a, Port{HostIP: b}, by)
		Args.Set(s, []string{a, b}, by)
		Entrypoint.Set(s, []string{b}, by)
		VolumeAt.Set(s, a, Volume{Source: b}, by)
		TmpfsAt.Set(s, b, Tmpfs{}, by)
		Env.Set(s, "LD_PRELOAD", a, by)
		Env.Set(s, a, b, by)
		Restart.Set(s, a, by)
		Platform.Set(s, b, by)
		LogOpt.Set(s, "max-size", a, by)
		ImageLabels.Set(s, "io.containers.capabilities", b, by)
		EnvFile.Set(s, []string{a}, by)
		s = complete(s)
		for _, g := range audit.Judge(s) {
			if g.Control.Mend != nil && g.Verdict == audit.Fail {
				g.Control.Mend(s, g.At)
			}
		}
		audit.Judge(s)
	})
}

func BenchmarkJudge(b *testing.B) {
	s := complete(hardened())
	for b.Loop() {
		audit.Judge(s)
	}
}
