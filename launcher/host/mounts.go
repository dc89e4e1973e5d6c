package host

import (
	"bytes"
	"path/filepath"
	"strings"
)

// Mount is a directory or file of the host that Podman copies and mounts into
// every container because mounts.conf says so.
type Mount struct {
	Source string
	Target string // path in the container, cleaned
	File   string // the mounts.conf
	// Missing: the source is not there now; Podman passes over it.
	Missing bool
	// Optional: it depends on the image whether the mount appears, and its
	// Source is not known beforehand.
	Optional bool
}

// maxMounts bounds the lines believed of one mounts.conf.
const maxMounts = 256

// mountsConf reads the first file that exists: the user's (rootless only), the
// administrator's, the distribution's (common/pkg/subscriptions). Podman looks
// for the user's in $HOME/.config whatever XDG_CONFIG_HOME says.
func mountsConf(s Source, home string) []Mount {
	files := []string{"/etc/containers/mounts.conf", "/usr/share/containers/mounts.conf"}
	if s.UID != 0 && home != "" {
		files = append([]string{filepath.Join(home, ".config/containers/mounts.conf")}, files...)
	}
	for _, file := range files {
		if !s.exists(file) {
			continue
		}
		b, _ := s.read(file)
		out := parseMounts(b, file)
		for i := range out {
			out[i].Missing = !s.exists(out[i].Source)
		}
		return append(out, fipsMounts(s)...)
	}
	return fipsMounts(s)
}

// fipsMounts are what Podman adds on a host in FIPS mode, each only where the
// image has what it belongs to.
func fipsMounts(s Source) []Mount {
	const file = "/proc/sys/crypto/fips_enabled"
	if s.line(file) != "1" {
		return nil
	}
	var out []Mount
	for _, target := range []string{"/run/secrets", "/etc/crypto-policies/back-ends", "/etc/crypto-policies/config"} {
		out = append(out, Mount{Target: target, File: file, Optional: true})
	}
	return out
}

func parseMounts(b []byte, file string) []Mount {
	var out []Mount
	for line := range bytes.Lines(b) {
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		if !strings.HasPrefix(strings.TrimSpace(text), "/") || len(out) == maxMounts {
			continue
		}
		source, target, ok := strings.Cut(text, ":")
		if !ok {
			target = source
		}
		out = append(out, Mount{Source: source, Target: filepath.Clean(target), File: file})
	}
	return out
}
