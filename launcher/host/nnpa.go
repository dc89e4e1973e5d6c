package host

import (
	"encoding/binary"
	"slices"
	"strings"
)

// NNPA tells about the on-chip AI accelerator of IBM Z.
type NNPA struct {
	State   NNPAState
	Machine string // machine type, such as 9175; "" off s390x
	Family  string // z14 to z17; "" when the type is not known here
}

// NNPAState is whether programs on this host can use the accelerator.
type NNPAState string

// The states. Unknown means a machine that may have it under a kernel too old
// to name it: programs ask the machine themselves and may still find it.
const (
	NNPANotApplicable NNPAState = "n/a"
	NNPAYes           NNPAState = "yes"
	NNPANo            NNPAState = "no"
	NNPAUnknown       NNPAState = "unknown"
)

// families maps machine types to the family, from the s390 kernel sources
// (arch/s390/kernel/perf_cpum_cf.c, processor.c).
var families = map[string]string{
	"3906": "z14", "3907": "z14",
	"8561": "z15", "8562": "z15",
	"3931": "z16", "3932": "z16",
	"9175": "z17", "9176": "z17",
}

func nnpaOf(s Source) NNPA {
	if s.Arch != "s390x" {
		return NNPA{State: NNPANotApplicable}
	}
	b, err := s.read("/proc/cpuinfo")
	if err != nil {
		return NNPA{State: NNPAUnknown}
	}
	features, machine := parseCPUInfo(string(b))
	auxv, _ := s.read("/proc/self/auxv")
	n := NNPA{Machine: machine, Family: families[machine]}
	n.State = nnpaState(features, n.Family, auxv)
	return n
}

// parseCPUInfo takes the features and the machine type out of an s390x
// /proc/cpuinfo.
func parseCPUInfo(text string) (features []string, machine string) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "features"); ok && features == nil {
			_, list, _ := strings.Cut(rest, ":")
			features = strings.Fields(list)
		}
		if _, rest, ok := strings.Cut(line, "machine = "); ok && machine == "" {
			machine, _, _ = strings.Cut(strings.TrimSpace(rest), ",")
		}
	}
	return features, strings.TrimSpace(machine)
}

func nnpaState(features []string, family string, auxv []byte) NNPAState {
	switch {
	case slices.Contains(features, "nnpa"), hwcapNNPA(auxv):
		return NNPAYes
	case family == "z14", family == "z15":
		return NNPANo // the accelerator came with z16
	case slices.Contains(features, "pcimio"), slices.Contains(features, "sie"):
		// The kernel's list of names has these after nnpa, so it knows the name.
		return NNPANo
	}
	return NNPAUnknown
}

// hwcapNNPA looks for HWCAP bit 20 (arch/s390/include/asm/elf.h) in an
// auxiliary vector: pairs of big-endian 64-bit words.
func hwcapNNPA(auxv []byte) bool {
	const atHWCAP = 16
	for ; len(auxv) >= 16; auxv = auxv[16:] {
		if binary.BigEndian.Uint64(auxv) == atHWCAP {
			return binary.BigEndian.Uint64(auxv[8:])&(1<<20) != 0
		}
	}
	return false
}
