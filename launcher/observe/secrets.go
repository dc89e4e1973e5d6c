package observe

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// hiddenSecret is what Podman 5 shows for a secret in the environment, under the
// secret's name. Podman 4.3 shows the variable and its value.
const hiddenSecret = "*******"

// fillSecrets sets the secrets. Where a mounted one appears is not shown here; the
// plan's target is taken, and the mount itself is seen by [OCI] and [Kernel].
func (i *inspected) fillSecrets(s *container.Spec, in *Context) {
	for _, k := range i.Config.Secrets {
		v := container.Secret{Type: "mount", Mode: k.Mode}
		if want, ok := plannedAt(in, container.SecretOf, k.Name); ok && want.Type == v.Type {
			v.Target = want.Target
			if want.Mode == 0 && v.Mode == 0o444 {
				v.Mode = 0
			}
		}
		container.SecretOf.Set(s, k.Name, v, seen(container.Inspected))
	}
	for _, kv := range i.Config.Env {
		name, value, _ := strings.Cut(kv, "=")
		if value == hiddenSecret {
			want, _ := plannedAt(in, container.SecretOf, name)
			container.SecretOf.Set(s, name, container.Secret{Type: "env", Target: want.Target}, seen(container.Inspected))
		}
		i.oldEnvSecret(s, name, in)
	}
	container.SecretOf.SetComplete(s, seen(container.Inspected))
}

// oldEnvSecret finds a planned secret by its variable.
func (i *inspected) oldEnvSecret(s *container.Spec, variable string, in *Context) {
	if in.Planned == nil {
		return
	}
	for _, k := range container.SecretOf.Keys(in.Planned) {
		if v, _, _ := container.SecretOf.Get(in.Planned, k); v.Type == "env" && v.Target == variable {
			container.SecretOf.Set(s, k, v, seen(container.Inspected))
		}
	}
}
