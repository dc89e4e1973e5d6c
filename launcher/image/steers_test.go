package image_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/engine"
	"github.com/zlaunch/zlaunch/launcher/image"
)

// with is an image that steers by one way.
func with(w engine.Way) (*effective.Image, *image.Config, []string) {
	img, c := &effective.Image{}, &image.Config{}
	name := strings.TrimSuffix(w.Name, "*") + "x"
	if !strings.HasSuffix(w.Name, "*") {
		name = w.Name
	}
	said := map[string]string{name: "1"}
	one := map[string]struct{}{"/x": {}}
	switch {
	case w.In == engine.Label:
		img.Labels = said
	case w.In == engine.Annotation:
		img.Annotations = said
	case w.Name == "Env without =":
		img.Env = []string{"AWS_*"}
	case w.Name == "WorkingDir through a link":
		return img, c, []string{"/srv -> /etc"}
	case w.Name == "Healthcheck":
		c.Config.Healthcheck = &struct{ Test []string }{[]string{"NONE"}}
	case w.Name == "ExposedPorts":
		img.Exposed = []string{"80/tcp"}
	case w.Name == "Volumes":
		img.Volumes = []string{"/x"}
	case w.Name == "Labels":
		img.Labels = map[string]string{"PODMAN_SYSTEMD_UNIT": "x"}
	default:
		img.Env, img.Entrypoint, img.Cmd = []string{"A=b"}, []string{"x"}, []string{"x"}
		img.User, img.Workdir, img.StopSignal = "1", "/x", "TERM"
		c.Config.Shell, c.Config.OnBuild, c.Config.ExposedPorts = []string{"x"}, []string{"x"}, one
	}
	return img, c, nil
}

// Every way that is known is named, with its answer, and the refused stand first. Two are
// no way by themselves: labels are named one by one, and ArgsEscaped is for Windows.
func TestEveryWayIsNamed(t *testing.T) {
	for _, w := range engine.Ways {
		if w.In == engine.Config && (w.Name == "Labels" || w.Name == "ArgsEscaped") {
			continue
		}
		img, c, links := with(w)
		steers := image.Steers(img, c, links, "4.3.1")
		if !slices.ContainsFunc(steers, func(s image.Steer) bool { return s.Name == w.Name && s.Answer == w.Answer }) {
			t.Errorf("%s %q is not named: %v", w.In, w.Name, steers)
		}
	}
}

// Which engine falls for an advisory is told by its version, and one without is unknown.
func TestFalls(t *testing.T) {
	img := &effective.Image{Annotations: map[string]string{"io.podman.annotations.checkpoint.name": "x"}, Env: []string{"AWS_*"}, Labels: map[string]string{"nobody.obeys": "x"}}
	for version, want := range map[string]string{
		"4.3.1": "Env[AWS_*] falls for it, annotation[io.podman.annotations.checkpoint.name] is not affected",
		"5.4.2": "Env[AWS_*] falls for it, annotation[io.podman.annotations.checkpoint.name] falls for it",
		"6.2.0": "Env[AWS_*] is not affected, annotation[io.podman.annotations.checkpoint.name] is not affected",
		"":      "Env[AWS_*] unknown, annotation[io.podman.annotations.checkpoint.name] unknown",
	} {
		var got []string
		for _, s := range image.Steers(img, &image.Config{}, nil, version) {
			if s.Answer == engine.Refuse {
				got = append(got, s.Key+" "+string(s.Falls))
			}
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%q: %s\nwant %s", version, got, want)
		}
	}
}
