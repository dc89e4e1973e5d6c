package quadlet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// The keys of [Service] by what they do to the engine that the service runs
// (systemd.service(5), systemd.exec(5), systemd.kill(5), systemd.resource-control(5)).
// A key that stands in none of these lists opens the unit.
var (
	// replacing put other files where the engine looks for programs and configuration.
	replacing = strings.Fields(`BindPaths BindReadOnlyPaths MountImages ExtensionImages ExtensionDirectories RootDirectory RootImage
		RootMStack TemporaryFileSystem ExecSearchPath PAMName`)
	// streaming name files to which systemd sends what is printed, or from which it is fed.
	streaming = strings.Fields("StandardInput StandardOutput StandardError OpenFile")
	// elsewhere are judged elsewhere.
	elsewhere = strings.Fields(`Environment EnvironmentFile PassEnvironment ExecStart ExecStartPre ExecStartPost ExecCondition ExecReload ExecReloadPost
		ExecStop ExecStopPost Sockets`)
	// idle change nothing of what the engine runs, or how: when it runs and ends, what it may use
	// at most, where its own messages go, which directories are made for it.
	idle = strings.Fields(`Type ExitType RemainAfterExit GuessMainPID PIDFile BusName Restart WatchdogSec SuccessExitStatus NonBlocking
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

// readSurroundings lists the keys of [Service] that change the engine's surroundings, and
// those that nobody has read.
func readSurroundings(r *reader) {
	for _, l := range r.u.lines {
		switch {
		case l.section != "Service" || l.value == "":
		case slices.Contains(replacing, l.key):
			for _, row := range append([]container.Row{container.Runtime}, toldByVariables...) {
				r.open(form.Open{At: container.Path{Key: row.Key()}, Word: l.word,
					Why: "[Service] " + l.key + "= may put other programs and configuration in the place of the engine's own"})
			}
		case l.key == "Sockets":
			r.open(form.Open{At: container.Path{Key: container.Publish.Key()}, Word: l.word,
				Why: "[Service] Sockets= hands on what other units listen on, and Podman gives it to the workload"})
		case !knownKey(l.key):
			r.open(form.Open{Word: l.word, At: container.Path{Key: "service", Elem: clip(l.key)},
				Why: "[Service] " + clipped(l.key) + "= is a key whose effect on the engine is not known"})
		}
	}
}

func knownKey(key string) bool {
	return slices.Contains(elsewhere, key) || slices.Contains(streaming, key) || slices.Contains(idle, key) || slices.Contains(fakes, key) ||
		slices.ContainsFunc(idlePrefixes, func(p string) bool { return strings.HasPrefix(key, p) })
}

// readStreams notes the files to which systemd sends what a run prints, and those from which
// it is fed: Podman hands the descriptors of OpenFile= on to the workload as well.
func readStreams(r *reader, out *form.Reading) {
	n := 0
	for _, l := range r.u.lines {
		if l.section != "Service" || !slices.Contains(streaming, l.key) {
			continue
		}
		for _, f := range streamed(l) {
			text, holes := filled(f.Path)
			f.Path, f.Open = text, len(holes) > 0
			name := "[Service] " + l.key
			if n++; n > 1 {
				name = fmt.Sprintf("%s@%d", name, n)
			}
			container.HostFiles.Set(out.Spec, name, f, container.From(r.origin(l.word)))
			if path := (container.Path{Key: container.HostFiles.Key(), Elem: name}); out == r.out {
				out.At[path] = []int{l.word}
			}
		}
	}
}

// streamed are the files that a line names, and what becomes of them.
func streamed(l line) []container.HostFile {
	if l.key == "OpenFile" {
		file, options, _ := strings.Cut(l.value, ":")
		out := []container.HostFile{{Path: file, Use: "feed"}}
		if !strings.Contains(options, "read-only") && file != "" {
			out = append(out, container.HostFile{Path: file, Use: "print"})
		}
		return out
	}
	kind, file, _ := strings.Cut(l.value, ":")
	switch {
	case !slices.Contains([]string{"file", "append", "truncate"}, kind):
		return nil
	case l.key == "StandardInput":
		return []container.HostFile{{Path: file, Use: "feed"}}
	}
	return []container.HostFile{{Path: file, Use: "print"}}
}
