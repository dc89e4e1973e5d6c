package subject_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/quadlet"
)

// keyWord matches a key of a unit in a text.
var keyWord = regexp.MustCompile(`\b([A-Z][A-Za-z0-9]+)=`)

// ofSystemd are the keys of [Service] and [Unit] that fixes name, and those of other units.
const ofSystemd = " MemoryMax MemorySwapMax CPUQuota TimeoutStopSec Restart RestartSec StartLimitBurst StartLimitIntervalSec Internal Options SELINUX Delegate NAME "

// What a unit is told to change is keys that Podman knows, and a docker line is told
// nothing that is Podman's alone.
func TestFixesInTheirOwnLanguage(t *testing.T) {
	by := container.From(container.Origin{Layer: container.LayerCommandLine})
	unit, docker := &container.Spec{}, &container.Spec{}
	container.Subject.Set(unit, "unit", by)
	container.Engine.Set(docker, "docker", by)
	for _, c := range audit.Catalogue() {
		for _, m := range keyWord.FindAllStringSubmatch(audit.FixOf(c, unit), -1) {
			if key := m[1]; !strings.Contains(ofSystemd, " "+key+" ") {
				r, err := quadlet.Read(fstest.MapFS{"x.container": {Data: []byte("[Container]\nImage=x\n" + key + "=a\n")}}, "x.container", quadlet.Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range r.Open {
					if strings.Contains(o.Why, "is no key") {
						t.Errorf("%s: %s", c.ID, o.Why)
					}
				}
			}
		}
		for _, theirs := range []string{"podman secret", "--userns=", "--umask", "--http-proxy", "--health-on-failure kill", "podman image", "podman network", "podman import"} {
			if said := audit.FixOf(c, docker); strings.Contains(said, theirs) {
				t.Errorf("%s tells a docker line: %s", c.ID, said)
			}
		}
	}
}
