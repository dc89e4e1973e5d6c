package model

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

// denied is a place that must not be mounted, nor any directory above it.
// Unless exact, nothing below it either.
type denied struct {
	path, control, what string
	exact               bool
}

const (
	isSystem  = "part of the operating system"
	isRuntime = "a directory of sockets and locks of running programs"
	isStorage = "the storage of a container engine"
	isSecret  = "a place of keys and tokens"
)

// systemPlaces are refused for everybody. Below /var only the places of
// services and logs are; data such as /var/lib/models is not.
var systemPlaces = []struct{ control, what, paths string }{
	{audit.NoSensitivePath.ID, isSystem, "/bin /boot /dev /etc /lib /lib32 /lib64 /libx32 /lost+found /proc /root /sbin /sys /usr"},
	{audit.NoSensitivePath.ID, isSystem, "/var/account /var/cache /var/crash /var/db /var/lib/systemd /var/lib/sss /var/lock /var/log /var/mail /var/spool"},
	{audit.NoControlSocket.ID, isRuntime, "/run /var/run"},
	{audit.NoSensitivePath.ID, isStorage, "/var/lib/containers /var/lib/docker /var/lib/containerd /var/lib/kubelet /var/lib/etcd"},
}

// exactPlaces hold other people's trees; what is in them may be mounted.
const exactPlaces = "/ /data /home /media /mnt /opt /srv /tmp /var /var/home /var/lib /var/opt /var/tmp"

// homeSecrets are relative to the home directory (ZL-508).
const homeSecrets = ".aws .azure .cache/huggingface/token .config .docker .git-credentials .gnupg .kube .local/share/keyrings " +
	".mozilla .netrc .password-store .pki .pypirc .ssh .thunderbird"

func deniedPlaces(p Places) []denied {
	var out []denied
	for _, places := range systemPlaces {
		for path := range strings.FieldsSeq(places.paths) {
			out = append(out, denied{path, places.control, places.what, false})
		}
	}
	if filepath.IsAbs(p.Home) {
		out = append(out, denied{p.Home, audit.NoHome.ID, "your whole home directory", true})
		for path := range strings.FieldsSeq(homeSecrets) {
			out = append(out, denied{filepath.Join(p.Home, path), audit.NoCredentialStore.ID, isSecret, false})
		}
		out = append(out, denied{filepath.Join(p.Home, ".local/share/containers"), audit.NoSensitivePath.ID, isStorage, false})
	}
	for path := range strings.FieldsSeq(exactPlaces) {
		out = append(out, denied{path, audit.NoSensitivePath.ID, "a directory that others share", true})
	}
	for _, d := range []denied{
		{p.ConfigHome, audit.NoCredentialStore.ID, isSecret, false},
		{p.RuntimeDir, audit.NoControlSocket.ID, isRuntime, false},
		{p.GraphRoot, audit.NoSensitivePath.ID, isStorage, false},
	} {
		if filepath.IsAbs(d.path) {
			out = append(out, d)
		}
	}
	return spelled(out)
}

// spelled adds each place once more where its links resolve to another path.
func spelled(places []denied) []denied {
	var out []denied
	for _, d := range places {
		for _, d.path = range spellings(d.path) {
			out = append(out, d)
		}
	}
	return out
}

// deny judges a resolved path against the places, each as it is written and as
// its links resolve. The place itself is a better answer than one around it, and
// that than one below it.
func deny(real string, p Places) *audit.Problem {
	relations := []struct {
		word  string
		holds func(place string) bool
	}{
		{"", func(place string) bool { return place == real }},
		{"inside", func(place string) bool { return within(real, place) }},
		{"above", func(place string) bool { return within(place, real) }},
	}
	places, home := deniedPlaces(p), spellings(p.Home)
	for _, r := range relations {
		for _, d := range places {
			if r.holds(d.path) && d.covers(real, home) {
				return d.problem(real, r.word)
			}
		}
	}
	return nil
}

func (d denied) problem(real, relation string) *audit.Problem {
	what := d.what
	if relation != "" {
		what = fmt.Sprintf("%s %s, %s", relation, d.path, d.what)
	}
	return &audit.Problem{Control: d.control, Message: fmt.Sprintf("the directory %q is %s", real, what), Hint: "put the models into a directory of their own: mkdir ~/models", Fatal: true}

}

// covers tells whether d forbids real. A home directory that lies in a forbidden
// place, root's for one, may be used by its owner.
func (d denied) covers(real string, home []string) bool {
	if within(d.path, real) {
		return true
	}
	if d.exact || !within(real, d.path) {
		return false
	}
	for _, h := range home {
		if within(h, d.path) && within(real, h) {
			return false
		}
	}
	return true
}

func spellings(path string) []string {
	if !filepath.IsAbs(path) {
		return nil
	}
	path = filepath.Clean(path)
	if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
		return []string{path, real}
	}
	return []string{path}
}

// within tells whether path is dir or below it; both are clean.
func within(path, dir string) bool {
	return path == dir || dir == "/" || strings.HasPrefix(path, dir+"/")
}
