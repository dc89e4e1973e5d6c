package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
)

// launchRecord is what zlaunch keeps of a launch.
type launchRecord struct {
	Profile string
	Spec    []setting
}

// setting is one line of a plan, in a record as in zlaunch plan --json.
type setting struct {
	Setting string
	Value   any
	Origin  []origin // of a record
	Origins []origin // of a plan
}

type origin struct{ Layer, File, Key string }

// by tells whether a layer decided a setting.
func (s setting) by(layer string) bool {
	origins := append(s.Origins, s.Origin...)
	return len(origins) > 0 && origins[0].Layer == layer
}

// imageFollows are the settings that an image decides where the profile leaves
// them open, and those worked out of these.
var imageFollows = []string{"image", "pull", "entrypoint", "args", "workdir", "user", "userns", "uid_map", "gid_map", "label[io.zlaunch.plan]"}

// planOwn works out the plan of the built-in profile with its own image, which is
// not here. A launch labels the models, so the plan comes before it.
func (b *builtin) planOwn(mode string) {
	b.t.Helper()
	var plan struct{ Settings []setting }
	b.decode(&plan, b.line("plan", "--json", mode)...)
	b.plan = plan.Settings
}

// samePlan holds what was launched against that plan: every setting of the one is
// in the other with the same value, but for the image and what it alone decides.
func (b *builtin) samePlan(launched launchRecord) {
	b.t.Helper()
	made, same, differ := map[string]setting{}, 0, []string(nil)
	for _, s := range launched.Spec {
		made[s.Setting] = s
	}
	for _, s := range b.plan {
		if s.by("image") && made[s.Setting].Setting == "" {
			continue // its own image is here, too: the demonstration's
		}
		switch got, ok := made[s.Setting]; {
		case !ok:
			b.t.Errorf("the profile plans %s = %v, and the launch did not", s.Setting, s.Value)
		case reflect.DeepEqual(got.Value, s.Value), strings.HasPrefix(s.Setting, "env[") && got.Value == "********" && s.by("built-in"):
			same++ // a plan shows the variables that a profile wrote, a record none
		case !b.mayFollow(s):
			b.t.Errorf("the profile plans %s = %v, and launched was %v by %v", s.Setting, s.Value, got.Value, got.Origin)
		default:
			differ = append(differ, s.Setting)
		}
		delete(made, s.Setting)
	}
	for _, s := range made {
		if len(s.Origin) > 0 && !slices.Contains([]string{"image", "derived", "engine", "host"}, s.Origin[0].Layer) && s.Setting != "interactive" {
			b.t.Errorf("launched was %s = %v by %v, which the profile does not plan", s.Setting, s.Value, s.Origin)
		}
	}
	if same < 30 || !slices.Contains(differ, "image") {
		b.t.Errorf("only %d settings are the same, and %q differ", same, differ)
	}
	b.p.saw("%d settings as the profile plans them with its own image; %s differ", same, strings.Join(differ, ", "))
}

// mayFollow tells whether the swapped image may decide a setting that the plan has
// otherwise: not where the profile decides it, save for the image itself.
func (b *builtin) mayFollow(s setting) bool {
	if !slices.Contains(imageFollows, s.Setting) {
		return false
	}
	return !s.by("built-in") || s.Setting == "image" || s.Setting == "pull"
}

// pid is the container's first process on this host.
func (b *builtin) pid() string {
	b.t.Helper()
	return strings.TrimSpace(b.podman("inspect", "--format", "{{.State.Pid}}", b.container()).stdout)
}

// workload is the last descendant of a process: with init, the program itself.
func workload(pid string) string {
	for {
		data, _ := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		children := strings.Fields(string(data))
		if len(children) == 0 {
			return pid
		}
		pid = children[0]
	}
}

// examine reads the kernel's record of the running workload and audits it.
func (b *builtin) examine() {
	b.t.Helper()
	pid := workload(b.pid())
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		b.t.Fatal(err)
	}
	for _, want := range []string{"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
		"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(string(status), want+"\n") {
			b.t.Errorf("status lacks %q", want)
		}
	}
	if uid := fmt.Sprintf("Uid:\t%[1]d\t%[1]d\t%[1]d\t%[1]d\n", os.Getuid()); !strings.Contains(string(status), uid) {
		b.t.Errorf("the workload is not the caller on this host: %s", grep(string(status), "Uid"))
	}
	b.p.saw("pid %s: %s", pid, grep(string(status), "Uid", "CapBnd", "NoNewPrivs", "Seccomp:"))
	b.mounts(pid)
	b.audited()
	b.asPlanned()
}

// asPlanned wants the run to be as planned by its own launch record, every setting seen.
func (b *builtin) asPlanned() {
	b.t.Helper()
	got := b.zlaunch("diff", b.container())
	if got.code != 0 || !strings.Contains(got.stdout, " as planned: ") || strings.Contains(got.stdout, "not ") {
		b.t.Errorf("diff ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
	b.p.saw("diff %s: %s", b.container(), grep(got.stdout, "✓", "ok"))
}

// mounts holds mountinfo against what the profile says of tmpfs and shm.
func (b *builtin) mounts(pid string) {
	b.t.Helper()
	info, err := os.ReadFile("/proc/" + pid + "/mountinfo")
	if err != nil {
		b.t.Fatal(err)
	}
	if options := mountOptions(string(info), "/"); !strings.HasPrefix(options, "ro") {
		b.t.Errorf("the root is mounted %s", options)
	}
	if options := mountOptions(string(info), b.shown.Models.At); !strings.HasPrefix(options, "ro,nosuid,nodev") {
		b.t.Errorf("the models are mounted %s", options)
	}
	looked := 0
	for _, s := range b.plan {
		target, ok := strings.CutPrefix(s.Setting, "tmpfs[")
		switch value := s.Value.(type) {
		case map[string]any:
			if exec, size := value["exec"], value["size"]; ok && size != nil {
				b.tmpfs(string(info), strings.TrimSuffix(target, "]"), int64(size.(float64)), exec == true)
				looked++
			}
		case float64:
			if s.Setting == "shm_size" {
				b.tmpfs(string(info), "/dev/shm", int64(value), false)
				looked++
			}
		}
	}
	if looked < 4 {
		b.t.Errorf("only %d tmpfs were looked at", looked)
	}
}

// tmpfs wants a mount of that size, executable or not.
func (b *builtin) tmpfs(mountinfo, target string, size int64, exec bool) {
	b.t.Helper()
	for line := range strings.Lines(mountinfo) {
		before, after, _ := strings.Cut(line, " - ")
		f := strings.Fields(before)
		if len(f) < 6 || f[4] != target {
			continue
		}
		if !strings.HasPrefix(after, "tmpfs ") && !strings.HasPrefix(after, "shm ") || !strings.Contains(after+",", fmt.Sprintf("size=%dk", size>>10)) {
			b.t.Errorf("%s is not a tmpfs of %d KiB: %s", target, size>>10, line)
		}
		if noexec := strings.Contains(f[5], "noexec"); noexec == exec || !strings.Contains(f[5], "nosuid,nodev") {
			b.t.Errorf("%s is mounted %s, and exec should be %v", target, f[5], exec)
		}
		if exec || target == "/dev/shm" {
			b.p.saw("%s %s %s", target, f[5], strings.TrimSpace(after))
		}
		return
	}
	b.t.Errorf("nothing is mounted on %s", target)
}

// audited wants no failure above low that is not waived, and says the waived.
func (b *builtin) audited() {
	b.t.Helper()
	var doc struct {
		Results []struct {
			Score    json.Number
			Findings []struct{ Control, Severity, Verdict, Message string }
		}
	}
	b.decode(&doc, "audit", "--json", "--all", "--waive", "ZL-104=a test host", "--container", b.container())
	count, named := map[string]int{}, []string(nil)
	for _, r := range doc.Results {
		for _, f := range r.Findings {
			count[f.Verdict]++
			if f.Verdict == "fail" && (f.Severity == "high" || f.Severity == "critical") {
				b.t.Errorf("%s, %s: %s", f.Control, f.Severity, f.Message)
			}
			if f.Verdict == "fail" || f.Verdict == "waived" {
				named = append(named, f.Verdict+" "+f.Control+" ("+f.Severity+")")
			}
		}
	}
	if count["pass"] < 40 {
		b.t.Errorf("the audit judged little: %v", count)
	}
	b.p.saw("audit: %d pass, 0 high; %s", count["pass"], strings.Join(named, ", "))
}
