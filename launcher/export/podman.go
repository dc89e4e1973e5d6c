package export

import (
	"maps"
	"slices"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// podmanLine is the line that does the same as the run, with what must be there before it.
var podmanLine = Form{Name: "podman", About: "a podman run line, to be pasted into a shell", Write: writePodman, Says: podmanSays}

func podmanSays(string) []form.Says {
	var out []form.Says
	for _, o := range podmanrun.All() {
		out = append(out, form.Says{Row: o.Row, Keys: "--" + o.Name})
	}
	return out
}

func writePodman(r form.Run, _ string) (*form.Document, error) {
	args, err := podmanrun.Args(r.Spec)
	if err != nil {
		return nil, err
	}
	text, err := podmanrun.Pretty(append([]string{"podman", "run", "--detach"}, args...))
	if err != nil {
		return nil, err
	}
	if r.Network != nil {
		create, err := networkLine(*r.Network)
		if err != nil {
			return nil, err
		}
		text = create + "\n" + text
	}
	return &form.Document{Files: []form.File{{Name: r.Name + ".sh", Data: []byte(text + "\n")}}}, nil
}

// networkLine makes a network that is not there yet.
func networkLine(n form.Network) (string, error) {
	exists, err := podmanrun.Line([]string{"podman", "network", "exists", n.Name})
	if err != nil {
		return "", err
	}
	words := []string{"podman", "network", "create"}
	for _, key := range slices.Sorted(maps.Keys(n.Labels)) {
		words = append(words, "--label", key+"="+n.Labels[key])
	}
	create, err := podmanrun.Line(append(words, n.Name))
	return exists + " || " + create, err
}
