package plan

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/model"
)

// DemoImage is the image of the built-in profile demo, which zlaunch makes itself.
const DemoImage = "localhost/zlaunch-demo:latest"

// ToGet is what to type for the image ref of a profile that is not here. One of localhost
// is made on this host, and no registry is to be asked for it.
func ToGet(profile, ref string) string {
	switch {
	case ref == DemoImage:
		return "zlaunch demo, which builds it"
	case strings.HasPrefix(ref, "localhost/"):
		return "podman build --tag " + model.Quote(ref) + " DIRECTORY"
	}
	return "zlaunch pull " + profile
}

// toGet is ToGet for the plan's own image.
func toGet(p *Plan) string {
	ref, _, _ := container.Image.Get(p.Stated)
	return ToGet(p.Profile.Name, ref)
}
