package effective_test

import (
	"slices"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// steering is an image that tries each kind of way.
var steering = &effective.Image{
	Env:         []string{"AWS_SECRET_ACCESS_KEY", "HF_*", "PATH=/bin", "EMPTY=", "=x"},
	Labels:      map[string]string{"PODMAN_SYSTEMD_UNIT": "v.service", "io.containers.capabilities": "chown", "maintainer": "x"},
	Annotations: map[string]string{"run.oci.handler": "krun", "org.opencontainers.image.title": "x"},
}

func TestImageSteers(t *testing.T) {
	want := []string{"annotation[run.oci.handler]", "env[AWS_SECRET_ACCESS_KEY]", "env[HF_*]", "env[]", "label[PODMAN_SYSTEMD_UNIT]"}
	if got := effective.ImageSteers(steering); !slices.Equal(got, want) {
		t.Errorf("it steers by %q, want %q", got, want)
	}
}

// A variable without a value is not predicted, so that one that comes is a
// difference; annotations are, where the engine passes them on.
func TestPredictionOfSteering(t *testing.T) {
	for version, annotated := range map[string]bool{"4.3.1": true, "4.5.0": true, "": true, "4.5.1": false, "5.8.2": false, "6.1.0": false} {
		s := effective.Of(&container.Spec{}, effective.Defaults{Image: steering, EngineVersion: version})
		if got := container.Env.Keys(s); !slices.Equal(got, []string{"EMPTY", "PATH"}) {
			t.Errorf("%q: the variables %q are predicted", version, got)
		}
		if _, _, got := container.Annotation.Get(s, "run.oci.handler"); got != annotated {
			t.Errorf("%q: an annotation of the image is predicted: %v", version, got)
		}
	}
}
