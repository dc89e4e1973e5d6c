package podmanrun_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// pathful are the rows of a run of ours in which a path may stand, and why it may.
var pathful = map[string]string{
	"volume": "the controls of paths judge it", "device": "ZL-605 judges it", "seccomp_profile": "zlaunch reads it and sends what it resolved",
	"workdir": "the container's", "mask": "the container's", "unmask": "the container's",
	"env": "the workload's own words", "args": "the workload's own words", "entrypoint": "the container's",
	"label": "said to people", "annotation": "ZL-108 judges those that a runtime obeys, and Podman's own are refused",
	"image": "ZL-901 judges it: a name has no digest where it is a path", "user": "a name in the image", "apparmor_profile": "a name in the kernel",
	"log_opt": "tag alone, which names nothing",
}

// A run of ours names a path of the host in no row but those whose path is judged. A
// new row that takes one fails here.
func TestPathsStandOnlyWhereTheyAreJudged(t *testing.T) {
	mark := container.From(container.Origin{Layer: container.LayerUser})
	for _, row := range container.Rows {
		for _, text := range []string{"/home/u/x", "ns:/home/u/x", "path:/home/u/x", "pasta:--pcap,/home/u/x", "unix:///home/u/x"} {
			s := &container.Spec{}
			switch r := row.(type) {
			case container.Field[string]:
				r.Set(s, text, mark)
			case container.Field[[]string]:
				r.Set(s, []string{text}, mark)
			case container.Map[string]:
				r.Set(s, "tag", text, mark)
			case container.Map[container.Volume]:
				r.Set(s, "/x", container.Volume{Source: text}, mark)
			default:
				continue
			}
			if podmanrun.Check(s) == nil && pathful[row.Key()] == "" && !row.Derived() {
				t.Errorf("%s takes %q, and nobody judges it", row.Key(), text)
			}
		}
	}
}
