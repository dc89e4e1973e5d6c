package audit

import (
	"slices"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// files are the controls of group 5: the root file system and what is mounted over
// it.
var files = slices.Concat(mountSources, mountOptions)

// mountSources are those of the root, of memory file systems, and of what mounts
// bring in.
var mountSources = []*Control{
	{
		ID: "ZL-501", Name: "read-only-root", Severity: High,
		Title: "Root filesystem read-only",
		Why:   "an intruder cannot drop tools or alter the server: what runs is what was scanned",
		Fix:   "--read-only, and a sized --tmpfs for each place the workload writes to",
		Breaks: "caches: point HOME, XDG_CACHE_HOME, HF_HOME, MPLCONFIGDIR, NUMBA_CACHE_DIR, TORCHINDUCTOR_CACHE_DIR and TRITON_CACHE_DIR to a tmpfs " +
			"and set PYTHONDONTWRITEBYTECODE=1; podman cp into the container stops working",
		Refs: []string{"IBM L110-114", "IBM L156-158", "OWASP #8", "CIS 5.13", "NSA immutable file systems", "KSV-0014", "CKV_K8S_22",
			"kubesec ReadOnlyRootFilesystem", "kube-score container-security-context-readonlyrootfilesystem", "NIST 4.4.3", "CWE-732"},
		Reads: []container.Row{container.ReadOnly},
		Judge: claims(container.ReadOnly, true, "read_only must be true"),
		Mend:  set(container.ReadOnly, true),
	},
	{
		ID: "ZL-502", Name: "no-implicit-tmpfs", Severity: Medium,
		Title:  "The implicit read-only tmpfs is bounded",
		Why:    "--read-only alone adds unsized, executable tmpfs on /tmp, /run and /var/tmp: a place to run dropped programs and to eat memory",
		Fix:    "a sized --tmpfs for each of /tmp, /run and /var/tmp, or --read-only-tmpfs=false",
		Breaks: "--read-only-tmpfs=false also makes /dev/shm read-only where Podman is newer than 4.3: name the three tmpfs where the workload needs shared memory",
		Refs:   []string{"IBM L110-114", "OWASP #8", "CIS 5.13", "NSA immutable file systems", "CWE-770"},
		Reads:  []container.Row{container.ReadOnlyTmpfs, container.ReadOnly, container.TmpfsAt},
		Judge:  implicitTmpfs,
		Mend:   mendImplicitTmpfs,
	},
	{
		ID: "ZL-503", Name: "tmpfs-bounded", Severity: Low,
		Title:  "Explicit tmpfs is sized, nosuid, nodev, noexec",
		Why:    "a writable place is sized, and runs programs only for a reason",
		Fix:    "--tmpfs DEST:size=256m,mode=1777,nosuid,nodev,noexec",
		Breaks: "noexec stops what compiles at run time (torch inductor, numba, JNI) with failed to map segment: give it one tmpfs with exec and say why",
		Refs:   []string{"IBM L110-114", "OWASP #8", "NSA immutable file systems", "CWE-770"},
		Reads:  []container.Row{container.TmpfsAt},
		Judge:  tmpfsBounded,
		Mend:   mendTmpfs,
	},
	{
		ID: "ZL-504", Name: "image-volumes-ignored", Severity: Medium,
		Title:  "Image VOLUMEs do not re-open the rootfs",
		Why:    "each VOLUME of the image would be writable in spite of the read-only root, and outlives the container",
		Fix:    "--image-volume=ignore, or tmpfs, or a mount of your own at each VOLUME",
		Breaks: "ignore may hide data that the server expects there",
		Refs:   []string{"IBM L110-114", "OWASP #8", "NSA immutable file systems", "CIS-DI DKL-DI-0002", "CWE-732"},
		Reads:  []container.Row{container.ImageVolume, container.ImageVolumes},
		Judge:  imageVolumes,
		Mend:   set(container.ImageVolume, "ignore"),
	},
	{
		ID: "ZL-505", Name: "volumes-read-only", Severity: High,
		Title:  "Bind mounts and volumes are read-only unless declared writable",
		Why:    "a compromised server must not rewrite the model that everyone else loads, nor choose what a file of the host holds",
		Fix:    "--volume SRC:DEST:ro; a log without --log-opt path=",
		Breaks: "outputs and compile caches need to be written: give them a directory of their own and say why",
		Refs: []string{"IBM L159-164", "IBM L170-172", "OWASP #8", "CIS 5.6", "PSS baseline", "KSV-0023", "NIST 4.5.5", "NIST 3.5.5",
			"CWE-732"},
		Reads: []container.Row{container.VolumeAt, container.MountOther, container.LogOpt},
		Judge: func(k *Case) { volumesReadOnly(k); writtenPaths(k) },
		Mend:  mendWritten,
	},
	{
		ID: "ZL-506", Name: "no-sensitive-path", Severity: Critical,
		Title:  "No sensitive host path",
		Why:    "host configuration, kernel and device trees, and what starts or runs from a home give persistence and escape",
		Fix:    "a directory made for this workload: --volume /srv/models:/models:ro,z",
		Breaks: "read-only /etc/localtime, /etc/pki/ca-trust and /etc/ssl/certs stay allowed",
		Refs: []string{"IBM L165-172", "OWASP #8", "CIS 5.6", "PSS baseline", "KSV-0121", "KSV-0023", "kubesec ProcMount", "NIST 3.5.5", "NIST 4.5.5",
			"CWE-668"},
		Reads: []container.Row{container.VolumeAt, container.MountOther, container.Rootfs, container.LogOpt, container.EnvFile, container.HostFiles},
		Judge: eachPath(noSensitivePath, mounted, readIn, logged, printed, kept),
	},
	{
		ID: "ZL-507", Name: "no-home", Severity: High,
		Title:  "Not the whole home directory",
		Why:    "a home holds keys, tokens and shell start-up files: what an escape from rootless Podman can reach, without the escape",
		Fix:    "the one directory below it that is needed",
		Breaks: "what was read from elsewhere in the home has to be mounted by name",
		Refs:   []string{"IBM L165-172", "CIS 5.6", "PSS baseline", "systemd ProtectHome=", "NIST 3.5.5", "CWE-668"},
		Reads:  []container.Row{container.VolumeAt, container.MountOther, container.Rootfs},
		Judge:  eachPath(noHome, mounted),
	},
	{
		ID: "ZL-508", Name: "no-credential-store", Severity: Critical,
		Title:  "No credential store",
		Why:    "tokens and keys leave with the first exfiltration",
		Fix:    "podman secret create, and --secret NAME,type=mount",
		Breaks: "a tool that wants its login file at a fixed path: give the secret that target",
		Refs:   []string{"IBM L170-172", "OWASP #12", "PSS baseline", "NIST 3.1.4", "NIST 4.1.4", "CWE-522"},
		Reads:  []container.Row{container.VolumeAt, container.MountOther, container.Rootfs, container.LogOpt, container.EnvFile, container.HostFiles},
		Judge:  eachPath(noCredentials, mounted, readIn, logged, printed, kept),
	},
	{
		ID: "ZL-509", Name: "no-control-socket", Severity: High,
		Title:  "No other control sockets",
		Why:    "through the sockets of D-Bus, systemd, a desktop or an SSH agent the process acts outside the container",
		Fix:    "leave it away, or a directory of its own, mode 0700, for a socket that serves",
		Breaks: "a server that listens on a Unix socket: mount the directory it makes the socket in, and say why",
		Refs:   []string{"IBM L140-144", "OWASP #1", "PSS baseline", "systemd IPC", "CWE-668"},
		Reads:  []container.Row{container.VolumeAt, container.MountOther, container.Rootfs},
		Judge:  eachPath(noControlSocket, mounted),
	},
}
