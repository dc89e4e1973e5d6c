package prison

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/plan"
)

// confined says what keeps a plan from being a prison. The catalogue of controls asks for
// more; nothing of this can be waived.
func confined(p *plan.Plan) (open []string) {
	s := p.Effective
	must := func(ok bool, format string, args ...any) {
		if !ok {
			open = append(open, fmt.Sprintf(format, args...))
		}
	}
	network, _, _ := container.Network.Get(s)
	must(slices.Equal(network, []string{"none"}), "network is %q and must be none", network)
	readOnly, _, _ := container.ReadOnly.Get(s)
	must(readOnly, "read_only must be true")
	tame, _, _ := container.NoNewPrivileges.Get(s)
	must(tame, "no_new_privileges must be true")
	privileged, _, _ := container.Privileged.Get(s)
	must(!privileged, "privileged must be false")
	caps, _, known := container.Capabilities.Get(s)
	must(known && len(caps) == 0, "cap_drop must be all, without cap_add")
	user, _, known := container.User.Get(s)
	uid, _, _ := strings.Cut(user, ":")
	must(known && uid != "" && uid != "0" && uid != "root", "user is %q and must not be root", user)
	for _, mode := range []container.Field[string]{container.Ipc, container.Pid, container.Uts, container.Cgroupns} {
		of, _, _ := mode.Get(s)
		must(of == "private", "%s is %q and must be private", mode.Key(), of)
	}
	must(len(container.SecretOf.Keys(s)) == 0, "it must have no secret")
	must(len(container.DeviceNodeAt.Keys(s)) == 0 && len(p.Options.GPU) == 0, "it must have no device")
	must(len(container.Publish.Keys(s)) == 0, "it must have no port")
	devices, _, _ := container.Device.Get(s)
	must(len(devices) == 0, "it must have no device")
	for _, at := range container.VolumeAt.Keys(s) {
		v, _, _ := container.VolumeAt.Get(s, at)
		given := at == p.Profile.Scanner.Image || at == p.Profile.Scanner.Database
		must(given && v.ReadOnly, "the volume %s is neither the image nor the database, read-only", at)
	}
	return open
}
