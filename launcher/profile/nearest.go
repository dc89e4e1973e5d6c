package profile

import "github.com/zlaunch/zlaunch/launcher/hint"

// nearest returns the word of words that s most likely meant, or "". A few
// words of other tools have a known answer.
func nearest(s string, words []string) string {
	if w, ok := foreign[s]; ok {
		return w
	}
	return hint.Nearest(s, words)
}

// foreign answers for words that people bring along from elsewhere. Treat it as
// a constant.
var foreign = map[string]string{
	"cmd": "args", "command": "args", "mount": "volume", "mounts": "volume", "volumes": "volume",
	"environment": "env", "ports": "ports above the container table", "publish": "publish above the container table",
	"models": "models above the container table", "output": "output above the container table", "scanner": "scanner above the container table",
	"ready": "ready above the container table", "waiver": "waiver above the container table",
	"name": "--name on the command line", "podman_args": "--podman-arg on the command line",
	"security_opt": "seccomp_profile, no_new_privileges or security_label", "label_opt": "security_label",
	"health_cmd": "ready above the container table", "seccomp": "seccomp_profile", "apparmor": "apparmor_profile",
	"x86_64": "amd64", "aarch64": "arm64", "description": "about", "inherits": "extends",
}
