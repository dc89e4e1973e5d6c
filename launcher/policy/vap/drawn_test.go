package vap_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// object is a piece of a manifest.
type object = map[string]any

func pick[T any](r *rand.Rand, in ...T) T { return in[r.IntN(len(in))] }

// wants are values that a check of a setting may want, in TOML: texts of patterns, but for
// bounds and switches.
var wants = map[string][]string{
	"image": {"localhost/*", "icr.io/*/a*", "*:latest", "a"}, "pull": {"missing", "always", "n*"}, "name": {"web", "w*"}, "workdir": {"/w", "/*"},
	"env": {"A", "B.*", "LD_*", "*"}, "secret": {"s", "t", "s*", "x/y"}, "user": {"1000:1000", "1000", "0", "*:*"}, "group_add": {"5", "0", "1*"},
	"userns": {"auto", "host"}, "cap_drop": {"all", "net_raw", "*"}, "cap_add": {"chown", "kill", "sys_*"}, "capabilities": {"chown", "kill", "net_*", "*"},
	"seccomp_profile": {"default", "unconfined", "/var/lib/kubelet/seccomp/*", "/var/lib/kubelet/seccomp/a.json"},
	"security_label":  {"type:a:b=c", "level:*", "user:*"}, "apparmor_profile": {"a", "unconfined", "", "*"}, "mask": {"/a", "*"}, "unmask": {"ALL", "*"},
	"tmpfs": {"/t", "/dev/shm", "/tmp/*"}, "volume": {"/v", "/srv/*", "*"}, "device": {"/dev/xvda", "/dev/*"}, "mount_root": {"/srv", "/var/run", "data*", "projected", "/", "*"},
	"network": {"bridge", "host", "zlaunch-*"}, "publish": {"80/tcp", "1/*", "*"}, "publish_address": {"127.0.0.1", "::1", "0.0.0.0"}, "expose": {"80/tcp", "*/udp"},
	"hostname": {"h", "*"}, "add_host": {"a:10.0.0.1", "*:127.0.0.1"}, "dns": {"10.0.0.53", "1*"}, "ipc": {"private", "shareable", "host"}, "pid": {"private", "host"},
	"uts": {"private", "host"}, "sysctl": {"net.*", "kernel.sem"}, "restart": {"always", "no", "on-*"}, "health_on_failure": {"kill", "*"}, "runtime": {"gvisor", "g*"},
	"label": {"app*", "l", "*"}, "annotation": {"a.b/c", "*"}, "registry": {"localhost", "icr.io", "*.example.org", "[::1]:5000", "*"},
	"layer": {"user"}, "log_opt": {"max-size"},
}

// bounds are those of amounts: a size, a number.
var bounds = map[string][]string{
	"memory": {`"1g"`, `"512m"`, "1000000000", "0"}, "memory_swap": {`"2g"`, "100"}, "cpus": {"1.5", "2", "0.0005", "0.1234"}, "shm_size": {`"1g"`, `"64m"`, `"1m"`},
	"tmpfs": {`"16m"`, `"1g"`}, "stop_timeout": {"30", "5", "600.5"}, "timeout": {"60", "3600"},
}

// flags are the settings that are switches.
var flags = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`privileged no_new_privileges read_only read_only_tmpfs rm init no_healthcheck interactive tty http_proxy rootfs_overlay tls_verify env_host
		detach replace publish_all no_hosts oom_kill_disable rootless host_apparmor image_current filter_known network_egress network_isolated pod_known`) {
		flags[name] = true
	}
}

// scanWants are values for the keys of [scan].
var scanWants = map[string]string{"required": "true", "max_age": `"7d"`, "db_max_age": `"3d"`, "severity": `"high"`, "fixable_only": "true", "kev": "true", "severity_order": `["distro"]`, "tools": `["trivy"]`}

// wanted is a value for a key.
func wanted(r *rand.Rand, table, name string) string {
	texts := wants[name]
	if len(texts) == 0 {
		texts = []string{"x", "*"}
	}
	switch {
	case table == "controls" && name == "standard":
		return `"pss-restricted"`
	case table == "controls":
		return `["ZL-201"]`
	case table == "gateway", name == "digest":
		return "true"
	case table == "scan":
		return scanWants[name]
	case name == "signed_by":
		return `["sha256:` + strings.Repeat("a", 64) + `"]`
	case name == "rung":
		return `"kernel"`
	case name == "longest":
		return `"30d"`
	case name == "by":
		return `{ user = ["ZL-5*"] }`
	case table == "at_most" || table == "at_least":
		return pick(r, append(bounds[name], "100")...)
	case table == "require" && flags[name]:
		return pick(r, "true", "false")
	case table == "require":
		return fmt.Sprintf("%q", pick(r, append(plain(texts), "x")...))
	case table == "include":
		return list(pick(r, append(plain(texts), "x")...))
	}
	var some []string
	for _, t := range texts {
		if t != "" && r.IntN(2) == 0 {
			some = append(some, t)
		}
	}
	return list(some...)
}

func list(in ...string) string {
	for i := range in {
		in[i] = fmt.Sprintf("%q", in[i])
	}
	return "[" + strings.Join(in, ", ") + "]"
}

// plain are the texts without a star.
func plain(in []string) (out []string) {
	for _, t := range in {
		if t != "" && !strings.Contains(t, "*") {
			out = append(out, t)
		}
	}
	return out
}

// weaken are the ways to weaken a pod, or to say something else of it.
var weaken = []struct {
	name string
	do   func(*rand.Rand, object)
}{
	{"host namespaces", func(r *rand.Rand, p object) {
		delete(spec(p), "hostUsers")
		delete(podSecurity(p), "sysctls")
		spec(p)[pick(r, "hostNetwork", "hostPID", "hostIPC")] = true
	}},
	{"shared processes", func(r *rand.Rand, p object) { spec(p)["shareProcessNamespace"] = pick(r, true, false) }},
	{"users", func(r *rand.Rand, p object) { spec(p)["hostUsers"] = pick(r, true, false) }},
	{"token", func(r *rand.Rand, p object) { spec(p)["automountServiceAccountToken"] = pick(r, true, false) }},
	{"privileged", func(r *rand.Rand, p object) {
		sc := security(r, p)
		sc["privileged"] = true
		delete(sc, "allowPrivilegeEscalation")
	}},
	{"escalation", func(r *rand.Rand, p object) {
		sc := security(r, p)
		delete(sc, "privileged")
		sc["allowPrivilegeEscalation"] = pick(r, true, false)
	}},
	{"read-only", func(r *rand.Rand, p object) { security(r, p)["readOnlyRootFilesystem"] = pick(r, true, false) }},
	{"capabilities", func(r *rand.Rand, p object) {
		security(r, p)["capabilities"] = object{
			"drop": pick(r, []any{"ALL"}, []any{"all"}, []any{"NET_RAW"}, []any{"CAP_NET_RAW"}, []any{"ALL", "CAP_CHOWN"}, []any{}),
			"add":  pick(r, []any{}, []any{"CHOWN"}, []any{"CAP_KILL"}, []any{"ALL"}, []any{"NET_RAW", "NET_BIND_SERVICE"}, []any{"SYS_TIME"}),
		}
	}},
	{"user", func(r *rand.Rand, p object) {
		of := pick(r, security(r, p), podSecurity(p))
		of["runAsUser"] = pick(r, 0, 1000, 5)
		if r.IntN(2) == 0 {
			of["runAsGroup"] = pick(r, 0, 1000)
		}
		of["runAsNonRoot"] = false
	}},
	{"groups", func(r *rand.Rand, p object) {
		podSecurity(p)["supplementalGroups"] = pick(r, []any{5}, []any{0, 10}, []any{})
		podSecurity(p)["fsGroup"] = pick(r, 5, 100)
	}},
	{"seccomp", func(r *rand.Rand, p object) {
		pick(r, security(r, p), podSecurity(p))["seccompProfile"] = pick(r, object{"type": "Unconfined"}, object{"type": "RuntimeDefault"}, object{"type": "Localhost", "localhostProfile": "a.json"})
	}},
	{"apparmor", func(r *rand.Rand, p object) {
		pick(r, security(r, p), podSecurity(p))["appArmorProfile"] = pick(r, object{"type": "Unconfined"}, object{"type": "RuntimeDefault"}, object{"type": "Localhost", "localhostProfile": "a"})
	}},
	{"apparmor of old", func(r *rand.Rand, p object) {
		delete(podSecurity(p), "appArmorProfile")
		name := ctr(r, p)["name"].(string)
		meta(p, "annotations")["container.apparmor.security.beta.kubernetes.io/"+name] = pick(r, "unconfined", "runtime/default", "localhost/a")
	}},
	{"selinux", func(r *rand.Rand, p object) {
		pick(r, security(r, p), podSecurity(p))["seLinuxOptions"] = pick(r, object{"type": "a:b=c"}, object{"level": "s0:c1", "user": "u"}, object{})
	}},
	{"procMount", func(r *rand.Rand, p object) {
		spec(p)["hostUsers"] = false
		security(r, p)["procMount"] = pick(r, "Unmasked", "Default")
	}},
	{"sysctl", func(r *rand.Rand, p object) {
		podSecurity(p)["sysctls"] = pick(r, []any{object{"name": "net.core.somaxconn", "value": "1"}}, []any{object{"name": "kernel.sem", "value": "1"}})
	}},
	{"image", func(r *rand.Rand, p object) {
		ctr(r, p)["image"] = pick(r, "a", "a:latest", "icr.io/x/a:1", "icr.io/x/a:latest@sha256:"+strings.Repeat("0", 64), "localhost/a", "localhost:5000/a@sha256:"+strings.Repeat("1", 64),
			"reg.example.org:443/a:2", "[::1]:5000/a", "x:y/a", "evil.example.org.evil/a", "icr.io/../a", "icr.io", "icr.io,x/a", "icr.io/x/a b", "localhost/\"a")
	}},
	{"pull", func(r *rand.Rand, p object) {
		ctr(r, p)["imagePullPolicy"] = pick(r, "Always", "Never", "IfNotPresent")
	}},
	{"memory", func(r *rand.Rand, p object) {
		limits(r, p)["memory"] = pick[any](r, "1Gi", "1.5Gi", "512Mi", 1000000000, "1e9", "1G", "500m", "1000m", 0, "2Ei", "9223372036854775807", "104857600.5")
	}},
	{"cpu", func(r *rand.Rand, p object) {
		limits(r, p)["cpu"] = pick[any](r, "1500m", 2, "1.5", "1", "0.1234", "123400u", "100m", 0, "2e0")
	}},
	{"no limits", func(r *rand.Rand, p object) { delete(ctr(r, p), "resources") }},
	{"limits of the pod", func(r *rand.Rand, p object) {
		spec(p)["resources"] = object{"limits": object{"memory": "8Gi", "cpu": "4"}}
	}},
	{"device", func(r *rand.Rand, p object) {
		name := pick(r, "nvidia.com/gpu", "hugepages-2Mi")
		limits(r, p)[name] = pick[any](r, "2Mi", 2)
		if name[0] == 'n' {
			limits(r, p)[name] = 1
		}
	}},
	{"claim of a device", func(r *rand.Rand, p object) {
		spec(p)["resourceClaims"] = []any{object{"name": "g", "resourceClaimName": "g"}}
		if r.IntN(2) == 0 {
			c := ctr(r, p)
			limits(r, p)
			c["resources"] = object{"claims": []any{object{"name": "g"}}}
		}
	}},
	{"block device", func(r *rand.Rand, p object) {
		c := ctr(r, p)
		name := fmt.Sprintf("b%d", r.IntN(1_000_000))
		spec(p)["hostUsers"] = true
		volumes(p, object{"name": name, "persistentVolumeClaim": object{"claimName": "b"}})
		c["volumeDevices"] = []any{object{"name": name, "devicePath": pick(r, "/dev/xvda", "/dev/sda:x", "b")}}
	}},
	{"volume", drawVolume}, {"another volume", drawVolume}, {"a volume more", drawVolume},
	{"variable", func(r *rand.Rand, p object) {
		c := ctr(r, p)
		c["env"] = []any{pick(r, object{"name": "LD_PRELOAD", "value": "x"}, object{"name": "A"}, object{"name": "S", "valueFrom": object{"secretKeyRef": object{"name": pick(r, "s", "x"), "key": pick(r, "s", "y")}}},
			object{"name": "C", "valueFrom": object{"configMapKeyRef": object{"name": "c", "key": "k"}}})}
	}},
	{"variables of another object", func(r *rand.Rand, p object) {
		ctr(r, p)["envFrom"] = []any{pick(r, object{"secretRef": object{"name": "s"}}, object{"configMapRef": object{"name": "s"}})}
	}},
	{"port", func(r *rand.Rand, p object) {
		one := object{"containerPort": pick(r, 80, 53)}
		if r.IntN(2) == 0 {
			one["protocol"] = pick(r, "UDP", "TCP", "SCTP")
		}
		if r.IntN(2) == 0 {
			one["hostPort"] = one["containerPort"]
			one["hostIP"] = pick(r, "127.0.0.1", "0.0.0.0", "10.1.2.3")
		}
		ctr(r, p)["ports"] = []any{one}
	}},
	{"names", func(r *rand.Rand, p object) {
		spec(p)["hostAliases"] = []any{object{"ip": pick(r, "10.0.0.1", "127.0.0.1"), "hostnames": pick(r, []any{"a"}, []any{"a", "b"})}}
		spec(p)["dnsConfig"] = object{"nameservers": pick(r, []any{"10.0.0.53"}, []any{"8.8.8.8", "10.0.0.53"})}
		spec(p)[pick(r, "hostname", "hostnameOverride")] = pick(r, "h", "other")
	}},
	{"restart", func(r *rand.Rand, p object) { spec(p)["restartPolicy"] = pick(r, "Always", "OnFailure", "Never") }},
	{"time", func(r *rand.Rand, p object) {
		spec(p)["terminationGracePeriodSeconds"] = pick(r, 0, 5, 30, 601)
		spec(p)["activeDeadlineSeconds"] = pick(r, 60, 61, 1)
	}},
	{"probe", func(r *rand.Rand, p object) {
		ctr(r, p)[pick(r, "livenessProbe", "readinessProbe", "startupProbe")] = object{"tcpSocket": object{"port": 80}}
	}},
	{"terminal", func(r *rand.Rand, p object) { ctr(r, p)[pick(r, "stdin", "tty")] = pick(r, true, false) }},
	{"directory", func(r *rand.Rand, p object) { ctr(r, p)["workingDir"] = pick(r, "/w", "/etc", "../x") }},
	{"runtime", func(r *rand.Rand, p object) { spec(p)["runtimeClassName"] = pick(r, "gvisor", "gvisor", "kata") }},
	{"annotation", func(r *rand.Rand, p object) {
		meta(p, "annotations")[pick(r, "a.b/c", "k8s.v1.cni.cncf.io/networks", "kubernetes.io/limit-ranger", "kubectl.kubernetes.io/restartedAt", "notistio.io/x", "istio.io", "crun.x/y",
			"io.zlaunch.x", "prometheus.io/scrape", "x.prometheus.io/scrape", "run.oci.keep_original_groups", "io.crun.keep_original_groups")] = "x"
	}},
	{"label", func(r *rand.Rand, p object) { meta(p, "labels")[pick(r, "app", "l", "x/app")] = "x" }},
	{"windows", func(r *rand.Rand, p object) {
		if r.IntN(4) == 0 {
			podSecurity(p)["windowsOptions"] = object{"runAsUserName": "x"}
		}
	}},
	{"init container", func(r *rand.Rand, p object) {
		spec(p)["initContainers"] = []any{object{"name": "init", "image": pick(r, "localhost/init", "icr.io/x/init:latest")}}
	}},
	{"sidecar", func(r *rand.Rand, p object) {
		spec(p)["initContainers"] = []any{object{"name": "side", "image": "localhost/side:1", "restartPolicy": "Always", "resources": object{"limits": object{"memory": "64Mi", "cpu": "100m"}}}}
	}},
	{"another container", func(r *rand.Rand, p object) {
		spec(p)["containers"] = append(spec(p)["containers"].([]any), object{"name": fmt.Sprintf("more%d", r.IntN(1_000_000)), "image": "localhost/more"})
	}},
}

func spec(p object) object { return p["spec"].(object) }

func meta(p object, what string) object { return sub(p["metadata"].(object), what) }

// sub is the mapping at a key, which is made where there is none.
func sub(of object, key string) object {
	if of[key] == nil {
		of[key] = object{}
	}
	return of[key].(object)
}

// ctr is one of the containers.
func ctr(r *rand.Rand, p object) object {
	all := spec(p)["containers"].([]any)
	if more, ok := spec(p)["initContainers"].([]any); ok {
		all = append(append([]any{}, all...), more...)
	}
	return pick(r, all...).(object)
}

func security(r *rand.Rand, p object) object { return sub(ctr(r, p), "securityContext") }
func podSecurity(p object) object            { return sub(spec(p), "securityContext") }

// limits are those of a container, whose requests would be above them.
func limits(r *rand.Rand, p object) object {
	of := sub(ctr(r, p), "resources")
	delete(of, "requests")
	return sub(of, "limits")
}

func volumes(p object, more ...any) {
	had, _ := spec(p)["volumes"].([]any)
	spec(p)["volumes"] = append(had, more...)
}

// drawVolume mounts something somewhere.
func drawVolume(r *rand.Rand, p object) {
	name := fmt.Sprintf("w%d", r.IntN(1_000_000))
	v := pick(r,
		object{"hostPath": object{"path": pick(r, "/", "/srv", "/srv/a", "/srvx", "//srv//a/", "/proc/sys", "/dev", "/dev/kvm", "/var/run/x", "srv", "/./srv/.")}},
		object{"hostPath": object{"path": pick(r, "/srv", "/dev")}},
		object{"emptyDir": object{}}, object{}, object{"emptyDir": object{"medium": "Memory"}},
		object{"emptyDir": object{"medium": "Memory", "sizeLimit": pick(r, "16Mi", "1Gi", "20M", "0", "1e6")}},
		object{"emptyDir": object{"medium": "HugePages"}},
		object{"persistentVolumeClaim": object{"claimName": "data"}}, object{"secret": object{"secretName": pick(r, "s", "other")}},
		object{"configMap": object{"name": pick(r, "data1", "x")}}, object{"downwardAPI": object{}},
		object{"projected": object{"sources": []any{pick(r, object{"serviceAccountToken": object{"path": "t"}}, object{"configMap": object{"name": "x"}}, object{"secret": object{"name": "x"}})}}},
		object{"nfs": object{"server": "x", "path": "/"}}, object{"csi": object{"driver": "x"}}, object{"image": object{"reference": "x"}},
	)
	v["name"] = name
	volumes(p, v)
	m := object{"name": name, "mountPath": pick(r, "/v", "/v/", "/srv/x", "//srv//x", "/dev/shm", "/dev", "/etc", "/etc/hosts", "/etc/resolv.conf/", "/tmp/./x", "/t", "/a/../etc", "rel",
		"/var/run/secrets/kubernetes.io/serviceaccount")}
	switch r.IntN(6) {
	case 0:
		m["subPath"] = pick(r, "a", "a/b", "a//b/")
	case 1:
		m["subPathExpr"] = "$(A)"
	case 2:
		m["readOnly"] = true
	}
	c := ctr(r, p)
	had, _ := c["volumeMounts"].([]any)
	c["volumeMounts"] = append(had, m)
}
