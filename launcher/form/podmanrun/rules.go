package podmanrun

import (
	"math"
	"regexp"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// Patterns of what Podman takes. Namespaces: pkg/specgen/namespaces.go. Names:
// libpod/define, NameRegex. Podman 4.3 reads annotations, log options and
// devices as lists with commas and quotes, Podman 5 does not, so neither may
// stand in them.
const (
	nameWord  = `[a-zA-Z0-9][a-zA-Z0-9_.-]*`
	joined    = `container:` + nameWord // ns:PATH names a file of the host, and no run of ours has one
	namespace = `private|host|` + joined
	mapping   = `(?:uid|gid|size)=[0-9]+`
	keepID    = `keep-id(?::` + mapping + `(?:,` + mapping + `)*)?`
	plain     = `[^\x00-\x1f\x7f]*`
	unlisted  = `[^\x00-\x1f\x7f,"]*`
	key       = `[^\x00-\x20\x7f=]+`
	unlistKey = `[^\x00-\x20\x7f=,"]+`
	cdiWord   = `[a-zA-Z](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9])?`
	cdiName   = cdiWord + `/` + cdiWord + `=[a-zA-Z0-9](?:[a-zA-Z0-9_.:-]*[a-zA-Z0-9])?` // container-device-interface, pkg/parser
	sysctls   = `kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|(?:net|fs\.mqueue)\.[a-zA-Z0-9_./-]+`
)

// rules are in the order of the rows. They are made when first asked for, since
// making them costs more than the rest of a start of the program.
var rules = sync.OnceValue(func() []check {
	return []check{
		matching(container.Image, `[^\x00-\x20\x7f-][^\x00-\x20\x7f]*`, "name an image, as localhost/demo:latest"),
		matching(container.Pull, `missing|never|newer|always`, "pull is missing, never, newer or always"),
		matching(container.Name, nameWord, "a name is letters, digits, '_', '.', '-'"),
		matching(container.Workdir, `/`+plain, "give an absolute path"),
		pairsMatching(container.Env, `[^\x00-\x20\x7f=*]+`, `.*`, "a variable's name has no blanks, no '=', no '*'"),
		eachOf(container.SecretOf, "write secret.NAME with type mount or env, and a target without a comma", checkSecret),

		matching(container.User, plain, "user is uid:gid"),
		{container.GroupAdd, "name the groups by number", checkGroups},
		matching(container.Userns, namespace+`|nomap|auto(?::size=[0-9]{1,9})?|`+keepID,
			"userns is keep-id:uid=,gid=, host, private, nomap, auto or auto:size=, container:"),

		allMatching(container.CapDrop, `[a-z0-9_]+`, "write capabilities in lower case without cap_"),
		allMatching(container.CapAdd, `[a-z0-9_]+`, "write capabilities in lower case without cap_"),
		{container.SeccompProfile, "give an absolute path, unconfined or default", checkSeccomp},
		{container.SecurityLabel, "a label is type:…, level:…, user:…, role:…, filetype:… or disable", checkLabels},
		matching(container.Apparmor, plain, "name a profile"),
		allMatching(container.Mask, `/[^\x00-\x1f\x7f:]*`, "give absolute paths without ':'"),
		allMatching(container.Unmask, `ALL|/[^\x00-\x1f\x7f:]*`, "give absolute paths without ':', or ALL"),

		eachOf(container.TmpfsAt, "give an absolute path and a size", checkTmpfs),
		eachOf(container.VolumeAt, "give an absolute target, and as the source an absolute path or a volume's name", checkVolume),
		{container.VolumeAt, "drop one of them", checkTargets},
		matching(container.ImageVolume, `ignore|tmpfs|anonymous`, "image_volume is ignore, tmpfs or anonymous"),
		within(container.ShmSize, 0, maxSize),
		{container.ShmSize, "keep shm_size and drop the other mount", checkShm},
		allMatching(container.Device, `/`+unlisted+`|`+cdiName, "give an absolute path without a comma or a quote, or a CDI name such as nvidia.com/gpu=0"),

		{container.Network, "give network names, or one of none, host, bridge, private, pasta, slirp4netns", checkNetworks},
		eachOf(container.Publish, "write publish as ADDRESS:HOSTPORT:PORT/tcp", checkPort),
		matching(container.Hostname, `[a-zA-Z0-9][a-zA-Z0-9.-]*`, "a host name is letters, digits, '.', '-'"),
		matching(container.Ipc, namespace+`|shareable|none`, "ipc is private, shareable, none, host, container:"),
		matching(container.Pid, namespace, "pid is private, host, container:"),
		matching(container.Uts, namespace, "uts is private, host, container:"),
		matching(container.Cgroupns, namespace, "cgroupns is private, host, container:"),
		pairsMatching(container.Sysctl, sysctls, `(?:[^\x00-\x20\x7f=](?:[^\x00-\x1f\x7f=]*[^\x00-\x20\x7f=])?)?`,
			"only kernel.msg*, kernel.sem, kernel.shm*, fs.mqueue.* and net.* can be set"),

		within(container.Memory, 0, maxSize),
		within(container.MemorySwap, 0, maxSize),
		{container.Cpus, "give a number of processors", checkCpus},
		within(container.PidsLimit, -1, math.MaxInt32),
		eachOf(container.UlimitOf, "write a limit as nofile=1024:1024", checkUlimit),

		matching(container.Restart, `no|always|unless-stopped|on-failure(?::[0-9]{1,9})?`, "restart is no, always, unless-stopped, on-failure:N"),
		{container.Restart, "give --podman-arg=--rm=false, or no restart policy", checkRestart},
		within(container.StopTimeout, 0, math.MaxInt32),
		matching(container.Systemd, `true|false|always`, "systemd is true, false or always"),
		matching(container.LogDriver, `k8s-file|json-file|journald|none`, "log_driver is k8s-file, journald or none"),
		{container.LogOpt, "write log_opt as max-size=10mb, without commas or quotes", checkLogOpt},
		matching(container.Umask, `[0-7]{1,4}`, "umask is octal, as 0027"),
		pairsMatching(container.Labels, key, `.*`, "a label's name has no blanks and no '='"),
		pairsMatching(container.Annotation, unlistKey, unlisted, "an annotation has no commas and no quotes: Podman 4 and 5 read them differently"),
		{container.Annotation, "those names are Podman's own", checkAnnotations},
	}
})

// pattern compiles when first used.
func pattern(re string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:` + re + `)$`) })
}

var (
	nameWordRe = pattern(nameWord)
	unlistedRe = pattern(unlisted)
	groupRe    = pattern(`[a-zA-Z0-9_.-]+`)
	labelRe    = pattern(`disable|(?:user|role|type|level|filetype):[^\x00-\x20\x7f,"]+`)
	aloneRe    = pattern(`none|host|bridge|private|pasta|slirp4netns|` + joined)
)
