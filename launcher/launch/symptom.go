package launch

import (
	"cmp"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// symptom is what servers say when a control stands in their way, and the line of
// a profile that relaxes exactly that.
type symptom struct {
	says     string // in lower case, anywhere in a line
	beside   string // only where the line holds this, too; "" anywhere
	controls []*audit.Control
	cause    string
	line     string // of [profile.NAME.container]; PATH stands for what the workload named
	or       string // what to do instead; "" nothing
}

// symptoms are tried in order; the first that a line of the workload's shows is it.
var symptoms = []symptom{
	{"read-only file system", "", []*audit.Control{audit.ReadOnlyRoot, audit.VolumesReadOnly}, "the root file system and the models are read-only",
		`tmpfs."PATH" = { size = "64m" }`, "--output for what should stay"},
	{"failed to map segment", "", []*audit.Control{audit.TmpfsBounded}, "the tmpfs it loads code from is mounted noexec",
		`tmpfs."PATH" = { size = "256m", exec = true, why = "REASON" }`, ""},
	{"no space left on device", "shm", []*audit.Control{audit.ShmSize}, "/dev/shm is full", `shm_size = "1g"`, ""},
	{"bus error", "", []*audit.Control{audit.ShmSize}, "/dev/shm is full", `shm_size = "1g"`, ""},
	{"no space left on device", "", []*audit.Control{audit.TmpfsBounded}, "a tmpfs has reached its size", `tmpfs."PATH" = { size = "1g" }`, ""},
	{"resource temporarily unavailable", "", []*audit.Control{audit.PidsLimit}, "the limit of processes and threads is reached", `pids_limit = 4096`, ""},
	{"cannot allocate memory", "", []*audit.Control{audit.MemoryLimit}, "the memory limit is reached", `memory = "8g"`, "zlaunch run --memory 8g"},
	{"too many open files", "", []*audit.Control{audit.Ulimits}, "the limit of open files is reached", `ulimit.nofile = "65536:65536"`, ""},
	{"operation not permitted", "", []*audit.Control{audit.CapDropAll, audit.NoNewPrivileges}, "it wants a capability, usually to chown or to change its user at the start",
		`user = "UID:GID"`, "cap_add where it cannot start as its final user"},
	{"permission denied", "/dev/std", []*audit.Control{audit.SELinuxOn}, "it opens its output a second time, which the SELinux policy of this host does not let a container do",
		`args = ["A LOG FILE BELOW /tmp, OR NONE"]`, "an allow rule for open of fifo_file, as the policy of Fedora has it"},
	{"permission denied", "/models", []*audit.Control{audit.KeepIDPinned, audit.VolumesLabelled, audit.ModelReadable}, "the models are not the workload's user's to read, or not labelled for containers",
		`userns = "keep-id:uid=UID,gid=GID"`, "chmod and chown of the tree; zlaunch plan shows both identities"},
	{"permission denied", "", []*audit.Control{audit.DeclaredIdentity}, "a file of the image is not this user's", `user = "UID:GID"`, `tmpfs."PATH" = { size = "64m" } for what it writes`},
}

// mentioned finds the path a line is about, and no date: 2026/11/22. Whatever else
// the workload wrote is not repeated.
var mentioned = lazyregexp.New(`(?:^|[^A-Za-z0-9._@+/-])(/[A-Za-z0-9._@+-]+(?:/[A-Za-z0-9._@+-]+)*)`)

// likelyCause names the control that most likely stopped a workload, by its last
// lines, and what would relax exactly that; "" none is known.
func likelyCause(tail string) string {
	for _, s := range symptoms {
		for _, line := range strings.Split(tail, "\n") {
			if low := strings.ToLower(line); strings.Contains(low, s.says) && strings.Contains(low, s.beside) {
				return s.explain(line)
			}
		}
	}
	return ""
}

func (s symptom) explain(line string) string {
	var names []string
	for _, c := range s.controls {
		names = append(names, c.ID+" "+c.Name)
	}
	out := "likely cause: " + s.cause + " (" + strings.Join(names, ", ") + "); in [profile.NAME.container]: " + s.line
	if s.or != "" {
		out += "; or " + s.or
	}
	return strings.ReplaceAll(out, "PATH", cmp.Or(directory(line), "PATH")) + "; zlaunch explain " + s.controls[0].ID
}

// directory is where the path lies that a line mentions; "" it mentions none.
func directory(line string) string {
	found := mentioned().FindStringSubmatch(line)
	if found == nil {
		return ""
	}
	path := found[1]
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return path
}
