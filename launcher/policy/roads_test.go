package policy_test

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// known is a run of which all is known: an image that adds nothing, no systemd, no proxy.
func known() policy.Subject {
	return run(func(s *container.Spec) {
		container.ImageLabels.SetComplete(s, mark)
		container.ImageVolumes.Set(s, nil, mark)
		container.ImageVolume.Set(s, "ignore", mark)
		container.Systemd.Set(s, "false", mark)
		container.HttpProxy.Set(s, false, mark)
		container.ReadOnly.Set(s, true, mark)
		container.ReadOnlyTmpfs.Set(s, false, mark)
		container.Memory.Set(s, 1<<30, mark)
		container.PidsLimit.Set(s, 100, mark)
		container.CpuShares.Set(s, 100, mark)
		container.Cpuset.Set(s, "0-3", mark)
		container.SeccompProfile.Set(s, "/etc/s.json", mark)
		container.CapDrop.Set(s, []string{"all"}, mark)
		container.Rootless.Set(s, true, mark)
	})
}

// What a check is about is reached by one option only, or the others are closed as well.
// Each check lets through the run as it is, and refuses what the other option makes of it.
func TestRoads(t *testing.T) {
	set := func(sets ...func(*container.Spec)) func(*container.Spec) {
		return func(s *container.Spec) {
			for _, one := range sets {
				one(s)
			}
		}
	}
	list := func(f container.Field[[]string], v ...string) func(*container.Spec) {
		return func(s *container.Spec) { f.Set(s, v, mark) }
	}
	word := func(f container.Field[string], v string) func(*container.Spec) {
		return func(s *container.Spec) { f.Set(s, v, mark) }
	}
	flag := func(f container.Field[bool]) func(*container.Spec) {
		return func(s *container.Spec) { f.Set(s, true, mark) }
	}
	number := func(f container.Field[int64], v int64) func(*container.Spec) {
		return func(s *container.Spec) { f.Set(s, v, mark) }
	}
	volume := func(v container.Volume) func(*container.Spec) {
		return func(s *container.Spec) { container.VolumeAt.Set(s, "/x", v, mark) }
	}
	doubt := func(rows ...container.Row) func(*container.Spec) {
		return func(s *container.Spec) {
			for _, r := range rows {
				r.Doubt(s)
			}
		}
	}
	annotated := func(s *container.Spec) { container.Annotation.Set(s, "run.oci.keep_original_groups", "1", mark) }
	for check, roads := range map[string]map[string]func(*container.Spec){
		"[only]\npublish = []": {
			"publish_all is true": flag(container.PublishAll), `network is "host"`: list(container.Network, "host"), `pod is "web"`: word(container.Pod, "web"),
			`network is "pasta:-t,auto"`: list(container.Network, "pasta:-t,auto"),
		},
		"[only]\npublish_address = [\"127.0.0.1\"]": {
			`network is "pasta:--tcp-ports,8000"`: list(container.Network, "pasta:--tcp-ports,8000"), `network is "pasta:--no-such"`: list(container.Network, "pasta:--no-such"),
			`network is "container:x"`: list(container.Network, "container:x"),
		},
		"[only]\nenv = [\"A\"]": {
			`it is "LD_PRELOAD"`: func(s *container.Spec) {
				container.SecretOf.Set(s, "s", container.Secret{Type: "env", Target: "LD_PRELOAD"}, mark)
			},
			"http_proxy is true": flag(container.HttpProxy), "env_host is true": flag(container.EnvHost), `env_file is "f"`: list(container.EnvFile, "f"),
			"image is not known": doubt(container.ImageLabels), "device brings what is not known": doubt(container.DeviceNodeAt, container.Device),
		},
		"[only]\ncode_variables = []": {
			"secret is a variable": func(s *container.Spec) {
				container.SecretOf.Set(s, "s", container.Secret{Type: "env", Target: "LD_PRELOAD"}, mark)
			},
			`env_file is "f"`: list(container.EnvFile, "f"), "image is not known": doubt(container.ImageLabels),
		},
		"[only]\nplain_secrets = []": {`env_file is "f"`: list(container.EnvFile, "f"), "http_proxy is true": flag(container.HttpProxy)},
		"[require]\nrootless = true": {"rootless is assumed": func(s *container.Spec) {
			container.Rootless.Set(s, true, container.From(container.Origin{Layer: container.LayerEngine}))
		}},
		"[only]\nlabel = [\"A\"]": {"image is not known": doubt(container.ImageLabels)},
		"[only]\ndevice = []": {
			`"/dev/kvm" is mounted`: volume(container.Volume{Source: "/dev/kvm"}), `"/" is mounted`: volume(container.Volume{Source: "/", NoDev: true}),
			`"/dev/../dev/fuse" is mounted`: volume(container.Volume{Source: "/dev/../dev/fuse"}), `"/dev/x" is mounted`: volume(container.Volume{Source: "v", Device: "/dev/x"}),
			`volumes_from is "x"`: list(container.VolumesFrom, "x"), "what is mounted is not known": volume(container.Volume{Source: "/a", Open: true}),
		},
		"[only]\nvolume = [\"/x\"]": {
			`image_volume is "anonymous"`:     set(word(container.ImageVolume, "anonymous"), list(container.ImageVolumes, "/data")),
			"image_volume is not known":       doubt(container.ImageVolumes, container.ImageVolume),
			"device brings what is not known": doubt(container.DeviceNodeAt, container.Device), `gpus is "all"`: list(container.Gpus, "all"),
		},
		"[only]\nmount_root = [\"/srv\", \"*\"]": {
			`"./etc" is mounted`: volume(container.Volume{Source: "./etc"}), `"a/b" is mounted`: volume(container.Volume{Source: "a/b"}),
			`"/srv/link/../x" is mounted`: volume(container.Volume{Source: "/srv/link/../x"}), "device brings what is not known": doubt(container.DeviceNodeAt, container.Device),
			`pod is "web"`: word(container.Pod, "web"),
		},
		"[at_most]\ntmpfs = \"1g\"": {
			"read_only_tmpfs is true": flag(container.ReadOnlyTmpfs), `systemd is "always"`: word(container.Systemd, "always"),
			`systemd is "true"`:                   set(word(container.Systemd, "true"), list(container.Entrypoint), list(container.Args, "/usr/lib/systemd/systemd")),
			"whether an init is run is not known": word(container.Systemd, "true"),
			`image_volume is "tmpfs"`:             set(word(container.ImageVolume, "tmpfs"), list(container.ImageVolumes, "/data")),
			`mount is "type=ramfs,dst=/x"`:        list(container.MountOther, "type=ramfs,dst=/x"),
		},
		"[at_most]\nshm_size = \"1g\"": {
			`ipc is "host"`: word(container.Ipc, "host"), `ipc is "container:x"`: word(container.Ipc, "container:x"),
			"secret covers /dev/shm": func(s *container.Spec) {
				container.SecretOf.Set(s, "s", container.Secret{Type: "mount", Target: "/dev/shm"}, mark)
			},
			"volume covers /dev/shm": func(s *container.Spec) { container.TmpfsAt.Set(s, "/dev/shm/", container.Tmpfs{Size: 1}, mark) },
		},
		"[only]\ngroup_add = []": {"annotation keeps the caller's groups": annotated},
		"[only]\nhook = []":      {`hooks_dir is "/h"`: list(container.HooksDir, "/h")},
		"[only]\ndns = []": {"volume covers /etc/resolv.conf": func(s *container.Spec) {
			container.VolumeAt.Set(s, "/etc", container.Volume{Source: "/a"}, mark)
		}},
		"[only]\nunmask = []":         {"privileged is true": flag(container.Privileged), `"/proc" is mounted`: volume(container.Volume{Source: "/proc"}), `"/" is mounted`: volume(container.Volume{Source: "/"})},
		"[only]\nsecurity_label = []": {"privileged is true": flag(container.Privileged)},
		"[require]\nseccomp_profile = \"/etc/s.json\"": {
			"privileged is true": flag(container.Privileged), `seccomp_policy is "image"`: word(container.SeccompPolicy, "image"), `pod is "web"`: word(container.Pod, "web"),
		},
		"[include]\ncap_drop = [\"net_raw\"]": {
			"privileged is true": flag(container.Privileged), "cap_add has it again": list(container.CapAdd, "net_raw"), "it is not known": doubt(container.CapAdd, container.Capabilities),
		},
		"[include]\ncap_drop = [\"chown\"]": {"cap_add has it again": func(s *container.Spec) {
			container.CapAdd.Doubt(s)
			container.Capabilities.Set(s, []string{"chown"}, mark)
		}},
		"[include]\ncap_drop = [\"all\"]": {"cap_add has it again": list(container.CapAdd, "all"), `it lacks "all"`: list(container.CapDrop, "net_raw")},
		"[require]\nipc = \"shareable\"":  {`pod is "web"`: word(container.Pod, "web")},
		"[require]\npid = \"private\"":    {`pod is "web"`: word(container.Pod, "web")},
		"[at_most]\nmemory = \"1g\"":      {`pod is "web"`: word(container.Pod, "web"), `cgroups is "disabled"`: word(container.Cgroups, "disabled")},
		"[at_most]\ncpu_shares = 100":     {"it has no limit": number(container.CpuShares, 0), `cgroups is "disabled"`: word(container.Cgroups, "disabled")},
		"[at_least]\ncpu_shares = 100":    {"cpu_shares is 0": number(container.CpuShares, 0)},
		"[at_most]\nstop_timeout = 20":    {"it has no limit": number(container.StopTimeout, -1)},
		"[only]\ncpuset_cpus = [\"0-3\"]": {`cgroups is "disabled"`: word(container.Cgroups, "disabled"), `it is ""`: word(container.Cpuset, "")},
		"[only]\nregistry = [\"*\"]": {
			"it is not known": word(container.Image, "docker-archive:/tmp/x.tar"),
			"is not known":    word(container.Image, "containers-storage:icr.io/x"),
		},
	} {
		set := policy.Set{parse(t, check)}
		if got := set.Judge(known(), today); got[0].Verdict != audit.Pass {
			t.Errorf("%s: the run as it is: %s", check, got[0].Message)
		}
		for says, road := range roads {
			got, subject := "", known()
			road(subject.Spec)
			for _, f := range set.Judge(subject, today) {
				got += f.Message + "\n"
			}
			if !strings.Contains(got, says) {
				t.Errorf("%s: %q, want %q", check, got, says)
			}
		}
	}
}
