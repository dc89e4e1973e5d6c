package plan

import "github.com/zlaunch/zlaunch/launcher/form/podmanrun"

// NetworkLine is the podman command that makes the plan's own network, nil when it
// needs none.
func (p *Plan) NetworkLine() []string {
	if len(p.Networks) == 0 {
		return nil
	}
	return p.Networks[0].Line(p)
}

// Line is the podman command that makes a network of the plan.
func (n Network) Line(p *Plan) []string { return n.form(p).Create("podman") }

// RunLine is the podman command that does what the plan does, word by word.
func (p *Plan) RunLine() ([]string, error) {
	args, err := podmanrun.Args(p.Stated)
	if err != nil {
		return nil, err
	}
	line := []string{"podman", "run"}
	if p.Options.Detach {
		line = append(line, "--detach")
	}
	return append(line, args...), nil
}
