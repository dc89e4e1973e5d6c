package engine_test

import (
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/engine"
)

// What no table has is named, however near it comes to what one has; what describes, or is
// refused, is not.
func TestUnnamed(t *testing.T) {
	said := map[string]string{}
	unknown := []string{"", "Maintainer", "RUN.oci.handler", "autoheal", "com.datadoghq.ad.checks", "maintainer2", "org.opencontainers.imagex", "traefik.enable", "vcs-reff"}
	for _, name := range append([]string{"org.opencontainers.image.title", "maintainer", "com.redhat.component", "vcs-ref", "io.k8s.display-name", "run", "com.docker.compose.project", "io.containers.autoupdate", "run.oci.other"}, unknown...) {
		said[name] = "1"
	}
	for in, want := range map[engine.Place][]string{
		engine.Annotation: {"", "Maintainer", "RUN.oci.handler", "autoheal", "com.datadoghq.ad.checks", "com.docker.compose.project", "maintainer2", "org.opencontainers.imagex", "run", "traefik.enable", "vcs-reff"},
		engine.Label:      {"", "Maintainer", "RUN.oci.handler", "autoheal", "com.datadoghq.ad.checks", "maintainer2", "org.opencontainers.imagex", "traefik.enable", "vcs-reff"},
	} {
		if got := engine.Unnamed(in, said); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
