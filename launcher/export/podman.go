package export

import (
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/command"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// podmanLine is the line that does the same as the run, with what must be there before it.
var podmanLine = Form{
	Name: "podman", About: "a podman run line, to be pasted into a shell", Write: writePodman, Stack: linesOf(writePodman), Says: podmanSays,
	Engine: of("podman"), Foreign: "podman",
}

// of is one engine for every target.
func of(engine string) func(string) string { return func(string) string { return engine } }

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
	others := &container.Spec{}
	for _, row := range container.ForeignRows {
		row.Copy(others, r.Spec)
	}
	options, err := command.Write(others, "podman")
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		words = append(words, o.String())
	}
	return script(r, append(words, args...), "podman network exists %s || %s")
}
