package policy_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

// stacks is how many stacks are drawn; ZLAUNCH_POLICY_STACKS draws more.
func stacks(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("ZLAUNCH_POLICY_STACKS"))
	if err != nil {
		n = 3000
	}
	t.Logf("%d stacks", n)
	return n
}

// drawn is one check as text, and what an independent and slow reading of it says of a
// run: the oracle knows of values alone, and nothing of the tables of this package.
type drawn struct {
	table, line string
	met         func(*policy.Subject) bool
}

func pick[T any](r *rand.Rand, in ...T) T { return in[r.IntN(len(in))] }

func list(words []string) string { return "[\"" + strings.Join(words, "\", \"") + "\"]" }

// drawCheck draws a check of one of the kinds.
func drawCheck(r *rand.Rand) drawn {
	switch r.IntN(11) {
	case 0:
		f, v := pick(r, container.ReadOnly, container.NoNewPrivileges, container.Privileged), r.IntN(2) == 0
		return drawn{"require", fmt.Sprintf("%s = %v", f.Key(), v), func(s *policy.Subject) bool {
			got, _, known := f.Get(s.Spec)
			return known && got == v && (f.Key() != "no_new_privileges" || alone(s))
		}}
	case 1:
		f, most := pick(r, container.Memory, container.PidsLimit), int64(1+r.IntN(8))
		return drawn{"at_most", fmt.Sprintf("%s = %d", f.Key(), most), func(s *policy.Subject) bool {
			got, _, known := f.Get(s.Spec)
			groups, _, also := container.Cgroups.Get(s.Spec)
			return known && got > 0 && got <= most && also && groups != "disabled" && (f.Key() != "memory" || alone(s))
		}}
	case 2:
		least := int64(1 + r.IntN(8))
		return drawn{"at_least", fmt.Sprintf("shm_size = %d", least), func(s *policy.Subject) bool {
			got, _, known := container.ShmSize.Get(s.Spec)
			ipc, _, also := container.Ipc.Get(s.Spec)
			return known && (got <= 0 || got >= least) && also && ipc != "host" && alone(s) && mountsKnown(s) && container.TmpfsAt.Complete(s.Spec) &&
				container.SecretOf.Complete(s.Spec) && len(s.Spec.Secret) == 0
		}}
	case 3:
		may := pick(r, []string{"zlaunch-*"}, []string{"none"}, []string{"zlaunch-a", "none"})
		return drawn{"only", "network = " + list(may), func(s *policy.Subject) bool { return oracleNetwork(s, may) }}
	case 4:
		may := pick(r, []string{"127.0.0.1"}, []string{"127.0.0.1", "::1"})
		return drawn{"only", "publish_address = " + list(may), func(s *policy.Subject) bool { return oraclePublish(s, may) }}
	case 5:
		root := pick(r, "/srv", "/srv/models", "/data")
		return drawn{"only", "mount_root = " + list([]string{root}), func(s *policy.Subject) bool { return oracleMounts(s, root) }}
	case 6:
		want := pick(r, "all", "net_raw")
		return drawn{"include", "cap_drop = " + list([]string{want}), func(s *policy.Subject) bool {
			got, _, known := container.CapDrop.Get(s.Spec)
			add, _, also := container.CapAdd.Get(s.Spec)
			if has, _, seen := container.Capabilities.Get(s.Spec); !also {
				add, also = has, seen
			}
			all, _, said := container.Privileged.Get(s.Spec)
			return known && (slices.Contains(got, want) || slices.Contains(got, "all")) && also && !slices.Contains(add, "all") && !slices.Contains(add, want) && said && !all
		}}
	case 8:
		return drawn{"only", "publish = []", func(s *policy.Subject) bool { return len(s.Spec.Publish) == 0 && oraclePublish(s, nil) }}
	case 9:
		return drawn{"at_most", "tmpfs = 4", func(s *policy.Subject) bool { return oracleTmpfs(s, 4) }}
	case 7:
		return drawn{"only", "layer = " + list([]string{"system", "built-in"}), func(s *policy.Subject) bool {
			return s.Layer == container.LayerSystem || s.Layer == container.LayerBuiltIn
		}}
	}
	return drawn{"waivers", `never = ["ZL-1*"]`, func(s *policy.Subject) bool {
		return !slices.ContainsFunc(s.Findings, func(f audit.Finding) bool {
			return f.Verdict == audit.Waived && strings.HasPrefix(f.Waiver.Control, "ZL-1") && !f.Waiver.Decided
		})
	}}
}

// alone tells whether no pod has a say.
func alone(s *policy.Subject) bool {
	pod, _, known := container.Pod.Get(s.Spec)
	return known && pod == ""
}

// mountsKnown tells whether nothing is mounted but what the rows of mounts have.
func mountsKnown(s *policy.Subject) bool {
	others, _, known := container.VolumesFrom.Get(s.Spec)
	more, _, also := container.MountOther.Get(s.Spec)
	return container.VolumeAt.Complete(s.Spec) && known && len(others) == 0 && also && len(more) == 0
}

func oracleTmpfs(s *policy.Subject, most int64) bool {
	for _, v := range s.Spec.Tmpfs {
		if v.Size <= 0 || v.Size > most {
			return false
		}
	}
	ro, _, known := container.ReadOnly.Get(s.Spec)
	more, _, also := container.ReadOnlyTmpfs.Get(s.Spec)
	image, _, said := container.ImageVolume.Get(s.Spec)
	mode, _, told := container.Systemd.Get(s.Spec)
	other, _, ok := container.MountOther.Get(s.Spec)
	return container.TmpfsAt.Complete(s.Spec) && (known && !ro || also && !more) && said && image != "tmpfs" && told && mode == "false" &&
		ok && len(other) == 0 && alone(s)
}

func oracleNetwork(s *policy.Subject, may []string) bool {
	nets, _, known := container.Network.Get(s.Spec)
	for _, n := range nets {
		if !slices.Contains(may, n) && !(slices.Contains(may, "zlaunch-*") && strings.HasPrefix(n, "zlaunch-")) {
			return false
		}
	}
	return known && len(nets) > 0 && alone(s)
}

func oraclePublish(s *policy.Subject, may []string) bool {
	nets, _, known := container.Network.Get(s.Spec)
	every, _, said := container.PublishAll.Get(s.Spec)
	for _, p := range s.Spec.Publish {
		if !slices.Contains(may, p.HostIP) {
			return false
		}
	}
	return known && !slices.Contains(nets, "host") && said && !every && alone(s) && container.Publish.Complete(s.Spec)
}

func oracleMounts(s *policy.Subject, root string) bool {
	for _, v := range s.Spec.Volume {
		for at := path.Clean(v.Source); at != root; at = path.Dir(at) {
			if at == "/" || at == "." {
				return false
			}
		}
	}
	rootfs, _, image := container.Rootfs.Get(s.Spec)
	gpus, _, none := container.Gpus.Get(s.Spec)
	_, _, brings := container.Device.Get(s.Spec) // none is drawn
	brings = brings || container.DeviceNodeAt.Complete(s.Spec)
	return mountsKnown(s) && image && rootfs == "" && none && len(gpus) == 0 && brings && alone(s)
}

// drawRun draws a run: some settings stated, the rest the engine's, some not known.
func drawRun(r *rand.Rand) policy.Subject {
	s := run(func(s *container.Spec) {
		maybe := func(set func()) {
			if r.IntN(2) == 0 {
				set()
			}
		}
		maybe(func() { container.ReadOnly.Set(s, r.IntN(4) > 0, mark) })
		maybe(func() { container.NoNewPrivileges.Set(s, r.IntN(4) > 0, mark) })
		maybe(func() { container.Memory.Set(s, int64(r.IntN(10)-1), mark) })
		maybe(func() { container.PidsLimit.Set(s, int64(r.IntN(10)-1), mark) })
		maybe(func() { container.ShmSize.Set(s, int64(r.IntN(10)), mark) })
		maybe(func() {
			container.Network.Set(s, pick(r, []string{"none"}, []string{"host"}, []string{"zlaunch-a"}, []string{"zlaunch-b", "host"}), mark)
		})
		maybe(func() { container.CapDrop.Set(s, pick(r, []string{"all"}, []string{"net_raw"}, nil), mark) })
		maybe(func() {
			container.Publish.Set(s, "8000/tcp", container.Port{HostIP: pick(r, "127.0.0.1", "::1", "0.0.0.0", ""), HostPort: 8000}, mark)
		})
		maybe(func() {
			container.VolumeAt.Set(s, "/m", container.Volume{Source: pick(r, "/srv/models/x", "/srv/models2", "/data", "/", "/srv/../etc")}, mark)
		})
		maybe(func() { container.Systemd.Set(s, "false", mark) })
		maybe(func() { container.ReadOnlyTmpfs.Set(s, r.IntN(4) == 0, mark) })
		maybe(func() { container.ImageVolume.Set(s, pick(r, "ignore", "tmpfs"), mark) })
		maybe(func() { container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{Size: int64(r.IntN(7))}, mark) })
		maybe(func() {
			container.CapAdd.Set(s, pick(r, []string{"all"}, []string{"net_raw"}, []string{"chown"}), mark)
		})
		if r.IntN(8) == 0 {
			container.Privileged.Set(s, true, mark)
			container.Ipc.Set(s, "host", mark)
			container.PublishAll.Set(s, true, mark)
		}
		if r.IntN(8) == 0 {
			container.Pod.Set(s, "web", mark)
		}
		if r.IntN(8) == 0 {
			container.Cgroups.Set(s, "disabled", mark)
		}
	})
	for _, row := range container.All() {
		if r.IntN(60) == 0 {
			row.Doubt(s.Spec)
		}
	}
	s.Layer = pick(r, container.LayerSystem, container.LayerBuiltIn, container.LayerProject, "")
	if r.IntN(3) == 0 {
		w := &audit.Waiver{Control: pick(r, "ZL-104", "ZL-503"), Decided: r.IntN(4) == 0}
		s.Findings = []audit.Finding{{Control: audit.ByID(w.Control), Verdict: audit.Waived, Waiver: w}}
	}
	return s
}

// A run is let through if and only if a slow oracle finds every check met, and one more
// file never lets more through.
func TestStacks(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 3))
	through, refused := 0, 0
	for i := range stacks(t) {
		s := drawRun(r)
		var set policy.Set
		met, before, texts := true, true, ""
		for range 1 + r.IntN(3) {
			c := drawCheck(r)
			text := fmt.Sprintf("schema = 1\n[%s]\n%s\n", c.table, c.line)
			f, err := policy.Parse("p.toml", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			set, met, texts = append(set, f), met && c.met(&s), texts+text
			passes := set.Judge(s, today)[0].Verdict == audit.Pass
			if passes != met {
				t.Fatalf("stack %d: passes %v, the oracle says %v:\n%s\n%v", i, passes, met, texts, container.Settings(s.Spec))
			}
			if passes && !before {
				t.Fatalf("stack %d: one more file lets through what was refused:\n%s", i, texts)
			}
			before = passes
		}
		if met {
			through++
		} else {
			refused++
		}
	}
	t.Logf("%d let through, %d refused", through, refused)
	if through < 100 || refused < 100 {
		t.Error("the draw is of no use")
	}
}
