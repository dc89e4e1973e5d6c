package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The control of what a mount covers in the image.

var noShadowing = &Control{
	ID: "ZL-520", Name: "no-shadowing", Severity: Medium,
	Title:  "Destinations do not shadow system paths",
	Why:    "a mount over /usr, /lib, /etc, /bin or /run/secrets replaces reviewed code or secrets",
	Fix:    "another destination, or a single read-only file: --volume ./app.conf:/etc/app.conf:ro",
	Breaks: "configuration: mount the one file, ro",
	Refs:   []string{"CIS 5.6", "DS-0030", "CIS-DI DKL-DI-0002", "CWE-426"},
	Reads:  []container.Row{container.VolumeAt, container.TmpfsAt, container.MountOther},
	Judge:  judgeNoShadowing,
}

// judgeNoShadowing demands that mounts keep clear of the image's own system. A single
// configuration file, read-only, and certificates may be put there.
func judgeNoShadowing(k *Case) {
	judge := func(p container.Path, target string, readOnly bool) {
		clean := cleanTarget(target)
		if !shadows(clean) || readOnly && (configFile(clean) || readable(clean)) {
			return
		}
		k.Fail(p, "%s %s must not cover a system path of the image", p.Key, target)
	}
	volumes(k, func(m *mount) {
		if !isDevice(m) && !m.driver() {
			judge(m.at, m.target, m.ReadOnly)
		}
	})
	each(k, container.TmpfsAt, func(p container.Path, target string, _ container.Tmpfs, _ container.Mark) { judge(p, target, false) })
}

// cleanTarget is a target as the engine sees it: a relative one lies below the
// root, and /var/run is /run.
func cleanTarget(target string) string {
	t := path.Clean("/" + target)
	if beneath(t, "/var/run") {
		return t[len("/var"):]
	}
	return t
}

func shadows(target string) bool {
	if target == "/dev/shm" {
		return false
	}
	return target == "/" || slices.ContainsFunc(systemTargets, func(s string) bool { return beneath(target, s) })
}

// systemTargets are paths of an image whose content is code, configuration or
// secrets (ZL-520).
var systemTargets = []string{"/usr", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/bin", "/sbin", "/boot", "/proc", "/sys", "/dev", "/run/secrets"}

// configFile tells a single file of configuration by its name. What the dynamic
// linker reads is code.
func configFile(target string) bool {
	base := path.Base(target)
	return beneath(target, "/etc") && !strings.HasPrefix(base, "ld.so") &&
		(path.Dir(target) == "/etc" && slices.Contains(configFiles, base) || slices.Contains(configEndings, path.Ext(base)) && path.Ext(base) != base)
}

// configFiles are files below /etc that people mount and that load no code.
var configFiles = []string{"hosts", "hostname", "timezone", "localtime", "machine-id"}

// configEndings end the names of configuration that a program reads.
var configEndings = []string{".conf", ".cnf", ".cfg", ".ini", ".json", ".yaml", ".yml", ".toml", ".xml", ".properties", ".pem", ".crt", ".cer", ".txt", ".pbtxt"}
