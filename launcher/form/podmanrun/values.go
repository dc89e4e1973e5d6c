package podmanrun

import (
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The functions below are the rules that no pattern can state.

func checkSecret(name string, v container.Secret) error {
	switch {
	case !nameWordRe().MatchString(name):
		return errors.New("the name cannot be written")
	case v.Type != "" && v.Type != "mount" && v.Type != "env":
		return fmt.Errorf("type %q is neither mount nor env", v.Type)
	case !unlistedRe().MatchString(v.Target):
		return fmt.Errorf("target %q cannot be written", v.Target)
	case v.Type == "env" && v.Mode != 0:
		return errors.New("a variable has no mode")
	case v.Mode > 0o7777:
		return fmt.Errorf("mode %o is too large", v.Mode)
	}
	return nil
}

// checkGroups refuses keep-groups too: only a local Podman command can do it.
func checkGroups(s *container.Spec) error {
	groups, _, _ := container.GroupAdd.Get(s)
	for _, g := range groups {
		if g == "keep-groups" || !groupRe().MatchString(g) {
			return fmt.Errorf("%q cannot be sent to an engine", g)
		}
	}
	return nil
}

func checkSeccomp(s *container.Spec) error {
	v, _, _ := container.SeccompProfile.Get(s)
	p := SeccompPath(v)
	if p == "" || p == "unconfined" || absolute(p) {
		return nil
	}
	return fmt.Errorf("%q is not resolved to a file", v)
}

// checkLabels refuses nested: Podman 4.3 has another meaning for it.
func checkLabels(s *container.Spec) error {
	labels, _, _ := container.SecurityLabel.Get(s)
	for _, l := range labels {
		if !labelRe().MatchString(l) {
			return fmt.Errorf("%q is not an SELinux option", l)
		}
	}
	return nil
}

// absolute wants the one spelling of an absolute path, without characters that
// a terminal or a list reads as something else.
func absolute(p string) bool {
	return path.IsAbs(p) && path.Clean(p) == p && !strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func checkTmpfs(target string, t container.Tmpfs) error {
	switch {
	case !absolute(target) || target == "/":
		return errors.New("the target is not a clean absolute path")
	case t.Size < 0 || t.Size > maxSize:
		return fmt.Errorf("size %d is out of range", t.Size)
	case t.Mode > 0o7777:
		return fmt.Errorf("mode %o is too large", t.Mode)
	}
	return nil
}

func checkVolume(target string, v container.Volume) error {
	anonymous := v == container.Volume{}
	named := nameWordRe().MatchString(v.Source)
	switch {
	case !absolute(target) || target == "/":
		return errors.New("the target is not a clean absolute path")
	case !anonymous && !named && !absolute(v.Source):
		return fmt.Errorf("source %q is neither a clean absolute path nor a volume's name", v.Source)
	case v.Relabel != "" && v.Relabel != "z" && v.Relabel != "Z":
		return fmt.Errorf("relabel %q is neither z nor Z", v.Relabel)
	case named && v.Relabel != "" && strings.Contains(target, ":"):
		return errors.New("a volume behind a colon cannot be relabelled: Podman 4.3 knows no word for it in --mount")
	}
	return nil
}

func checkShm(s *container.Spec) error {
	_, _, sized := container.ShmSize.Get(s)
	_, _, tmpfs := container.TmpfsAt.Get(s, shmTarget)
	_, _, volume := container.VolumeAt.Get(s, shmTarget)
	if sized && (tmpfs || volume) {
		return errors.New("another mount stands at /dev/shm")
	}
	return nil
}

// checkTargets wants one mount at a target.
func checkTargets(s *container.Spec) error {
	for _, target := range container.VolumeAt.Keys(s) {
		if _, _, twice := container.TmpfsAt.Get(s, target); twice {
			return fmt.Errorf("a tmpfs stands at %q too", target)
		}
	}
	return nil
}

func checkRestart(s *container.Spec) error {
	rm, _, _ := container.Rm.Get(s)
	if v, _, _ := container.Restart.Get(s); rm && v != "" && v != "no" {
		return fmt.Errorf("%q goes against rm", v)
	}
	return nil
}

// checkNetworks: the special networks stand alone, and no network has options
// of its own here.
func checkNetworks(s *container.Spec) error {
	names, _, _ := container.Network.Get(s)
	for _, n := range names {
		switch {
		case aloneRe().MatchString(n) && len(names) > 1:
			return fmt.Errorf("%q stands alone", n)
		case aloneRe().MatchString(n):
		case !nameWordRe().MatchString(n), slices.Contains([]string{"default", "pod", "path", "container"}, n):
			return fmt.Errorf("%q is not a network's name", n)
		}
	}
	return nil
}

func checkPort(key string, p container.Port) error {
	if _, _, err := PortOf(key); err != nil {
		return err
	}
	return checkHostIP(p.HostIP)
}

func checkCpus(s *container.Spec) error {
	v, _, _ := container.Cpus.Get(s)
	if math.IsNaN(v) || v < 0 || v > 1e6 {
		return fmt.Errorf("%v is out of range", v)
	}
	return nil
}

func checkUlimit(name string, u container.Ulimit) error {
	_, err := units.ParseUlimit(fmt.Sprintf("%s=%d:%d", name, u.Soft, u.Hard))
	if err == nil && (u.Soft < -1 || u.Hard < -1) {
		err = fmt.Errorf("%d:%d is out of range", u.Soft, u.Hard)
	}
	return err
}

// checkLogOpt lets through the options of a log that name no file of the host: what the
// workload prints goes to a file of the engine's own, and nowhere else.
func checkLogOpt(s *container.Spec) error {
	for _, k := range container.LogOpt.Keys(s) {
		v, _, _ := container.LogOpt.Get(s, k)
		if k != "max-size" && k != "tag" {
			return fmt.Errorf("%q is neither max-size nor tag: a run that zlaunch makes writes its log where the engine keeps it", k)
		}
		if !unlistedRe().MatchString(v) {
			return fmt.Errorf("%q, or its value, cannot be written", k)
		}
		if _, err := units.FromHumanSize(v); k == "max-size" && err != nil {
			return fmt.Errorf("max-size %q is not a size", v)
		}
	}
	return nil
}

// checkAnnotations refuses the names from which podman-inspect(1) tells security
// options, for a plan must not forge them.
func checkAnnotations(s *container.Spec) error {
	for _, k := range container.Annotation.Keys(s) {
		if strings.HasPrefix(k, "io.podman.annotations.") || strings.HasPrefix(k, "io.kubernetes.cri-o.") {
			return fmt.Errorf("%q cannot be set", k)
		}
	}
	return nil
}
