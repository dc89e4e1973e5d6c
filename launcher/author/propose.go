package author

import (
	"cmp"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Filled is the most that a file system in memory held during a trial, in bytes.
type Filled struct {
	At         string
	Used, Size int64
}

// Seen is what a trial run showed of a workload.
type Seen struct {
	Places  []*Place
	Odd     int              // paths written that no profile can name
	More    int              // places beyond those told, or 1 where not all changes were read
	Listens []netip.AddrPort // at most some
	Filled  []Filled
	Refused []Refusal
	Denied  []*Place // the directories of what was refused with "permission denied", as [Place] has them
}

// A Proposal is one change of a profile, the least that lets the workload do what the
// trial saw it do.
type Proposal struct {
	Setting string `json:"setting"` // as plans write it: "tmpfs[/var/log/x]", "ports"
	Line    string `json:"line"`    // of TOML
	Why     string `json:"why"`

	table, key, why string // [profile.NAME.table]; the key in it; place of the reason in its why table, "" beside the value
}

// Propose works out what a profile lacks by what was seen. Advice are the things that no
// setting of a profile mends, each with what to do instead.
func Propose(p *profile.Profile, seen Seen) (out []Proposal, advice []string) {
	pr := &proposing{profile: p, seen: seen}
	for _, step := range []func(){pr.user, pr.written, pr.full, pr.ports, pr.rest} {
		step()
	}
	return pr.out, pr.advice
}

type proposing struct {
	profile *profile.Profile
	seen    Seen
	out     []Proposal
	advice  []string
	owner   string // the user that is proposed; "" none
}

func (pr *proposing) advise(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(pr.advice, text) {
		pr.advice = append(pr.advice, text)
	}
}

// user proposes the one whose home the workload was kept from.
func (pr *proposing) user() {
	own, _, _ := container.User.Get(pr.profile.Stated)
	for _, d := range pr.seen.Denied {
		uid, _, _ := strings.Cut(d.Owner, ":")
		if uid != "" && uid != "0" && d.Owner != own && pr.owner == "" {
			pr.owner = d.Owner
			pr.put("container", "user", "user = "+quoted(d.Owner), "GUESS: it was refused "+d.Dir+", which is the home of this user in the image (ZL-301)", "user")
		}
	}
}

// written proposes a tmpfs for each place that was written to, or that it was refused to
// write to and nobody else owns.
func (pr *proposing) written() {
	places := slices.Clone(pr.seen.Places)
	for _, d := range pr.seen.Denied {
		switch {
		case pr.has(d.Dir):
			pr.advise("it was refused %s, a tmpfs of the run: runc before 1.2 gives a tmpfs the mode of the image's directory below it. Have it write to /tmp, or let everybody write to that directory of the image", d.Dir)
		case pr.owner == "":
			places = append(places, d)
		}
	}
	var taken []string
	for _, p := range places {
		at, whyNot := p.mount()
		switch {
		case whyNot != "" && p.Files == 0:
			pr.advise("it was refused something in %s, which is another's, and %s: have it write elsewhere, by an option or a variable of its own, or change the image", p.Dir, whyNot)
		case whyNot != "":
			pr.advise("%s is written to (%s), but %s: have it write elsewhere, by an option or a variable of its own, or change the image", p.Dir, p.Held(), whyNot)
		}
		for _, dir := range at {
			if !slices.ContainsFunc(taken, func(t string) bool { return within(dir, t) }) {
				taken = append(taken, dir)
				pr.tmpfs(dir, p)
			}
		}
	}
}

// has tells whether the profile lets it write there already.
func (pr *proposing) has(dir string) bool {
	return slices.ContainsFunc(container.TmpfsAt.Keys(pr.profile.Stated), func(at string) bool { return within(dir, at) })
}

func (pr *proposing) tmpfs(at string, p *Place) {
	why := fmt.Sprintf("a trial wrote %s there: sized, and nothing in it runs (ZL-503)", p.Held())
	if p.Files == 0 {
		why = "GUESS: a trial was refused " + at + ": sized, and nothing in it runs (ZL-503)"
	}
	value := fmt.Sprintf(`{ size = "%s", mode = "1777", why = %s }`, rounded(p.Bytes), quoted(why))
	pr.put("container", "tmpfs."+at, "tmpfs."+quoted(at)+" = "+value, why, "")
}

// leastSize is the smallest tmpfs that is proposed.
const leastSize = 16 << 20

// rounded is a size for what held n bytes in a trial, with as much room again: a power
// of two, in MiB.
func rounded(n int64) string {
	size := int64(leastSize)
	for size < 2*n && size < 1<<40 {
		size *= 2
	}
	return fmt.Sprintf("%dm", size>>20)
}

// full proposes more room where a file system in memory was full, or nearly: three
// quarters of it.
func (pr *proposing) full() {
	refused := slices.ContainsFunc(pr.seen.Refused, func(r Refusal) bool { return r.Kind == noSpace })
	for _, f := range pr.seen.Filled {
		if f.Size <= 0 || f.Used < f.Size/4*3 && !(refused && f.Used > f.Size/2) {
			continue
		}
		why := fmt.Sprintf("a trial filled %s of %s", Bytes(f.Used), Bytes(f.Size))
		if f.At == shm {
			pr.put("container", "shm_size", "shm_size = "+quoted(rounded(f.Size)), why+" (ZL-806)", "shm_size")
			continue
		}
		if _, _, ok := container.TmpfsAt.Get(pr.profile.Stated, f.At); ok && mountable(f.At) {
			t, _, _ := container.TmpfsAt.Get(pr.profile.Stated, f.At)
			value := fmt.Sprintf(`{ size = "%s", mode = "%04o", exec = %t, why = %s }`, rounded(f.Size), cmp.Or(t.Mode, 0o1777), t.Exec, quoted(why+" (ZL-503)"))
			pr.put("container", "tmpfs."+f.At, "tmpfs."+quoted(f.At)+" = "+value, why, "")
		}
	}
}

// shm is where shared memory is.
const shm = "/dev/shm"

// ports proposes those that it listens on and the profile does not name.
func (pr *proposing) ports() {
	var numbers []uint16
	var names []string
	list := []port(nil)
	for _, p := range pr.profile.Ports {
		list, names = append(list, port{p.Name, p.Number}), append(names, p.Name)
	}
	inside := 0
	for _, at := range pr.seen.Listens {
		known := slices.ContainsFunc(list, func(p port) bool { return p.number == at.Port() }) || slices.Contains(numbers, at.Port())
		switch {
		case known:
		case at.Addr().IsLoopback():
			inside++
		case len(numbers) < maxPorts:
			numbers = append(numbers, at.Port())
		}
	}
	if inside > 0 {
		pr.advise("it listens on %d ports of its own loopback, which nobody outside reaches: nothing to publish", inside)
	}
	pr.unheard(list)
	if len(numbers) == 0 {
		return
	}
	slices.Sort(numbers)
	fresh := named(numbers, names...)
	list = append(list, fresh...)
	slices.SortFunc(list, func(a, b port) int { return cmp.Compare(a.number, b.number) })
	pr.put("", "ports", "ports = "+portTable(list), fmt.Sprintf("a trial listened on %s as well; publish what is to be called", strings.Trim(fmt.Sprint(numbers), "[]")), "")
}

// unheard tells of ports of the profile on which nobody listens.
func (pr *proposing) unheard(list []port) {
	for _, p := range list {
		at := func(ip bool) func(netip.AddrPort) bool {
			return func(a netip.AddrPort) bool { return a.Port() == p.number && (ip || !a.Addr().IsLoopback()) }
		}
		switch {
		case slices.ContainsFunc(pr.seen.Listens, at(false)):
		case slices.ContainsFunc(pr.seen.Listens, at(true)):
			pr.advise("port %s (%d) is open on its own loopback alone: have it listen on 0.0.0.0, or nothing published reaches it", p.name, p.number)
		case len(pr.seen.Listens) > 0:
			pr.advise("nobody listened on port %s (%d)", p.name, p.number)
		}
	}
}

// rest tells of what it was refused and what was not looked at.
func (pr *proposing) rest() {
	for _, r := range pr.seen.Refused {
		switch r.Kind {
		case cannotBind:
			pr.advise("it was refused a port: below %d no ordinary user binds one. Have it listen higher, and give the profile that port", firstOpen)
		case notPermitted:
			pr.advise("it was refused a right of root's (%s): have the image start as its final user, whose files these are", r.Line)
		case readOnly:
			pr.advise("%s is read-only on purpose: --output is for what should stay", cmp.Or(r.Path, "a mount"))
		}
	}
	if pr.seen.Odd > 0 {
		pr.advise("it wrote %d paths that no profile can name", pr.seen.Odd)
	}
	if pr.seen.More > 0 {
		pr.advise("it wrote to more places than are told here")
	}
}

func (pr *proposing) put(table, key, line, why, place string) {
	setting := strings.TrimPrefix(table+"."+key, ".")
	if elem, ok := strings.CutPrefix(key, "tmpfs."); ok {
		setting = (container.Path{Key: "tmpfs", Elem: elem}).String()
	}
	pr.out = append(pr.out, Proposal{Setting: strings.TrimPrefix(setting, "container."), Line: line, Why: why, table: table, key: key, why: place})
}

// DeniedDirs are the directories of what a workload was refused with "permission denied",
// at most some: whose they are is to be asked.
func DeniedDirs(refused []Refusal) (out []string) {
	for _, r := range refused {
		if dir := path.Dir(r.Path); r.Kind == denied && r.Path != "" && mountable(dir) && !slices.Contains(out, dir) && len(out) < maxPlaces {
			out = append(out, dir)
		}
	}
	return out
}
