package profile

import "strings"

// nearest returns the word of words that s most likely meant, or "". A few
// words of other tools have a known answer.
func nearest(s string, words []string) string {
	if w, ok := foreign[s]; ok {
		return w
	}
	s = strings.ReplaceAll(strings.ToLower(strings.TrimLeft(s, "-")), "-", "_")
	best, least := "", max(1, len(s)/3)+1
	for _, w := range words {
		if d := distance(s, w); d < least {
			best, least = w, d
		}
	}
	return best
}

// foreign answers for words that people bring along from elsewhere. Treat it as
// a constant.
var foreign = map[string]string{
	"cmd": "args", "command": "args", "mount": "volume", "mounts": "volume", "volumes": "volume",
	"environment": "env", "ports": "ports above the container table", "publish": "publish above the container table",
	"models": "models above the container table", "output": "output above the container table",
	"ready": "ready above the container table", "waiver": "waiver above the container table",
	"name": "--name on the command line", "podman_args": "--podman-arg on the command line",
	"security_opt": "seccomp_profile, no_new_privileges or security_label", "label_opt": "security_label",
	"health_cmd": "ready above the container table", "seccomp": "seccomp_profile", "apparmor": "apparmor_profile",
	"x86_64": "amd64", "aarch64": "arm64", "description": "about", "inherits": "extends",
}

// distance is the number of single-letter edits between a and b, swaps of
// neighbours counted as one; strings beyond 64 bytes are not compared.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
