package podman

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// normalisation is one thing in which the two requests may differ. apply changes
// either of them.
type normalisation struct {
	name   string
	client string // "4" or "5": the Podman client it is for; "" both
	reason string
	apply  func(client, ours map[string]any)
}

func normalisations() []normalisation {
	return []normalisation{
		{"command", "", "the recorded command line starts with the client's own name and connection, and zlaunch hides the values of variables in it", alignCommand},
		{"mount order", "", "the client lists mounts and volumes in random order; the engine sorts them by target", sortMounts},
		{"false", "", "a switch that is off is the same as one left out, for those listed in the test", dropFalse},
		{"nothing", "", "null, an empty list and an empty object are the same as nothing", dropEmpty},
		{"tty annotation", "4", "the client notes --tty in an annotation that nothing reads", dropTTYAnnotation},
		{"read-only tmpfs", "4", "the client writes Podman's implicit tmpfs out; the field that asks an engine since 4.6 for them is unknown to it", dropReadWriteTmpfs},
		{"unlimited pids", "4", "the client writes -1, no limit, as 0, which is no limit too", unlimitedPids},
		{"read-only tmpfs by the engine", "5", "the client leaves Podman's implicit tmpfs to the engine; written out, as engines before 4.6 need it, the engine leaves them as they are", dropImplicitTmpfs},
		{"own annotations", "5", "the client notes --userns and --pids-limit in annotations that only podman-kube-generate(1) reads", dropOwnAnnotations},
		{"health log", "5", "the client states the engine's defaults for the log of health checks", dropHealthLog},
		{"cgroups", "5", "zlaunch states the default, as the client of Podman 4 does, so that no configuration can switch limits off", dropCgroups},
		{"restart tries", "5", "no retries are the same as none stated", dropZeroTries},
		{"sub path", "5", "an empty path inside a volume is the volume", dropSubPath},
	}
}

func alignCommand(client, ours map[string]any) {
	for _, m := range []map[string]any{client, ours} {
		words, _ := m["containerCreateCommand"].([]any)
		var argv []string
		for _, w := range words {
			argv = append(argv, w.(string))
		}
		if i := slices.Index(argv, "create"); i >= 0 {
			argv = argv[i+1:]
		}
		m["containerCreateCommand"] = strings.Join(podmanrun.Redacted(argv), "\x00")
	}
}

func sortMounts(client, ours map[string]any) {
	for _, m := range []map[string]any{client, ours} {
		sortBy(m["mounts"], "destination")
		sortBy(m["volumes"], "Dest")
	}
}

func sortBy(list any, key string) {
	items, _ := list.([]any)
	slices.SortFunc(items, func(a, b any) int {
		return strings.Compare(a.(map[string]any)[key].(string), b.(map[string]any)[key].(string))
	})
}

// switches are the fields whose absence means off to an engine of any version.
var switches = []string{
	"env_host", "httpproxy", "init", "no_new_privileges", "privileged", "publish_image_ports", "read_only_filesystem",
	"read_write_tmpfs", "remove", "stdin", "terminal", "unsetenvall", "use_image_hostname", "use_image_hosts",
	"use_image_resolve_conf", "volatile",
}

func dropFalse(client, ours map[string]any) {
	for _, m := range []map[string]any{client, ours} {
		for _, k := range switches {
			if m[k] == false {
				delete(m, k)
			}
		}
	}
}

func dropEmpty(client, ours map[string]any) {
	for _, m := range []map[string]any{client, ours} {
		maps.DeleteFunc(m, func(_ string, v any) bool { return empty(v) })
		for _, list := range []string{"mounts", "volumes"} {
			items, _ := m[list].([]any)
			for _, i := range items {
				maps.DeleteFunc(i.(map[string]any), func(_ string, v any) bool { return empty(v) })
			}
		}
	}
}

func empty(v any) bool {
	r := reflect.ValueOf(v)
	return v == nil || (r.Kind() == reflect.Map || r.Kind() == reflect.Slice) && r.Len() == 0
}

// dropAnnotations deletes names from what the client sent, and the annotations
// with the last of them.
func dropAnnotations(m map[string]any, names ...string) {
	a, _ := m["annotations"].(map[string]any)
	for _, n := range names {
		delete(a, n)
	}
	if len(a) == 0 {
		delete(m, "annotations")
	}
}

func dropTTYAnnotation(client, _ map[string]any) {
	dropAnnotations(client, "io.kubernetes.cri-o.TTY")
}

func dropOwnAnnotations(client, _ map[string]any) {
	dropAnnotations(client, "io.podman.annotations.userns", "io.podman.annotations.pids-limit")
}

func dropReadWriteTmpfs(_, ours map[string]any) { delete(ours, "read_write_tmpfs") }

func unlimitedPids(_, ours map[string]any) {
	limits, _ := ours["resource_limits"].(map[string]any)
	if pids, _ := limits["pids"].(map[string]any); pids["limit"] == json.Number("-1") {
		pids["limit"] = json.Number("0")
	}
}

// dropImplicitTmpfs takes them only where the request asks the engine for them
// too; no tmpfs of a spec has these options.
func dropImplicitTmpfs(_, ours map[string]any) {
	mounts, _ := ours["mounts"].([]any)
	if ours["read_write_tmpfs"] != true {
		return
	}
	mounts = slices.DeleteFunc(mounts, func(m any) bool {
		return compact(m.(map[string]any)["options"]) == `["rw","rprivate","nosuid","nodev","tmpcopyup"]`
	})
	if ours["mounts"] = mounts; len(mounts) == 0 {
		delete(ours, "mounts")
	}
}

func dropHealthLog(client, _ map[string]any) {
	want := map[string]any{"healthLogDestination": "local", "healthMaxLogCount": json.Number("5"), "healthMaxLogSize": json.Number("500")}
	for k, v := range want {
		if client[k] == v {
			delete(client, k)
		}
	}
}

func dropCgroups(_, ours map[string]any) {
	if ours["cgroups_mode"] == "enabled" {
		delete(ours, "cgroups_mode")
	}
}

func dropZeroTries(client, _ map[string]any) {
	if client["restart_tries"] == json.Number("0") {
		delete(client, "restart_tries")
	}
}

func dropSubPath(client, _ map[string]any) {
	volumes, _ := client["volumes"].([]any)
	for _, v := range volumes {
		if m := v.(map[string]any); m["SubPath"] == "" {
			delete(m, "SubPath")
		}
	}
}
