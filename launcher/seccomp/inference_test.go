package seccomp_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/zlaunch/zlaunch/launcher/seccomp"
)

var update = flag.Bool("update", false, "write the generated and golden files")

// namespaceFlags are the bits of clone(2) that make a new namespace: NEWNS,
// NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h).
var namespaceFlags = []uint64{0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000}

const allNamespaceFlags = 0x7e020000

const (
	allow = specs.ActAllow
	deny  = specs.ActErrno
)

// group is one line of the readable source of inference.json.
type group struct {
	comment string
	action  specs.LinuxSeccompAction
	errno   string
	names   string
	args    []seccomp.Arg
	only    []string // machines
	except  []string
}

// direct are the machines that have no socketcall.
var direct = []string{"amd64", "arm64"}

func eq(index uint, value uint64) []seccomp.Arg {
	return []seccomp.Arg{{Index: index, Value: value, Op: specs.OpEqualTo}}
}

func masked(index uint, mask, value uint64) []seccomp.Arg {
	return []seccomp.Arg{{Index: index, Value: mask, ValueTwo: value, Op: specs.OpMaskedEqual}}
}

var groups = slices.Concat([]group{
	{"Files and directories", allow, "", `access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3
		faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fcntl64
		fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
		ftruncate64 futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
		ioctl lchown lgetxattr link linkat listxattr llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat
		newfstatat open openat openat2 readahead readlink readlinkat removexattr rename renameat renameat2 rmdir setxattr stat
		stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs truncate truncate64 umask unlink unlinkat
		utime utimensat utimensat_time64 utimes cachestat`, nil, nil, nil},
	{"FIFOs; a device node needs a capability no user namespace gives", allow, "", "mknod mknodat", nil, nil, nil},
	{"Reading, writing, waiting", allow, "", `epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd
		eventfd2 io_cancel io_destroy io_getevents io_setup io_submit _newselect pipe pipe2 poll ppoll ppoll_time64 pread64 preadv
		preadv2 pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readv select sendfile sendfile64 signalfd signalfd4 splice
		tee write writev`, nil, nil, nil},
	{"Memory; memory policies are NUMA placement, as the default profile has them", allow, "", `brk get_mempolicy madvise mbind
		membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap msync munlock munlockall
		munmap pkey_alloc pkey_free pkey_mprotect process_mrelease remap_file_pages set_mempolicy map_shadow_stack`, nil, nil, nil},
	{"Processes and threads; a process may restrict itself further", allow, "", `capget capset execve execveat exit exit_group fork
		futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list get_thread_area getcpu getegid getegid32
		geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32
		getresuid getresuid32 getrlimit getrusage getsid gettid getuid getuid32 ioprio_get ioprio_set kill landlock_add_rule
		landlock_create_ruleset landlock_restrict_self pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq
		sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
		sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
		sched_yield seccomp set_robust_list set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32
		setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
		setreuid32 setrlimit setsid setuid setuid32 sysinfo tgkill times tkill ugetrlimit uname vfork wait4 waitid waitpid`, nil, nil, nil},
	{"Signals and time; clocks are set by no one", allow, "", `adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
		clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep pause rt_sigaction rt_sigpending
		rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo setitimer
		sigaltstack signal sigprocmask sigreturn time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
		timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
		getrandom`, nil, nil, nil},
	{"Messages and shared memory between processes of the container", allow, "", `ipc mq_getsetattr mq_notify mq_open mq_timedreceive
		mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop
		semtimedop_time64 shmat shmctl shmdt shmget`, nil, nil, nil},
	{"Sockets, once made", allow, "", `accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
		recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketpair`, nil, nil, nil},
	{"AF_UNIX", allow, "", "socket", eq(0, 1), direct, nil},
	{"AF_INET", allow, "", "socket", eq(0, 2), direct, nil},
	{"AF_INET6", allow, "", "socket", eq(0, 10), direct, nil},
	{"AF_NETLINK for NETLINK_ROUTE alone: the resolver and Go read addresses with it", allow, "", "socket",
		append(eq(0, 16), eq(2, 0)...), direct, nil},
	{"AF_VSOCK reaches the hypervisor past the network namespace", deny, "EPERM", "socket", eq(0, 40), direct, nil},
	{"socketcall's arguments lie in memory where no filter sees them, and libseccomp pairs socket with it here; so any family is allowed", allow, "",
		"socket", nil, []string{"ppc64le", "s390x"}, nil},
	{"s390x: Go and older C libraries make sockets by socketcall", allow, "", "socketcall", nil, []string{"s390x"}, nil},
	{"amd64: the thread pointer", allow, "", "arch_prctl", nil, []string{"amd64"}, nil},
	{"ppc64le: own spellings", allow, "", "sync_file_range2 swapcontext", nil, []string{"ppc64le"}, nil},
	{"s390x: runtime instrumentation, used by IBM's Java; NNPA is an instruction and needs no call", allow, "", "s390_runtime_instr", nil, []string{"s390x"}, nil},
	{"s390x: PCI memory of the host's adapters", deny, "EPERM", "s390_pci_mmio_read s390_pci_mmio_write", nil, []string{"s390x"}, nil},
	{"clone without new namespaces", allow, "", "clone", masked(0, allNamespaceFlags, 0), nil, []string{"s390x"}},
	{"s390x: clone's flags are its second argument", allow, "", "clone", masked(1, allNamespaceFlags, 0), []string{"s390x"}, nil},
	{"clone3 keeps its flags in memory where no filter sees them; ENOSYS makes C libraries and Go fall back to clone", deny, "ENOSYS",
		"clone3", nil, nil, nil},
	{"Namespaces", deny, "EPERM", "setns unshare", nil, nil, nil},
	{"Mounts", deny, "EPERM", `fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree open_tree_attr pivot_root chroot
		umount umount2`, nil, nil, nil},
	{"Key rings are not namespaced", deny, "EPERM", "add_key keyctl request_key", nil, nil, nil},
	{"Other processes' memory, descriptors and execution", deny, "EPERM", `kcmp pidfd_getfd process_madvise process_vm_readv
		process_vm_writev ptrace`, nil, nil, nil},
	{"Large or fragile parts of the kernel that no server needs; callers of io_uring and userfaultfd fall back", deny, "EPERM", `bpf
		fanotify_init fanotify_mark io_uring_enter io_uring_register io_uring_setup lookup_dcookie modify_ldt name_to_handle_at
		open_by_handle_at perf_event_open userfaultfd vmsplice`, nil, nil, nil},
	{"The machine: modules, kexec, accounting, quotas, clocks, swap, ports, host name, log", deny, "EPERM", `acct clock_settime
		clock_settime64 delete_module finit_module init_module ioperm iopl kexec_file_load kexec_load migrate_pages move_pages
		nfsservctl query_module quotactl quotactl_fd reboot setdomainname sethostname settimeofday stime swapoff swapon syslog sysfs
		uselib ustat vhangup vm86 vm86old`, nil, nil, nil},
}, personalities(), newNamespaces())

// personalities are the five values of the default profile: PER_LINUX,
// PER_LINUX32, both with UNAME26, and the question what it is.
func personalities() []group {
	var out []group
	for _, v := range []uint64{0, 8, 0x20000, 0x20008, 0xffffffff} {
		out = append(out, group{"personality, as in the default profile", allow, "", "personality", eq(0, v), nil, nil})
	}
	return out
}

// newNamespaces answers EPERM to a clone with any namespace flag; only the
// allowed form needs a rule for safety, these make the error the usual one.
func newNamespaces() []group {
	var out []group
	for _, bit := range namespaceFlags {
		out = append(out,
			group{"clone with a new namespace", deny, "EPERM", "clone", masked(0, bit, bit), nil, []string{"s390x"}},
			group{"clone with a new namespace", deny, "EPERM", "clone", masked(1, bit, bit), []string{"s390x"}, nil})
	}
	return out
}

func profileOf(groups []group) *seccomp.Profile {
	enosys := uint(38)
	p := &seccomp.Profile{DefaultAction: deny, DefaultErrnoRet: &enosys, DefaultErrno: "ENOSYS"}
	// No further ABI beside the native one: no 32-bit and no x32 calls. ppc64le
	// has no entry in Podman's table and gets the native ABI from the runtime.
	for _, a := range []specs.Arch{specs.ArchX86_64, specs.ArchAARCH64, specs.ArchPPC64LE, specs.ArchS390X} {
		p.ArchMap = append(p.ArchMap, seccomp.Architecture{Arch: a, SubArches: []specs.Arch{}})
	}
	for _, g := range groups {
		s := seccomp.Syscall{Names: strings.Fields(g.names), Action: g.action, Comment: g.comment, Errno: g.errno, Args: g.args,
			Includes: seccomp.Filter{Arches: g.only}, Excludes: seccomp.Filter{Arches: g.except}}
		slices.Sort(s.Names)
		if g.errno != "" {
			n := map[string]uint{"EPERM": 1, "ENOSYS": 38}[g.errno]
			s.ErrnoRet = &n
		}
		if s.Args == nil {
			s.Args = []seccomp.Arg{}
		}
		p.Syscalls = append(p.Syscalls, s)
	}
	return p
}

// inference.json is what the list above says.
func TestInferenceIsGenerated(t *testing.T) {
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetIndent("", "\t")
	if err := e.Encode(profileOf(groups)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("inference.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want.Bytes(), seccomp.Inference()) {
		t.Error("inference.json differs from its source: go test ./launcher/seccomp -run TestInferenceIsGenerated -update")
	}
}

// A call stands in rules without conditions at most once, so no rule hides another.
func TestInferenceHasNoDoubles(t *testing.T) {
	p := profileOf(groups)
	for _, arch := range []string{"amd64", "arm64", "ppc64le", "s390x"} {
		seen := map[string]bool{}
		for _, s := range p.Resolve(arch, nil).Syscalls {
			for _, n := range s.Names {
				if len(s.Args) == 0 && seen[n] {
					t.Errorf("%s: %s stands twice", arch, n)
				}
				seen[n] = seen[n] || len(s.Args) == 0
			}
		}
	}
}

// The inference profile allows nothing that the default denies, but for the
// futex2 calls, which new C libraries use, and cachestat and map_shadow_stack,
// which only old defaults do not know.
func TestInferenceIsWithinTheDefault(t *testing.T) {
	known := []string{"cachestat", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "map_shadow_stack"}
	d := allowedBy(t, "testdata/default-podman-5.4.2.json")
	for _, s := range profileOf(groups).Resolve("s390x", nil).Syscalls {
		for _, n := range s.Names {
			if s.Action == allow && !d[n] && !slices.Contains(known, n) {
				t.Errorf("%s is allowed here and not by the default", n)
			}
		}
	}
}

// Every call the default allows is either allowed or named as denied: nothing
// is lost by oversight.
func TestInferenceNamesWhatItTakes(t *testing.T) {
	// Calls of ABIs the profile does not admit, or that no kernel still has.
	gone := strings.Fields(`arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls chown32 fchown32 lchown32
		epoll_ctl_old epoll_wait_old`)
	named := map[string]bool{}
	for _, s := range profileOf(groups).Syscalls {
		for _, n := range s.Names {
			named[n] = true
		}
	}
	for n := range allowedBy(t, "testdata/default-podman-5.4.2.json") {
		if !named[n] && !slices.Contains(gone, n) {
			t.Errorf("%s: allowed by the default, not mentioned here", n)
		}
	}
}

func allowedBy(t *testing.T, path string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, arch := range []string{"amd64", "arm64", "ppc64le", "s390x"} {
		for _, s := range read(t, path).Resolve(arch, nil).Syscalls {
			for _, n := range s.Names {
				out[n] = out[n] || s.Action == allow
			}
		}
	}
	for n, ok := range out {
		if !ok {
			delete(out, n)
		}
	}
	return out
}

func read(t *testing.T, path string) *seccomp.Profile {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := seccomp.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
