package podman

import (
	"math"
	"strconv"
	"strings"

	"github.com/docker/go-units"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// putEntrypoint: one empty word takes the image's entrypoint away; an empty list
// would leave it (pkg/specgen/generate, makeCommand).
func putEntrypoint(b *createBody, v []string) {
	b.Entrypoint = v
	if len(v) == 0 {
		b.Entrypoint = []string{""}
	}
}

// secretMode is what Podman's client gives the file of a secret.
const secretMode = 0o444

func putSecrets(b *createBody, s *container.Spec) error {
	for _, name := range container.SecretOf.Keys(s) {
		v, _, _ := container.SecretOf.Get(s, name)
		if podmanrun.SecretType(v) == "mount" {
			w := wireSecret{Source: name, Target: v.Target, Mode: secretMode}
			if v.Mode != 0 {
				w.Mode = v.Mode
			}
			b.Secrets = append(b.Secrets, w)
			continue
		}
		if v.Target == "" {
			v.Target = name
		}
		if b.EnvSecrets == nil {
			b.EnvSecrets = map[string]string{}
		}
		b.EnvSecrets[v.Target] = name
	}
	return nil
}

func putUserns(b *createBody, s *container.Spec) error {
	v, _, _ := container.Userns.Get(s)
	if v == "" {
		return nil
	}
	b.UserNS = namespace(v)
	switch b.UserNS.NSMode {
	case "keep-id":
		b.IDMappings = wireIDMappings{}
	case "auto":
		b.IDMappings = wireIDMappings{AutoUserNs: true}
		if n, ok := strings.CutPrefix(b.UserNS.Value, "size="); ok {
			size, err := strconv.ParseUint(n, 10, 32)
			b.IDMappings.AutoUserNsOpts.Size = uint32(size)
			return err
		}
	}
	return nil
}

// namespace reads MODE or MODE:VALUE.
func namespace(v string) wireNamespace {
	mode, value, _ := strings.Cut(v, ":")
	switch mode {
	case "ns":
		mode = "path"
	case "nomap":
		mode = "no-map"
	}
	return wireNamespace{mode, value}
}

// Annotations from which podman-inspect(1) tells the security options; Podman's
// client sets them, the engine does not.
const (
	annotationSeccomp  = "io.podman.annotations.seccomp"
	annotationLabel    = "io.podman.annotations.label"
	annotationApparmor = "io.podman.annotations.apparmor"
)

func (b *createBody) annotate(name, value string) {
	if b.Annotations == nil {
		b.Annotations = map[string]string{}
	}
	b.Annotations[name] = value
}

func putSeccomp(b *createBody, v string) {
	if b.SeccompProfilePath = podmanrun.SeccompPath(v); b.SeccompProfilePath != "" {
		b.annotate(annotationSeccomp, b.SeccompProfilePath)
	}
}

func putLabels(b *createBody, v []string) {
	if b.SelinuxOpts = v; len(v) > 0 {
		b.annotate(annotationLabel, strings.Join(v, ",label="))
	}
}

func putApparmor(b *createBody, v string) {
	b.ApparmorProfile = v
	b.annotate(annotationApparmor, v)
}

func putAnnotations(b *createBody, s *container.Spec) error {
	for k, v := range s.Annotation {
		b.annotate(k, v)
	}
	return nil
}

func putDevices(b *createBody, v []string) {
	for _, d := range v {
		b.Devices = append(b.Devices, specs.LinuxDevice{Path: d})
	}
}

func (b *createBody) limits() *specs.LinuxResources {
	if b.ResourceLimits == nil {
		b.ResourceLimits = &specs.LinuxResources{}
	}
	return b.ResourceLimits
}

func (b *createBody) memory() *specs.LinuxMemory {
	if l := b.limits(); l.Memory == nil {
		l.Memory = &specs.LinuxMemory{}
	}
	return b.ResourceLimits.Memory
}

// putMemory: 0 is no limit. Where swap is not stated, Podman allows as much of it
// as of memory.
func putMemory(b *createBody, s *container.Spec) error {
	v, _, known := container.Memory.Get(s)
	if !known {
		return nil
	}
	m := b.memory()
	if v == 0 {
		return nil
	}
	m.Limit = &v
	if _, _, stated := container.MemorySwap.Get(s); !stated {
		both := 2 * v
		m.Swap = &both
	}
	return nil
}

// cpuPeriod is the scheduling period in microseconds of which Podman's --cpus
// takes its share (pkg/util, DefaultCPUPeriod).
const cpuPeriod = 100_000

func putCpus(b *createBody, v float64) {
	if v > 0 {
		period, quota := uint64(cpuPeriod), int64(v*cpuPeriod)
		b.limits().CPU = &specs.LinuxCPU{Period: &period, Quota: &quota}
	}
}

func putPids(b *createBody, v int64) { b.limits().Pids = &specs.LinuxPids{Limit: v} }

func putUlimits(b *createBody, s *container.Spec) error {
	for _, name := range container.UlimitOf.Keys(s) {
		u, _, _ := container.UlimitOf.Get(s, name)
		b.Rlimits = append(b.Rlimits, wireRlimit{name, unlimited(u.Hard), unlimited(u.Soft)})
	}
	return nil
}

// unlimited writes -1 as the kernel's RLIM_INFINITY.
func unlimited(v int64) uint64 {
	if v == -1 {
		return math.MaxUint64
	}
	return uint64(v)
}

// putRestart reads POLICY or on-failure:N.
func putRestart(b *createBody, v string) {
	policy, retries, has := strings.Cut(v, ":")
	b.RestartPolicy = policy
	if n, err := strconv.ParseUint(retries, 10, 32); has && err == nil {
		tries := uint(n)
		b.RestartRetries = &tries
	}
}

func putNoHealthcheck(b *createBody, v bool) {
	if v {
		b.HealthConfig = &wireHealth{Test: []string{"NONE"}}
	}
}

// putLogOpt: max-size is a field of its own.
func putLogOpt(b *createBody, s *container.Spec) error {
	l := &b.LogConfiguration
	for _, k := range container.LogOpt.Keys(s) {
		v, _, _ := container.LogOpt.Get(s, k)
		switch k {
		case "max-size":
			n, err := units.FromHumanSize(v)
			if err != nil {
				return err
			}
			l.Size = n
		default:
			if l.Options == nil {
				l.Options = map[string]string{}
			}
			l.Options[k] = v
		}
	}
	return nil
}
