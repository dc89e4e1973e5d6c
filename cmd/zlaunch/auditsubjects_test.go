package main

import (
	"errors"
	"testing"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// A profile's name in the place of a container's is answered with its runs.
func TestRunsInstead(t *testing.T) {
	none := hint.Errorf("podman ps -a", "auditing %q: no such container", "web")
	there := []launcher.Running{{Name: "one", Profile: "web"}, {Name: "other", Profile: "job"}, {Name: "two", Profile: "web"}}
	for name, want := range map[string][2]string{
		"web":  {"; web is a profile, and its runs are one, two", "zlaunch audit --container one --container two"},
		"job":  {"; job is a profile, and its runs are other", "zlaunch audit --container other"},
		"idle": {"; idle is a profile, and nothing runs of it", "its plan: zlaunch audit idle\na run of it: zlaunch run -d idle"},
		"x":    {"", "podman ps -a"},
	} {
		err := runsInstead(name, there, []string{"web", "job", "idle"}, none)
		if err.Error() != none.Error()+want[0] || hint.Of(err) != want[1] || !errors.Is(err, none) {
			t.Errorf("%s: %v - %s", name, err, hint.Of(err))
		}
	}
}
