package audit

import (
	"slices"
	"strings"
	"sync"
)

// Version names the catalogue: the year and a number, which a release that changes an
// id, a severity or a judgement has one higher than the release before; between two
// releases it grows once. A report says it, and a team pins it.
const Version = "2026.1"

// controls are the catalogue, by what they are about; a line for each file.
var controls = []*Control{
	// 0: the audit itself
	InputUnderstood, EqualsPlan, WaiversAlive, PolicyMet,
	// 1: the engine and the host
	Rootless, NoTCPAPI, Patched,
	noEngineSocket,
	LimitsEnforceable,
	HostDefaults,
	RuntimeAndHooks,
	// 2: privilege: capabilities, seccomp, masks
	notPrivileged, notPrivilegedByParts, NoNewPrivileges, noPrivilegedExec,
	CapDropAll, noDangerousCap, noNetRaw, noAddedCap,
	SeccompOn, knownSeccomp, strictSeccomp,
	masksKept, safeSysctls,
	// 3: identity: who the process is, in the container and on the host
	NonRootUser, DeclaredIdentity, highUID, noInjectedUsers, umask,
	hostIdentity, KeepIDPinned, noForeignUserns,
	SubIDs, idMaps,
	noLeakedGroups, groupNotRoot,
	// 4: mandatory access control
	SELinuxOn, SELinuxEnforcing,
	selinuxType, selinuxLevel, selinuxRole, noNestedLabels,
	AppArmorKept, SomeMAC,
	// 5: files: the root, and what is mounted over it
	ReadOnlyRoot, imageVolumesIgnored, noBareRootfs,
	noImplicitTmpfs, TmpfsBounded,
	VolumesReadOnly, NoWritableSubmount, overlayThrowAway,
	NoSensitivePath,
	NoHome, NoCredentialStore,
	NoControlSocket,
	VolumesLabelled, NoHarmfulRelabel, labelFits,
	noChown, privatePropagation, volumesInert,
	volumesAreVolumes, noInheritedMounts, StableSource, NoHostMounts,
	noShadowing,
	// 6: namespaces and devices
	privatePID, privateIPC, privateUTS,
	ownCgroup,
	noDevices, acceleratorsScoped, noDeviceRules,
	noSystemdMode,
	podUnderstood,
	// 7: network and exposure
	ownNetwork, noForeignNetwork, namedNetwork, isolatedNetwork,
	noEgress, jobsWithoutNetwork,
	noHostLoopback,
	loopbackPorts, noPublishAll, noPrivilegedPort, neededPorts,
	tlsInFront, authInFront,
	noRemoteControl,
	namesKept,
	// 8: resources and life cycle
	MemoryLimit, SwapBounded, ShmSize, oomKept,
	PidsLimit, CPUBound, Ulimits, LimitsInForce,
	restartBounded, stopTimeout, throwAway,
	healthCheck, unhealthyActs,
	logsBounded,
	initProcess, noShellService, oneService, ServiceSection,
	// 9: supply: image, secrets, models
	imageByDigest, noLatest, qualifiedName, registryTLS, Signatures, imageArch,
	imageUser, imageLabels, noImageSecret,
	updatesDecided, pullPolicy, imageCurrent,
	ImageSteers,
	ImageRecent, ScanFresh, ScanTolerance, OneScanner,
	Attested, NoSetuidFiles,
	noPlainSecret, secretsMounted, noSecretInSight,
	noWholeEnvironment, envFilesPrivate, noProxyVariables,
	noCodeVariables, noCodeFetched,
	ModelNotWritable, ModelReadable, ModelNoLinksOut, ModelRunsNoCode,
	ModelDigest, modelImmutable, ModelsOnly,
}

// Catalogue lists every control, by id. Treat it as a constant.
func Catalogue() []*Control { return catalogue() }

var catalogue = sync.OnceValue(func() []*Control {
	all := slices.Clone(controls)
	slices.SortFunc(all, func(a, b *Control) int { return strings.Compare(a.ID, b.ID) })
	return all
})

var byID = sync.OnceValue(func() map[string]*Control {
	out := map[string]*Control{}
	for _, c := range catalogue() {
		out[c.ID] = c
	}
	return out
})

// ByID finds a control; nil when there is none.
func ByID(id string) *Control { return byID()[id] }

// Find finds a control by its id in any case, its number or its name; nil when
// there is none.
func Find(word string) *Control {
	id := strings.ToUpper(word)
	if len(word) == 3 && strings.Trim(word, "0123456789") == "" {
		id = "ZL-" + word
	}
	if c := ByID(id); c != nil {
		return c
	}
	for _, c := range catalogue() {
		if c.Name == strings.ToLower(word) {
			return c
		}
	}
	return nil
}

// Of lists the controls that read a row: the reasons a setting of it is there.
func Of(key string) []*Control { return reasons()[key] }

var reasons = sync.OnceValue(func() map[string][]*Control {
	out := map[string][]*Control{}
	for _, c := range catalogue() {
		for _, r := range c.Reads {
			out[r.Key()] = append(out[r.Key()], c)
		}
	}
	return out
})
