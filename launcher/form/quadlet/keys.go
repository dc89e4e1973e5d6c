package quadlet

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// kinds are the keys of one section by the version of Podman that brought them,
// oldest first: pkg/systemd/quadlet/quadlet.go compared tag by tag, v4.4.0 to
// v5.8.2, and for 6.x the documentation of Podman. A key that a version does not know makes its generator refuse the unit.
var kinds = map[string][]struct{ since, keys string }{
	"Container": {
		{"4.4", "AddCapability AddDevice Annotation ContainerName DropCapability Environment EnvironmentFile EnvironmentHost Exec ExposeHostPort " +
			"Group Image Label Network NoNewPrivileges Notify PodmanArgs PublishPort ReadOnly RemapGid RemapUid RemapUidSize RemapUsers RunInit " +
			"SeccompProfile Timezone User VolatileTmp Volume"},
		{"4.5", "HealthCmd HealthInterval HealthOnFailure HealthRetries HealthStartPeriod HealthStartupCmd HealthStartupInterval " +
			"HealthStartupRetries HealthStartupSuccess HealthStartupTimeout HealthTimeout IP IP6 LogDriver Mount Rootfs Secret " +
			"SecurityLabelDisable SecurityLabelFileType SecurityLabelLevel SecurityLabelType Tmpfs UserNS"},
		{"4.6", "AutoUpdate HostName Mask Pull SecurityLabelNested Sysctl Unmask WorkingDir"},
		{"4.7", "DNS DNSOption DNSSearch PidsLimit ShmSize Ulimit"},
		{"4.8", "ContainersConfModule GIDMap GlobalArgs ReadOnlyTmpfs SubGIDMap SubUIDMap UIDMap"},
		{"5.0", "Entrypoint Pod StopTimeout"},
		{"5.1", "GroupAdd"},
		{"5.2", "LogOpt NetworkAlias StopSignal"},
		{"5.3", "AddHost CgroupsMode HealthLogDestination HealthMaxLogCount HealthMaxLogSize ServiceName StartWithPod"},
		{"5.5", "Memory ReloadCmd ReloadSignal Retry RetryDelay"},
		{"5.7", "HttpProxy"},
		{"5.8", "AppArmor"},
		{"6.1", "ImageVolume"},
		{"6.2", "Umask"},
	},
	"Pod": {
		{"5.0", "ContainersConfModule GlobalArgs Network PodName PodmanArgs PublishPort Volume"},
		{"5.2", "NetworkAlias"},
		{"5.3", "AddHost DNS DNSOption DNSSearch GIDMap IP IP6 RemapGid RemapUid RemapUidSize RemapUsers ServiceName SubGIDMap SubUIDMap UIDMap " +
			"UserNS"},
		{"5.4", "ShmSize"},
		{"5.5", "HostName"},
		{"5.6", "ExitPolicy Label"},
		{"5.7", "StopTimeout"},
	},
	"Network": {
		{"4.4", "DisableDNS Driver Gateway IPAMDriver IPRange IPv6 Internal Label Options Subnet"},
		{"4.6", "PodmanArgs"},
		{"4.7", "DNS NetworkName"},
		{"4.8", "ContainersConfModule GlobalArgs"},
		{"5.3", "ServiceName"},
		{"5.5", "NetworkDeleteOnStop"},
		{"5.6", "InterfaceName"},
	},
	"Volume": {
		{"4.4", "Copy Device Group Label Options Type User"},
		{"4.6", "PodmanArgs"},
		{"4.7", "VolumeName"},
		{"4.8", "ContainersConfModule Driver GlobalArgs Image"},
		{"5.3", "ServiceName"},
	},
	"Image": {
		{"4.8", "AllTags Arch AuthFile CertDir ContainersConfModule Creds DecryptionKey GlobalArgs Image ImageTag OS PodmanArgs TLSVerify Variant"},
		{"5.3", "ServiceName"},
		{"5.5", "Retry RetryDelay"},
		{"5.6", "Policy"},
	},
	"Build": {
		{"5.2", "Annotation Arch AuthFile ContainersConfModule DNS DNSOption DNSSearch Environment File ForceRM GlobalArgs GroupAdd ImageTag Label " +
			"Network PodmanArgs Pull Secret SetWorkingDirectory TLSVerify Target Variant Volume"},
		{"5.3", "ServiceName"},
		{"5.5", "Retry RetryDelay"},
		{"5.7", "BuildArg IgnoreFile"},
	},
	"Artifact": {
		{"5.7", "Artifact AuthFile CertDir ContainersConfModule Creds DecryptionKey GlobalArgs PodmanArgs Quiet Retry RetryDelay ServiceName " +
			"TLSVerify"},
	},
	"Quadlet": {
		{"5.3", "DefaultDependencies"},
	},
}

// unitKinds are the versions that brought the kinds of unit.
var unitKinds = map[string]string{
	".container": "4.4", ".network": "4.4", ".volume": "4.4", ".kube": "4.4", ".image": "4.8", ".pod": "5.0", ".build": "5.2", ".artifact": "5.7",
}

// keySince is kinds by section and key.
var keySince = func() map[string]map[string]string {
	out := map[string]map[string]string{}
	for section, rows := range kinds {
		out[section] = map[string]string{}
		for _, r := range rows {
			for _, k := range strings.Fields(r.keys) {
				out[section][k] = r.since
			}
		}
	}
	return out
}()

// sections are what a unit may have beside the section of its own kind; systemd
// reads them, and skips those whose name begins with "X-".
var sections = []string{"Unit", "Service", "Install", "Quadlet"}

// nearest names the key of a section that was likely meant; "" where none is near.
func nearest(word string, words []string) string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = strings.ToLower(w)
	}
	if at := slices.Index(plain, hint.Nearest(word, plain)); at >= 0 {
		return words[at]
	}
	return ""
}

// keysOf lists the keys of a section, sorted.
func keysOf(section string) []string {
	var out []string
	for k := range keySince[section] {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
