package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// enforcing tells whether SELinux refuses here what it does not allow.
func enforcing() bool {
	data, err := os.ReadFile("/sys/fs/selinux/enforce")
	return err == nil && strings.TrimSpace(string(data)) == "1"
}

// labelOf is the SELinux label of a file, its user left away.
func labelOf(t *testing.T, path string) string {
	t.Helper()
	buf := make([]byte, 256)
	n, err := unix.Lgetxattr(path, "security.selinux", buf)
	if err != nil {
		t.Fatalf("reading the label of %s: %v", path, err)
	}
	_, label, _ := strings.Cut(strings.TrimRight(string(buf[:n]), "\x00"), ":")
	return label
}

const sharedLabel = "object_r:container_file_t:s0"

// changed is when a file's inode last changed, its label included.
func changed(t *testing.T, path string) unix.Timespec {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Ctim
}

// labelled is two cells over one model, what the model was before, and
// two directories more: private is the first one's by Z, bare has no label.
type labelled struct {
	w                            *world
	first, second                *cell
	model, output, private, bare string
	was                          string // the model's label before the first launch
	born, relabelled             unix.Timespec
	plan                         result // the second cell's, before it ran
}

// TestSELinux looks at labels, and at what the kernel refuses by them.
func TestSELinux(t *testing.T) {
	l := &labelled{}
	if enforcing() {
		l = launchLabelled(t)
	} else {
		need(t)
		l.w = &world{t: t}
		l.first = &cell{w: l.w}
	}
	for _, r := range []struct {
		what string
		show func(p *proof)
	}{
		{"the process has type container_t and two categories of its own", l.process},
		{"root and tmpfs carry the same two categories: no other container's process may use them", l.mounts},
		{"the model gets the label that every container may read, once (:z)", l.shared},
		{"the same model is read by two containers with different categories", l.twoReaders},
		{"the second launch relabels nothing: ctime stays", l.relabelSkipped},
		{"a volume with :Z is the container's alone: another is denied by the kernel", l.alone},
		{"a mount without a label: the kernel denies it to both, and zlaunch's audit of the plan said so (ZL-510)", l.unlabelled},
		{"what the workload writes to --output is the caller's to read, and the next run's", l.written},
		{"a tree that root labelled container_ro_file_t is read as it is", l.readOnlyType},
		{"$HOME, /, /etc and ~/.ssh are refused, and keep their labels", l.guarded},
		{"no option switches the label off", l.noDisable},
	} {
		l.first.row("SELinux", r.what, func(p *proof) {
			if !enforcing() {
				p.lacks("SELinux does not enforce on this host")
			}
			r.show(p)
		})
	}
}

func launchLabelled(t *testing.T) *labelled {
	w := cellWorld(t)
	l := &labelled{w: w, model: w.home("m"), output: w.home("o"), private: w.home("p"), bare: w.home("b")}
	for _, dir := range []string{l.model, l.private, l.bare} {
		if err := os.WriteFile(filepath.Join(dir, "model.bin"), []byte("weights"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(l.model, "model.bin")
	l.was, l.born = labelOf(t, file), changed(t, file)
	l.first = launchCell(w, "zlaunch-se1", l.model, "--output", l.output, "--podman-arg=--volume="+l.private+":/private:ro,nosuid,nodev,Z")
	l.relabelled = changed(t, file)
	others := []string{"--podman-arg=--volume=" + l.private + ":/private:ro,nosuid,nodev", "--podman-arg=--volume=" + l.bare + ":/bare:ro,nosuid,nodev"}
	l.plan = w.zlaunch(append([]string{"audit", "cell", "--all", "--models", l.model}, others...)...)
	l.second = launchCell(w, "zlaunch-se2", l.model, others...)
	return l
}

var containerLabel = regexp.MustCompile(`^system_u:system_r:container_t:(s0:c\d+,c\d+)$`)

// categories are those of the cell's process.
func (c *cell) categories(p *proof) string {
	p.t.Helper()
	label := c.proc(p, "attr/current")
	m := containerLabel.FindStringSubmatch(label)
	if m == nil {
		p.t.Fatalf("the label is %q", label)
	}
	return m[1]
}

func (l *labelled) process(p *proof) {
	own, _ := os.ReadFile("/proc/self/attr/current")
	p.saw("%s: %s; %s: %s; the caller: %s", l.first.name, l.first.proc(p, "attr/current"), l.second.name, l.second.proc(p, "attr/current"), strings.TrimRight(string(own), "\x00"))
	if l.first.categories(p) == l.second.categories(p) {
		p.t.Error("both have the same categories")
	}
}

func (l *labelled) mounts(p *proof) {
	want, found := "container_file_t:"+l.first.categories(p), 0
	for _, m := range strings.Split(l.first.proc(p, "mountinfo"), "\n") {
		f := strings.Fields(m)
		if _, super, _ := strings.Cut(m, " - "); !slices.Contains([]string{"/", "/tmp", "/run", "/var/tmp", "/dev/shm"}, f[4]) || super == "" {
			continue
		}
		found++
		inside := l.first.do(p, "stat", f[4]).text
		p.saw("%s: %s", f[4], inside)
		if !strings.Contains(inside, want) {
			p.t.Errorf("%s is labelled %s, not %s", f[4], inside, want)
		}
	}
	if found != 5 {
		p.t.Errorf("%d of 5 mounts", found)
	}
}

func (l *labelled) shared(p *proof) {
	dir, file := labelOf(p.t, l.model), labelOf(p.t, filepath.Join(l.model, "model.bin"))
	p.saw("before %s; after %s and %s; zlaunch: %s", l.was, dir, file, grep(l.first.said, "zlaunch: labelling"))
	if !strings.Contains(l.was, ":user_home_t:") || dir != sharedLabel || file != sharedLabel {
		p.t.Errorf("before %s, after %s and %s", l.was, dir, file)
	}
	if l.relabelled == l.born || !strings.Contains(l.first.said, "labelling") {
		p.t.Errorf("ctime %v, then %v; zlaunch says %s", l.born, l.relabelled, l.first.said)
	}
}

func (l *labelled) twoReaders(p *proof) {
	for _, c := range []*cell{l.first, l.second} {
		got := c.do(p, "read", "/models/model.bin")
		p.saw("%s (%s) reads %q", c.name, c.categories(p), got.text)
		if got.text != "weights" {
			p.t.Errorf("%s: %s", c.name, got.text)
		}
	}
}

func (l *labelled) relabelSkipped(p *proof) {
	now := changed(p.t, filepath.Join(l.model, "model.bin"))
	p.saw("ctime %d.%09d before, %d.%09d after the first launch, %d.%09d after the second", l.born.Sec, l.born.Nsec, l.relabelled.Sec, l.relabelled.Nsec, now.Sec, now.Nsec)
	if now != l.relabelled || strings.Contains(l.second.said, "labelling") {
		p.t.Errorf("ctime %v, then %v; zlaunch says %s", l.relabelled, now, l.second.said)
	}
	if options := strings.TrimSpace(l.w.podman("inspect", "--format", `{{range .HostConfig.Binds}}{{.}} {{end}}`, l.second.name).stdout); options != "" {
		p.saw("its volumes: %s", options)
	}
}

func (l *labelled) alone(p *proof) {
	label := labelOf(p.t, filepath.Join(l.private, "model.bin"))
	p.saw("labelled %s; %s is %s, %s is %s", label, l.first.name, l.first.categories(p), l.second.name, l.second.categories(p))
	if !strings.HasSuffix(label, "container_file_t:"+l.first.categories(p)) {
		p.t.Errorf("the label is %s", label)
	}
	if got := l.first.do(p, "read", "/private/model.bin"); got.text != "weights" {
		p.t.Errorf("control: its owner reads %s", got.text)
	}
	l.second.denied(p, []string{"EACCES"}, "read", "/private/model.bin")
}

func (l *labelled) unlabelled(p *proof) {
	p.saw("%s is labelled %s", l.bare, labelOf(p.t, l.bare))
	plain := l.w.podman("run", "--rm", "--network", "none", "--userns", "keep-id:uid=1000,gid=1000", "-v", l.bare+":/bare:ro", cellImage, "read", "/bare/model.bin")
	p.saw("podman run, exit %d: %s", plain.code, strings.TrimSpace(plain.stderr))
	if plain.code != 1 || !strings.Contains(plain.stderr, "EACCES") {
		p.t.Errorf("control: podman run ended with %d: %s", plain.code, plain.stderr)
	}
	p.saw("zlaunch audit cell, exit %d: %s", l.plan.code, found(l.plan.stdout, "ZL-510"))
	if !strings.Contains(found(l.plan.stdout, "ZL-510"), "✗") {
		p.t.Errorf("the audit ended with %d: %s%s", l.plan.code, l.plan.stderr, l.plan.stdout)
	}
	l.second.denied(p, []string{"EACCES"}, "read", "/bare/model.bin")
	if got := labelOf(p.t, l.bare); !strings.Contains(got, "user_home_t") {
		p.t.Errorf("it was relabelled: %s", got)
	}
}

// found are the lines of a report that name a control, with the line below each.
func found(report, control string) string {
	var out []string
	lines := strings.Split(report, "\n")
	for i, line := range lines {
		if strings.Contains(line, control) {
			out = append(out, strings.Join(lines[i:min(i+2, len(lines))], " "))
		}
	}
	return strings.Join(out, " ")
}

func (l *labelled) written(p *proof) {
	if got := l.first.do(p, "write", "/output/result"); got.code != 0 {
		p.t.Fatal(got.text)
	}
	file := filepath.Join(l.output, "result")
	text, err := os.ReadFile(file)
	p.saw("result: %s; the caller reads %q", labelOf(p.t, file), text)
	if err != nil || !strings.HasPrefix(labelOf(p.t, file), sharedLabel) {
		p.t.Errorf("another label, or the caller cannot read it: %v", err)
	}
	out, got := l.w.job([]string{"--output", l.output}, "read /output/result")
	p.saw("another run with --output: %s, it reads %q", labelOf(p.t, file), out["read /output/result"].text)
	if out["read /output/result"].text != strings.TrimSpace(string(text)) {
		p.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

func (l *labelled) readOnlyType(p *proof) {
	file := filepath.Join(l.bare, "model.bin")
	if got := l.w.do(l.w.command("chcon", "-R", "-t", "container_ro_file_t", l.bare)); got.code != 0 {
		p.lacks("this policy has no container_ro_file_t, or there is no chcon: %s", got.stderr)
	}
	was := changed(p.t, file)
	out, got := l.w.job([]string{"--models", l.bare}, "read /models/model.bin")
	p.saw("%s: read as %q, ctime the same: %t", labelOf(p.t, file), out["read /models/model.bin"].text, was == changed(p.t, file))
	if out["read /models/model.bin"].text != "weights" || was != changed(p.t, file) {
		p.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

func (l *labelled) guarded(p *proof) {
	home := os.Getenv("HOME")
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err == nil {
		p.t.Cleanup(func() { os.Remove(filepath.Join(home, ".ssh")) })
	}
	before := l.w.settled()
	for _, path := range []string{home, "/", "/etc", filepath.Join(home, ".ssh")} {
		was := labelOf(p.t, path)
		for _, args := range [][]string{{"--models", path}, {"--podman-arg=--volume=" + path + ":/extra:ro,nosuid,nodev,z"}} {
			got := l.w.zlaunch(run(append(append([]string{"job"}, args...), "--", "exit", "0")...)...)
			said, _, _ := strings.Cut(strings.TrimSpace(got.stderr), "\n")
			p.saw("%s (%s), exit %d: %.150s", args[0], labelOf(p.t, path), got.code, said)
			if got.code != 125 || labelOf(p.t, path) != was {
				p.t.Errorf("%q ended with %d, the label %s, then %s: %s", args, got.code, was, labelOf(p.t, path), got.stderr)
			}
		}
	}
	l.w.unchanged(before)
}

func (l *labelled) noDisable(p *proof) {
	for _, option := range []string{"label=disable", "label=type:spc_t", "label=nested"} {
		got := l.w.zlaunch(run("job", "--podman-arg=--security-opt="+option, "--", "exit", "0")...)
		said, _, _ := strings.Cut(strings.TrimSpace(got.stderr), "\n")
		p.saw("%s, exit %d: %.150s", option, got.code, said)
		if got.code != 125 {
			p.t.Errorf("%s ended with %d: %s", option, got.code, got.stderr)
		}
	}
}
