package vap

import (
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// Why something is lost.
const (
	byNode     = "a node and its runtime decide it, and no pod says it"
	byPlan     = "it is of a run that zlaunch started, and no pod says it"
	byImage    = "what the image adds to it, no API server sees"
	byObjects  = "a Service or an Ingress, which are other objects, open ports too"
	byPolicies = "in which network a pod is, a NetworkPolicy decides, which is another object"
	byVolumes  = "what becomes of a VOLUME of the image, the node's runtime decides"
	byReading  = "zlaunch works it out of commands and values: zlaunch audit judges manifests by it"
	byScans    = "what scanners found in an image stands in records of zlaunch's, and no pod says it"
	ofPodman   = "Kubernetes has no such thing"
)

// answers has one for every setting, and for every key that is about none.
var answers = sync.OnceValue(func() map[string]answer {
	out := map[string]answer{}
	for _, in := range []map[string]answer{whoAnswers(), privilegeAnswers(), fileAnswers(), networkAnswers(), limitAnswers(), runAnswers()} {
		for k, a := range in {
			out[k] = a
		}
	}
	for why, keys := range unanswered() {
		for _, k := range strings.Fields(keys) {
			out[k] = answer{lost: why, bare: true}
		}
	}
	for why, keys := range natures() {
		for _, k := range strings.Fields(keys) {
			out[k] = answer{nature: why}
		}
	}
	return out
})

// unanswered are the settings that no pod says, by why.
func unanswered() map[string]string {
	return map[string]string{
		byNode: `image_volume pids_limit ulimit cgroupns tls_verify hooks_dir host_file uid_map gid_map process_label seccomp_filter device_node hook gpus
		engine_version engine_api rootless host_selinux host_apparmor cgroup_version cgroup_controllers host_arch host_mounts host_steers weak_filter filter_known missing_masks
		limits_in_force privileged_execs network_egress network_isolated selinux_level selinux_role signature_demand walked_volumes other_users cpu_shares cpuset_cpus oom_score_adj`,
		byImage:   "image_user image_volumes image_arch image_label image_steers image_secrets image_current",
		byPlan:    "subject profile layer profile_kind profile_ports model_digest models.digest models.signed_by pod_known proof.rung gateway.required signer.profile signer.bundle waivers.longest waivers.never waivers.owner waivers.by",
		byScans:   "scan.required scan.max_age scan.db_max_age scan.severity scan.fixable_only scan.kev scan.severity_order scan.tools",
		byReading: "plain_secrets proxy_secrets code_variables code_fetches controls.require controls.standard",
	}
}

// natures are the settings that are the same in every pod, by why.
func natures() map[string]string {
	return map[string]string{
		ofPodman: `rm remote module rootfs rootfs_overlay platform signature_policy env_file env_host env_import detach replace preserve_fds sdnotify subidname injected_users
		volumes_from device_cgroup_rule seccomp_policy proc_opts publish_all pod cgroup_parent oom_kill_disable systemd http_proxy read_only_tmpfs`,
		"a kubelet has one value for it": "log_driver log_opt umask cgroups engine",
	}
}

// Pieces of CEL.
const (
	userID     = "c.?securityContext.?runAsUser.or(variables.pod.?securityContext.?runAsUser)"
	groupID    = "c.?securityContext.?runAsGroup.or(variables.pod.?securityContext.?runAsGroup)"
	privileged = "c.?securityContext.?privileged.orValue(false)"
	dropped    = "c.?securityContext.?capabilities.?drop.orValue([]).map(x, x.lowerAscii())"
	added      = `c.?securityContext.?capabilities.?add.orValue([]).map(x, x.lowerAscii()).map(x, x.startsWith("cap_") ? x.substring(4) : x)`
	seccomp    = "c.?securityContext.?seccompProfile.or(variables.pod.?securityContext.?seccompProfile)"
	apparmor   = "c.?securityContext.?appArmorProfile.or(variables.pod.?securityContext.?appArmorProfile)"
	seLinux    = "c.?securityContext.?seLinuxOptions.or(variables.pod.?securityContext.?seLinuxOptions).orValue({})"
	annotated  = `variables.annotations[?(variables.apparmor + c.name)].orValue("runtime/default")`
	alone      = "variables.containers.size() == 1"
	onHost     = "variables.pod.?hostNetwork.orValue(false)"
	ports      = "c.?ports.orValue([])"
	// reference is the name of an image, of which more is not looked at: one that is none has
	// no tag for a server, whatever is said.
	reference = `^(([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[^/@]*)?(@[^/]*)?$`
	portName  = `string(p.containerPort) + "/" + p.?protocol.orValue("TCP").lowerAscii()`
	hostPorts = ports + ".filter(p, p.?hostPort.orValue(0) != 0)"
)

// listOf is the list of one text.
func listOf(cel string) string { return "[" + cel + "]" }

// chosen is the list of one of two texts.
func chosen(flag, yes, no string) string {
	return listOf(flag + " ? " + literal(yes) + " : " + literal(no))
}

func text(cel string) answer                  { return answer{of: texts, cel: listOf(cel)} }
func list(cel string) answer                  { return answer{of: texts, cel: cel} }
func truthOf(cel string) answer               { return answer{of: truth, cel: cel} }
func knownIf(known string, a answer) answer   { a.known = known; return a }
func closedIf(closed string, a answer) answer { a.closed = closed; return a }

// partly is an answer whose checks in some tables lose something.
func partly(losing, why string, a answer) answer {
	a.losing, a.lost = losing, why
	return a
}

// barely is an answer whose checks in some tables are not written.
func barely(losing, why string, a answer) answer {
	a.losing, a.lost, a.bare = losing, why, true
	return a
}

// whoAnswers are those of what runs, and as whom.
func whoAnswers() map[string]answer {
	return map[string]answer{
		"image": knownIf("has(c.image)", text("c.image")),
		"registry": knownIf(`c.?image.orValue("").matches("^([^/:]*:[0-9]+|\\[[^/]*[:.][^/]*|[^/:]*[.][^/:]*|localhost)/")`,
			text(`c.image.split("/")[0]`)),
		"pull":    knownIf("c.?image.orValue(\"\").matches("+literal(reference)+")", text(`{"Always": "always", "IfNotPresent": "missing", "Never": "never"}[?c.?imagePullPolicy.orValue("")].orValue("")`)),
		"name":    text("c.name"),
		"workdir": knownIf("has(c.workingDir)", text("c.workingDir")),
		"env":     partly("only", byImage, closedIf("c.?envFrom.orValue([]) == []", list("c.?env.orValue([]).map(e, e.name)"))),
		"secret": closedIf(secretsKnown,
			list(`(c.?env.orValue([]).filter(e, has(e.valueFrom) && has(e.valueFrom.secretKeyRef)).map(e, e.valueFrom.secretKeyRef).map(s,
  s.?name.orValue("") == s.key ? s.key : s.?name.orValue("") + "/" + s.key) +
variables.volumes.filter(v, has(v.secret) && `+readMounts+`.exists(m, m.name == v.name)).map(v, v.secret.?secretName.orValue("")))`)),
		"user": knownIf(userID+".hasValue()", text("string("+userID+".orValue(0)) + "+groupID+`.optMap(g, ":" + string(g)).orValue("")`)),
		"group_add": closedIf("!variables.annotations.exists(k, k in "+literals(audit.KeepGroups)+")",
			list("(variables.pod.?securityContext.?supplementalGroups.orValue([]).map(g, string(g)) +\nvariables.pod.?securityContext.?fsGroup.optMap(g, [string(g)]).orValue([]))")),
		"userns":     list(chosen("variables.pod.?hostUsers.orValue(true)", "host", "auto")),
		"label":      barely("only", byImage, list(`(variables.labels.map(k, k) + variables.annotations.map(k, k).filter(k, k.startsWith("io.zlaunch.")))`)),
		"annotation": barely("only", byImage, list(`variables.annotations.map(k, k).filter(k, !k.startsWith("io.zlaunch."))`)),
	}
}

// privilegeAnswers are those of what a container may. A privileged one may it all, whatever
// else is said.
func privilegeAnswers() map[string]answer {
	out := map[string]answer{
		"cap_drop": {known: dropped + `.all(x, !x.startsWith("cap_"))`, judge: capDrop},
		"cap_add":  list(added),
		"seccomp_profile": list(`[{"RuntimeDefault": "default", "Unconfined": "unconfined"}[?` + seccomp + `.?type.orValue("Unconfined")]
  .orValue("/var/lib/kubelet/seccomp/" + ` + seccomp + `.?localhostProfile.orValue(""))]`),
		"security_label": list(`["user", "role", "type", "level"].filter(k, ` + seLinux + `[?k].orValue("") != "").map(k, k + ":" + ` + seLinux + `[?k].orValue(""))`),
		"apparmor_profile": knownIf(annotated+` in ["unconfined", "runtime/default"]`,
			list(`[{"RuntimeDefault": "", "Unconfined": "unconfined"}[?`+apparmor+`.?type.orValue(`+annotated+` == "unconfined" ? "Unconfined" : "RuntimeDefault")]
  .orValue(`+apparmor+`.?localhostProfile.orValue(""))]`)),
		"mask":   knownIf(noMountOf("/proc", "/sys"), list("[]")),
		"unmask": knownIf(noMountOf("/proc", "/sys"), list(`(c.?securityContext.?procMount.orValue("Default") == "Unmasked" ? ["ALL"] : [])`)),
		"device": closedIf(noMountOf("/dev"), knownIf(
			every(`c.?resources.?limits.orValue({}).all(k, k in ["memory", "cpu", "ephemeral-storage"] || k.startsWith("hugepages-"))`,
				"c.?resources.?claims.orValue([]) == []", "variables.pod.?resourceClaims.orValue([]) == []"),
			list(`c.?volumeDevices.orValue([]).map(d, d.devicePath.startsWith("/") ? d.devicePath.split(":")[0] : d.devicePath)`))),
	}
	for k, a := range out {
		a.known = every("!"+privileged, a.known)
		out[k] = a
	}
	out["privileged"] = truthOf(privileged)
	out["no_new_privileges"] = truthOf("!c.?securityContext.?allowPrivilegeEscalation.orValue(true)")
	out["capabilities"] = answer{judge: func(table string, want any) string {
		return lists(textsMeet(`(`+privileged+` || "all" in a ? ["all"] : a + ("all" in d ? [] : `+literals(defaultCapabilities())+`.filter(x, !(x in d))))`, table, want))
	}}
	return out
}

// lists gives a condition the names of the capabilities that are dropped, d, and added, a.
func lists(condition string) string {
	return "[" + dropped + "].all(d, [" + added + "].all(a,\n  " + condition + "))"
}

// capDrop judges what stays dropped: "all" is every one, and one that is added again is not.
func capDrop(table string, want any) string {
	if table != "include" {
		return textsMeet(dropped, table, want)
	}
	return lists(`!("all" in a) && ` + literals(want.([]string)) + `.all(w, (w in d || "all" in d) && !(w in a))`)
}

// defaultCapabilities are those that a container has where nothing is said.
func defaultCapabilities() []string {
	s := effective.Complete(&container.Spec{}, effective.Engine{Kind: effective.Kubernetes})
	caps, _, _ := container.Capabilities.Get(s)
	return caps
}

// fileAnswers are those of files and volumes.
func fileAnswers() map[string]answer {
	return map[string]answer{
		"read_only":  truthOf("c.?securityContext.?readOnlyRootFilesystem.orValue(false)"),
		"tmpfs":      partly("only at_most", byVolumes, closedIf(mountsAll, answer{judge: tmpfs})),
		"volume":     partly("only", byVolumes, closedIf(mountsAll, list("("+targets(onDisk)+" + ("+notToken+" ? [] : ["+literal(tokenDir)+"]))"))),
		"mount_root": {judge: mountRoots},
		"shm_size": knownIf(every(`!variables.pod.?hostIPC.orValue(false)`, notCovered("/dev/shm")),
			answer{of: number, cel: "67108864", first: 1}),
	}
}

// networkAnswers are those of networks, ports and namespaces.
func networkAnswers() map[string]answer {
	return map[string]answer{
		"network":         {of: texts, cel: chosen(onHost, "host", "bridge"), losing: "only", lost: byPolicies, byDefault: true, rest: "(" + onHost + ` ? ["host"] : [])`},
		"publish":         partly("only", byObjects, closedIf("!"+onHost, list(hostPorts+".map(p, "+portName+")"))),
		"publish_address": partly("only", byObjects, closedIf("!"+onHost, list(hostPorts+`.map(p, p.?hostIP.orValue("") == "" ? "0.0.0.0" : p.hostIP)`))),
		"expose":          list(ports + ".map(p, " + portName + ")"),
		"hostname":        text(`variables.pod.?hostnameOverride.or(variables.pod.?hostname).orValue("")`),
		"add_host": closedIf(notCovered("/etc/hosts"), answer{judge: func(table string, want any) string {
			if table == "include" {
				return literals(want.([]string)) + ".all(w, variables.pod.?hostAliases.orValue([]).exists(a, a.?hostnames.orValue([]).exists(h, h + \":\" + a.ip == w)))"
			}
			return "variables.pod.?hostAliases.orValue([]).all(a, " + textsMeet(`a.?hostnames.orValue([]).map(h, h + ":" + a.ip)`, table, want) + ")"
		}}),
		"dns":      closedIf(notCovered("/etc/resolv.conf"), list("variables.pod.?dnsConfig.?nameservers.orValue([])")),
		"no_hosts": closedIf(notCovered("/etc/hosts"), truthOf("false")),
		"ipc":      list(`[variables.pod.?hostIPC.orValue(false) ? "host" : ` + alone + ` ? "private" : "shareable"]`),
		"pid": knownIf(`(variables.pod.?hostPID.orValue(false) || !variables.pod.?shareProcessNamespace.orValue(false) || `+alone+`) && c.?targetContainerName.orValue("") == ""`,
			list(chosen("variables.pod.?hostPID.orValue(false)", "host", "private"))),
		"uts":    list(chosen(onHost, "host", "private")),
		"sysctl": list("variables.pod.?securityContext.?sysctls.orValue([]).map(s, s.name)"),
	}
}

const noPodLimits = "!has(variables.pod.resources)"

// limitAnswers are those of limits.
func limitAnswers() map[string]answer {
	return map[string]answer{
		"memory":       knownIf(noPodLimits, answer{of: quantity, cel: "c.?resources.?limits.?memory"}),
		"memory_swap":  knownIf(noPodLimits, answer{of: quantity, cel: "c.?resources.?limits.?memory"}),
		"cpus":         knownIf(noPodLimits, answer{of: quantity, cel: "c.?resources.?limits.?cpu"}),
		"stop_timeout": {of: number, cel: "variables.pod.?terminationGracePeriodSeconds.orValue(30)"},
		"timeout":      {of: number, cel: "variables.pod.?activeDeadlineSeconds.orValue(0)", first: 1},
	}
}

// runAnswers are those of how a workload is started, watched and ended.
func runAnswers() map[string]answer {
	return map[string]answer{
		"restart":           text(`{"Always": "always", "OnFailure": "on-failure", "Never": "no"}[?c.?restartPolicy.or(variables.pod.?restartPolicy).orValue("Always")].orValue("")`),
		"init":              truthOf(alone + " && variables.pod.?shareProcessNamespace.orValue(false)"),
		"no_healthcheck":    truthOf("!has(c.livenessProbe) && !has(c.readinessProbe) && !has(c.startupProbe)"),
		"health_on_failure": list(chosen("has(c.livenessProbe)", "kill", "")),
		"interactive":       truthOf("c.?stdin.orValue(false)"),
		"tty":               truthOf("c.?tty.orValue(false)"),
		"runtime":           knownIf("has(variables.pod.runtimeClassName)", text("variables.pod.runtimeClassName")),
	}
}
