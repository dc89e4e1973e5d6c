package observe_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/observe"
)

// Every row that the configuration or the kernel shows says which evidence counts:
// the worst, or the best and why.
func TestWallsAnswer(t *testing.T) {
	shown := map[string]bool{}
	every(t, func(t *testing.T, engine, name string) {
		in := context(t, engine, name, nil)
		in.Audit, in.Started = true, true
		oci, _, err := observe.OCI(file(t, engine, name, "config.json"), in)
		if err != nil {
			t.Fatal(err)
		}
		rec := record(t, engine, name, "run.json")
		rec.MaskPaths = []string{"/proc/kcore"}
		kernel, err := observe.Kernel(rec, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*container.Spec{oci, kernel} {
			for _, r := range container.All() {
				_, marked := s.MarkOf(container.Path{Key: r.Key()})
				shown[r.Key()] = shown[r.Key()] || marked || len(r.Settings(s)) > 0
			}
		}
	})
	for _, r := range container.All() {
		answer, known := observe.Walls[r.Key()]
		proof := r.Proof() >= container.OCI && slices.ContainsFunc(container.Rows, func(o container.Row) bool { return o.Key() == r.Key() })
		switch {
		case (shown[r.Key()] || proof) && !known:
			t.Errorf("%s is shown by a process or its configuration, and walls.go does not say which evidence counts", r.Key())
		case known && (answer.Worst == nil) == (answer.Why == ""):
			t.Errorf("%s: the worst counts, or there is a reason why the best does", r.Key())
		}
	}
	for key := range observe.Walls {
		if container.ByKey(key) == nil {
			t.Errorf("there is no row %q", key)
		}
	}
}

// bareStatus is that of a process that holds everything.
func bareStatus(status string) string {
	var out []string
	for _, line := range strings.Split(status, "\n") {
		switch key, _, _ := strings.Cut(line, ":"); key {
		case "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
			line = key + ":\t000001ffffffffff"
		case "NoNewPrivs", "Seccomp":
			line = key + ":\t0"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// asRoot gives a status the host's id of the container's root.
func asRoot(status, uid string) string {
	var out []string
	for _, line := range strings.Split(status, "\n") {
		if key, _, _ := strings.Cut(line, ":"); key == "Uid" || key == "Gid" {
			line = key + ":" + strings.Repeat("\t"+uid, 4)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// A process that has a socket of the host in hand was handed it, whatever others have.
func TestHostSocketCounts(t *testing.T) {
	const engine, name = "podman5-crun", "hardened"
	in := context(t, engine, name, nil)
	in.Audit, in.Started = true, true
	first := record(t, engine, name, "run.json")
	other := first
	other.HostSockets = 2
	s, err := observe.Container(first, observe.Processes{Others: []observe.Process{{PID: 4711, TID: 4711, Name: "sh", Record: other}}, Seen: 2}, in)
	if err != nil {
		t.Fatal(err)
	}
	if n, m, _ := container.PreserveFds.Get(s); n != 2 || m.By != "process 4711 (sh)" || m.Evidence != container.Kernel {
		t.Errorf("%d by %q, %s", n, m.By, m.Evidence)
	}
}

// One process that lacks a wall is a way around it: it worsens what the first one
// shows and is named; one that has more walls betters nothing.
func TestWorstProcessCounts(t *testing.T) {
	const engine, name = "podman5-crun", "hardened"
	plan := hardened(t, engine)
	first := record(t, engine, name, "run.json")
	first.Namespaces = map[string]string{"user": "user:[2]", "mnt": "mnt:[2]", "pid": "pid:[2]", "ipc": "ipc:[2]", "uts": "uts:[2]", "cgroup": "cgroup:[2]", "net": "net:[2]"}
	in := context(t, engine, name, plan)
	in.Started = true
	in.Self.Namespaces = map[string]string{"user": "user:[1]", "mnt": "mnt:[1]", "pid": "pid:[1]", "ipc": "ipc:[1]", "uts": "uts:[1]", "cgroup": "cgroup:[1]", "net": "net:[1]"}
	with := func(change func(*observe.Record)) observe.Record {
		r := first
		r.Namespaces = map[string]string{}
		for k, v := range first.Namespaces {
			r.Namespaces[k] = v
		}
		change(&r)
		return r
	}
	root := strings.Fields(strings.Split(first.UidMap, "\n")[0])
	if root[0] != "0" {
		t.Fatalf("the fixture's first range is %q", root)
	}
	for what, c := range map[string]struct {
		rec  observe.Record
		want []string
	}{
		"alike": {first, nil},
		"all":   {with(func(r *observe.Record) { r.Status = bareStatus(r.Status) }), []string{"capabilities", "no_new_privileges", "seccomp_filter"}},
		"root":  {with(func(r *observe.Record) { r.Status = asRoot(r.Status, root[1]) }), []string{"user", "uid_map"}},
		"root to come back to": {with(func(r *observe.Record) {
			r.Status = strings.Replace(r.Status, "Uid:\t", "Uid:\t"+root[1]+"\t", 1)
			r.Status = regexpUid(r.Status)
		}), []string{"user", "uid_map"}},
		"in the host's namespaces": {with(func(r *observe.Record) {
			r.Namespaces["pid"], r.Namespaces["net"], r.Namespaces["ipc"] = "pid:[1]", "net:[1]", "ipc:[1]"
		}), []string{"pid", "network", "ipc"}},
		"in the host's mounts":            {with(func(r *observe.Record) { r.Namespaces["mnt"] = "mnt:[1]" }), []string{"read_only", "volume[/]"}},
		"a directory of the host in hand": {with(func(r *observe.Record) { r.Stray = "descriptor 3 on /home/u" }), []string{"volume[/]"}},
		"in a user namespace below":       {with(func(r *observe.Record) { r.Namespaces["user"] = "user:[3]"; r.Status = bareStatus(r.Status) }), nil},
	} {
		s, err := observe.Container(first, observe.Processes{Others: []observe.Process{{PID: 4711, TID: 4711, Name: "sh", Record: c.rec}}, Seen: 2}, in)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		var got []string
		for _, d := range container.Diff(plan, s) {
			got = append(got, d.Path.String())
			if m, _ := s.MarkOf(d.Path); m.By != strings.TrimSuffix("process 4711 (sh), "+c.rec.Stray, ", ") {
				t.Errorf("%s: %s is blamed on %q", what, d.Path, m.By)
			}
		}
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: differs in %q, want %s", what, got, w)
			}
		}
		if len(c.want) == 0 && len(got) > 0 {
			t.Errorf("%s: %q", what, got)
		}
	}
	in.Audit, in.Planned = true, nil
	nested := with(func(r *observe.Record) { r.Namespaces["user"] = "user:[3]"; r.Status = bareStatus(r.Status) })
	s, err := observe.Container(first, observe.Processes{Others: []observe.Process{{PID: 1, TID: 1, Record: nested}}}, in)
	if caps, _, _ := container.Capabilities.Get(s); err != nil || len(caps) < 30 {
		t.Errorf("an audit passes over a user namespace below: %q, %v", caps, err)
	}
	s, err = observe.Container(with(func(r *observe.Record) { r.Status = bareStatus(r.Status) }), observe.Processes{Others: []observe.Process{{PID: 1, TID: 1, Record: first}}}, in)
	if nnp, _, _ := container.NoNewPrivileges.Get(s); err != nil || nnp {
		t.Errorf("a process betters what the first one shows: %v", err)
	}
}

// regexpUid drops the fifth id of a line that got one in front.
func regexpUid(status string) string {
	lines := strings.Split(status, "\n")
	for i, line := range lines {
		if f := strings.Fields(line); len(f) == 6 && f[0] == "Uid:" {
			lines[i] = strings.Join(f[:5], "\t")
		}
	}
	return strings.Join(lines, "\n")
}

// What the configuration grants counts though the first process gave it away.
func TestGrantCounts(t *testing.T) {
	m := func(e container.Evidence) container.Mark { return container.Mark{Evidence: e} }
	grant, kernel, inspect := &container.Spec{}, &container.Spec{}, &container.Spec{}
	container.Privileged.Set(inspect, true, m(container.Inspected))
	container.Capabilities.Set(grant, []string{"sys_admin"}, m(container.OCI))
	container.NoNewPrivileges.Set(grant, false, m(container.OCI))
	container.User.Set(grant, "0:0", m(container.OCI))
	container.ReadOnly.Set(grant, false, m(container.OCI))
	container.VolumeAt.Set(grant, "/host", container.Volume{Source: "/"}, m(container.OCI))
	container.Memory.Set(grant, 0, m(container.OCI))
	container.Privileged.Set(kernel, false, m(container.Kernel))
	container.Capabilities.Set(kernel, nil, m(container.Kernel))
	container.NoNewPrivileges.Set(kernel, true, m(container.Kernel))
	container.User.Set(kernel, "1000:1000", m(container.Kernel))
	container.ReadOnly.Set(kernel, true, m(container.Kernel))
	container.VolumeAt.SetComplete(kernel, m(container.Kernel))
	container.Memory.Set(kernel, 1<<30, m(container.Kernel))
	s, _ := observe.Settle(inspect, grant, kernel)
	var got []string
	for _, set := range container.Settings(s) {
		got = append(got, fmt.Sprintf("%s=%v", set.Path, set.Value))
	}
	for _, want := range []string{"privileged=true", "capabilities=[sys_admin]", "no_new_privileges=false", "user=0:0", "read_only=false", fmt.Sprintf("memory=%d", 1<<30)} {
		if !slices.Contains(got, want) {
			t.Errorf("settled %q, want %s", got, want)
		}
	}
	if _, _, has := container.VolumeAt.Get(s, "/host"); !has {
		t.Error("a mount that was granted and taken away is not told")
	}
}
