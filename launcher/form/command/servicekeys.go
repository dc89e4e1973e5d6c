package command

import (
	"slices"
	"strings"
)

// ServiceKey is what a key of [Service] does to the engine that the service runs:
// systemd.service(5), systemd.exec(5), systemd.kill(5), systemd.resource-control(5).
// A unit states it, and systemd-run --property.
type ServiceKey uint8

const (
	NobodyRead     ServiceKey = iota // it stands in no list, and may do anything
	ReplacesFiles                    // it puts other files where the engine looks for programs and configuration
	Redirects                        // it names a file to which systemd sends what is printed, or from which it is fed
	JudgedByItself                   // it runs programs or sets variables, which a unit's reader judges
	ChangesNothing                   // neither what the engine runs, nor how
)

var (
	replacing = strings.Fields(`BindPaths BindReadOnlyPaths MountImages ExtensionImages ExtensionDirectories RootDirectory RootImage
		RootMStack TemporaryFileSystem ExecSearchPath PAMName`)
	redirecting  = strings.Fields("StandardInput StandardOutput StandardError OpenFile")
	byThemselves = strings.Fields(`Environment EnvironmentFile PassEnvironment ExecStart ExecStartPre ExecStartPost ExecCondition ExecReload
		ExecReloadPost ExecStop ExecStopPost Sockets`)
	// idleKeys say when the engine runs and ends, what it may use at most, where its own
	// messages go, and which directories are made for it.
	idleKeys = strings.Fields(`Type ExitType RemainAfterExit GuessMainPID PIDFile BusName Restart WatchdogSec SuccessExitStatus NonBlocking
		NotifyAccess RootDirectoryStartOnly OOMPolicy OOMScoreAdjust ReloadSignal KillMode KillSignal FinalKillSignal WatchdogSignal SendSIGHUP
		SendSIGKILL Nice CoredumpFilter KeyringMode TimerSlackNSec Personality IgnoreSIGPIPE UMask WorkingDirectory StandardInputText
		StandardInputData Slice Delegate DelegateSubgroup DisableControllers UnsetEnvironment SetLoginEnvironment SetCredential
		SetCredentialEncrypted LoadCredential LoadCredentialEncrypted ImportCredential RestrictNetworkInterfaces NFTSet BPFProgram BPFDelegate
		RootImageOptions RootImagePolicy RootHash RootHashSignature RootVerity MountImagePolicy ExtensionImagePolicy MountAPIVFS
		PrivateBPF PrivateUsersEx ProtectHostnameEx ProtectControlGroupsEx PermissionsStartOnly FailureAction SuccessAction RebootArgument
		USBFunctionDescriptors USBFunctionStrings UtmpIdentifier UtmpMode`)
	idlePrefixes = strings.Fields(`X- Restart Timeout Runtime FileDescriptorStore StartLimit Limit CPU NUMA IO BlockIO Memory Tasks IP Device Allowed
		Startup ManagedOOM SocketBind Log Syslog TTY State Cache Logs Configuration DefaultMemory DefaultStartupMemory`)
)

// Confining are the keys that confine the engine and not the container, which may stop it
// from starting: systemd.exec(5), the sections on users, capabilities, security, mandatory
// access control, sandboxing and system calls.
var Confining = strings.Fields(`User Group DynamicUser SupplementaryGroups NoNewPrivileges SecureBits CapabilityBoundingSet AmbientCapabilities
	SELinuxContext AppArmorProfile SmackProcessLabel ProtectSystem ProtectHome ProtectKernelTunables ProtectKernelModules ProtectKernelLogs
	ProtectControlGroups ProtectClock ProtectHostname ProtectProc ProcSubset PrivateTmp PrivateDevices PrivateNetwork PrivateIPC PrivatePIDs
	PrivateUsers PrivateMounts RestrictAddressFamilies RestrictFileSystems RestrictNamespaces RestrictRealtime RestrictSUIDSGID
	LockPersonality MemoryDenyWriteExecute RemoveIPC ReadWritePaths ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths
	TemporaryFileSystem RootDirectory RootImage RootEphemeral MountFlags SystemCallFilter SystemCallArchitectures SystemCallLog`)

// ServiceKeyOf is what a key does.
func ServiceKeyOf(key string) ServiceKey {
	switch {
	case slices.Contains(replacing, key):
		return ReplacesFiles
	case slices.Contains(redirecting, key):
		return Redirects
	case slices.Contains(byThemselves, key):
		return JudgedByItself
	case slices.Contains(idleKeys, key), slices.Contains(Confining, key),
		slices.ContainsFunc(idlePrefixes, func(p string) bool { return strings.HasPrefix(key, p) }):
		return ChangesNothing
	}
	return NobodyRead
}

// unsureProperty tells whether a property that systemd-run gives to the service of the
// engine changes what it runs, or nobody knows whether.
func unsureProperty(property string) bool {
	key, value, _ := strings.Cut(property, "=")
	switch ServiceKeyOf(key) {
	case ChangesNothing:
		return false
	case Redirects:
		return key == "OpenFile" || strings.Contains(value, ":")
	}
	return true
}
