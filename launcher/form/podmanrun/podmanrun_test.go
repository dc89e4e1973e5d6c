package podmanrun_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

var mark = container.From(container.Origin{Layer: container.LayerCommandLine, Key: "--podman-arg"})

// Every row has one option, in the order of the rows, unless it is derived.
func TestEveryRowHasAnOption(t *testing.T) {
	options := podmanrun.All()
	for _, r := range container.Rows {
		if r.Derived() {
			continue
		}
		if len(options) == 0 || options[0].Row.Key() != r.Key() {
			t.Fatalf("row %s has no option at its place in the table of table.go, which has the order of container.Rows", r.Key())
		}
		options = options[1:]
	}
	if len(options) > 0 {
		t.Errorf("the table has %d options more than there are rows", len(options))
	}
}

func TestArgs(t *testing.T) {
	s := &container.Spec{}
	container.Image.Set(s, "localhost/demo", mark)
	container.Entrypoint.Set(s, []string{"/bin/server", "<a b>"}, mark)
	container.Args.Set(s, []string{"--help", ""}, mark)
	container.Env.Set(s, "B", "x=y\nz", mark)
	container.Env.Set(s, "A", "", mark)
	container.CapDrop.Set(s, []string{"all"}, mark)
	container.NoNewPrivileges.Set(s, true, mark)
	container.SeccompProfile.Set(s, "default", mark)
	container.ReadOnly.Set(s, true, mark)
	container.ReadOnlyTmpfs.Set(s, false, mark)
	container.ShmSize.Set(s, 1<<20, mark)
	container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{Size: 1 << 26, Mode: 0o1777}, mark)
	container.VolumeAt.Set(s, "/models", container.Volume{Source: "/m", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, mark)
	container.VolumeAt.Set(s, "/z", container.Volume{Source: "/a:b,c"}, mark)
	container.Publish.Set(s, "8000/tcp", container.Port{HostIP: "::1", HostPort: 80}, mark)
	container.Memory.Set(s, 8<<30, mark)
	container.Cpus.Set(s, 1.5, mark)
	container.HttpProxy.Set(s, false, mark)
	want := []string{
		`--entrypoint=["/bin/server","<a b>"]`, "--env=A=", "--env=B=x=y\nz",
		"--cap-drop=all", "--security-opt=no-new-privileges", "--read-only", "--read-only-tmpfs=false",
		"--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=67108864,mode=1777",
		"--volume=/m:/models:ro,z,nosuid,nodev", `--mount=type=bind,"src=/a:b,c",dst=/z,rw`,
		"--shm-size=1048576b", "--tmpfs=/dev/shm:rw,nosuid,nodev,noexec,size=1048576,mode=1777",
		"--publish=[::1]:80:8000/tcp", "--memory=8589934592b", "--cpus=1.5", "--http-proxy=false",
		"localhost/demo", "--help", "",
	}
	got, err := podmanrun.Args(s)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\ngot  %q\nwant %q", err, got, want)
	}
	for _, a := range podmanrun.Redacted(got) {
		if strings.Contains(a, "x=y") {
			t.Errorf("redacted arguments show %q", a)
		}
	}
}

// What Podman would read otherwise than it is meant is refused, by the row's
// name and with a hint.
func TestCheckRefuses(t *testing.T) {
	volume := func(target string, v container.Volume) func(*container.Spec) {
		return func(s *container.Spec) { container.VolumeAt.Set(s, target, v, mark) }
	}
	for name, set := range map[string]func(*container.Spec){
		"image: option":       func(s *container.Spec) { container.Image.Set(s, "--privileged", mark) },
		"env: host":           func(s *container.Spec) { container.Env.Set(s, "A*", "", mark) },
		"env: equals":         func(s *container.Spec) { container.Env.Set(s, "A=B", "", mark) },
		"Env: NUL":            func(s *container.Spec) { container.Env.Set(s, "A", "\x00", mark) },
		"Args: no UTF-8":      func(s *container.Spec) { container.Args.Set(s, []string{"\xff"}, mark) },
		"volume: relative":    volume("/x", container.Volume{Source: "./m"}),
		"volume: dots":        volume("/x", container.Volume{Source: "/a/../etc"}),
		"volume: root":        volume("/", container.Volume{Source: "/a"}),
		"volume: newline":     volume("/x", container.Volume{Source: "/a\nb"}),
		"volume: relabel":     volume("/x", container.Volume{Source: "/a", Relabel: "U"}),
		"volume: colon":       volume("/x:y", container.Volume{Source: "vol", Relabel: "z"}),
		"seccomp_profile":     func(s *container.Spec) { container.SeccompProfile.Set(s, "inference", mark) },
		"security_label":      func(s *container.Spec) { container.SecurityLabel.Set(s, []string{"nested"}, mark) },
		"annotation: comma":   func(s *container.Spec) { container.Annotation.Set(s, "a", "b,c=d", mark) },
		"annotation: forged":  func(s *container.Spec) { container.Annotation.Set(s, "io.podman.annotations.seccomp", "x", mark) },
		"cap_drop":            func(s *container.Spec) { container.CapDrop.Set(s, []string{"CAP_CHOWN,all"}, mark) },
		"memory: rounds":      func(s *container.Spec) { container.Memory.Set(s, 1<<53+1, mark) },
		"memory_swap":         func(s *container.Spec) { container.MemorySwap.Set(s, -1, mark) },
		"mask":                func(s *container.Spec) { container.Mask.Set(s, []string{"/a:/b"}, mark) },
		"network: mixed":      func(s *container.Spec) { container.Network.Set(s, []string{"a", "host"}, mark) },
		"network: options":    func(s *container.Spec) { container.Network.Set(s, []string{"a:ip=10.0.0.1"}, mark) },
		"publish: port":       func(s *container.Spec) { container.Publish.Set(s, "8000", container.Port{}, mark) },
		"publish: address":    func(s *container.Spec) { container.Publish.Set(s, "80/tcp", container.Port{HostIP: "::0001"}, mark) },
		"ulimit":              func(s *container.Spec) { container.UlimitOf.Set(s, "nofile", container.Ulimit{Soft: 2, Hard: 1}, mark) },
		"secret":              func(s *container.Spec) { container.SecretOf.Set(s, "a,uid=0", container.Secret{}, mark) },
		"userns: mapping":     func(s *container.Spec) { container.Userns.Set(s, "auto:uidmapping=0:1:1", mark) },
		"sysctl":              func(s *container.Spec) { container.Sysctl.Set(s, "kernel.core_pattern", "|/x", mark) },
		"group_add":           func(s *container.Spec) { container.GroupAdd.Set(s, []string{"keep-groups"}, mark) },
		"shm_size: two":       func(s *container.Spec) { container.ShmSize.Set(s, 1, mark); volume("/dev/shm", container.Volume{})(s) },
		"restart":             func(s *container.Spec) { container.Restart.Set(s, "always", mark); container.Rm.Set(s, true, mark) },
		"log_opt: max-size":   func(s *container.Spec) { container.LogOpt.Set(s, "max-size", "huge", mark) },
		"log_opt: the driver": func(s *container.Spec) { container.LogOpt.Set(s, "driver", "none", mark) },
	} {
		s := &container.Spec{}
		container.Image.Set(s, "localhost/demo", mark)
		set(s)
		row, _, _ := strings.Cut(name, ":")
		_, err := podmanrun.Args(s)
		if err == nil || !strings.HasPrefix(err.Error(), "checking "+row+":") || hint.Of(err) == "" {
			t.Errorf("%s: error %v, hint %q", name, err, hint.Of(err))
		}
	}
}
