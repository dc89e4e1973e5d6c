package export

import (
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// podmanLine is the line that does the same as the run, with what must be there before it.
var podmanLine = Form{Name: "podman", About: "a podman run line, to be pasted into a shell", Write: writePodman, Says: podmanSays}

func podmanSays(string) []form.Says {
	var out []form.Says
	for _, o := range podmanrun.All() {
		out = append(out, form.Says{Row: o.Row, Keys: o.Keys()})
	}
	return out
}

func writePodman(r form.Run, _ string) (*form.Document, error) {
	args, err := podmanrun.Args(r.Spec)
	if err != nil {
		return nil, err
	}
	words := []string{"podman", "run"}
	if !r.Attached {
		words = append(words, "--detach")
	}
	return script(r, append(words, args...), "podman network exists %s || %s")
}
