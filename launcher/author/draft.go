package author

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/effective"
)

// ordinary is whom a workload runs as whose image says root.
const ordinary = "1000:1000"

// A Draft is what a profile is written of.
type Draft struct {
	Name  string // of the profile
	Ref   string // of the image, as it is run
	Image *effective.Image
	User  string   // UID:GID of the image's USER
	Home  string   // of that user
	Archs []string // further ones that Ref is said to be there for
}

// sheet is a profile being written.
type sheet struct {
	head      []string // lines of [profile.NAME]
	container []string // of [profile.NAME.container]
	why       []string // of [profile.NAME.why]
	problems  []string
}

// set states a setting, with its reason.
func (s *sheet) set(key, value, place, why string) {
	s.container = append(s.container, key+" = "+value)
	s.why = append(s.why, quoted(place)+" = "+quoted(why))
}

// say writes lines of comments.
func (s *sheet) say(lines ...string) {
	for _, line := range lines {
		s.head = append(s.head, "# "+plain(line))
	}
}

// TOML is the profile, each setting with its reason; what is a guess says so.
func (d Draft) TOML() string {
	s := &sheet{}
	for _, write := range []func(*sheet){d.about, d.ports, d.start, d.user, d.scratch} {
		write(s)
	}
	var b strings.Builder
	section := func(header string, lines []string) {
		if len(lines) > 0 {
			b.WriteString("\n" + header + "\n" + strings.Join(lines, "\n") + "\n")
		}
	}
	b.WriteString(d.preface())
	if len(s.problems) > 0 {
		s.head = append(s.head, "problems = [\n\t"+strings.Join(s.problems, ",\n\t")+",\n]")
	}
	section("["+d.key()+"]", s.head)
	section("["+d.key()+".container]", s.container)
	section("["+d.key()+".why]", s.why)
	for _, arch := range d.archs() {
		section("["+d.key()+".arch."+arch+".container]", d.image(arch))
	}
	return b.String()
}

// key is the table of the profile. A name that is none is for the reader to refuse.
func (d Draft) key() string {
	if d.Name != "" && strings.Trim(d.Name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == "" {
		return "profile." + d.Name
	}
	return "profile." + quoted(d.Name)
}

func (d Draft) preface() string {
	name := plain(d.Name)
	return "# Profile " + name + ", drafted of what its image says of itself; the image was not run.\n" +
		"# A GUESS is what the image does not say. The hardening comes from base.\n" +
		"#   zlaunch trial " + name + "   what it writes, where it listens, what it is refused\n" +
		"#   zlaunch plan " + name + "    every setting, with its origin and its reason\n" +
		"schema = 1\n"
}

// title and description are the labels by which images tell what they are; see the
// annotations of the OCI image specification.
const (
	title       = "org.opencontainers.image.title"
	description = "org.opencontainers.image.description"
)

func (d Draft) about(s *sheet) {
	about, from := plain(d.Image.Labels[description]), "the image's label "+description
	if about == "" {
		about, from = plain(d.Image.Labels[title]), "the image's label "+title
	}
	if about == "" {
		about, from = d.Ref, "GUESS: the image has no label that tells"
	}
	s.head = append(s.head, `extends = "base"`, "about   = "+quoted(about)+" # "+from)
}

// ports writes what the workload is: with exposed ports a server, else a job.
func (d Draft) ports(s *sheet) {
	numbers, others := tcp(d.Image.Exposed)
	if more := len(numbers) - maxPorts; more > 0 {
		s.say(fmt.Sprintf("The image exposes %d more ports, which are left out.", more))
		numbers = numbers[:maxPorts]
	}
	if len(others) > 0 {
		s.say("Not published, since they are no ports of TCP: " + strings.Join(others[:min(len(others), maxPorts)], " "))
	}
	if len(numbers) == 0 {
		s.head = append(s.head, `kind    = "job" # GUESS: the image exposes no port`)
		return
	}
	list, publish := named(numbers), []string(nil)
	for _, p := range list {
		if p.number >= firstOpen {
			publish = append(publish, quoted(p.name))
			continue
		}
		s.problems = append(s.problems, quoted(fmt.Sprintf("Port %d is below %d: no ordinary user binds it, here or in the container. Have it listen higher, and give this profile that port.", p.number, firstOpen)))
	}
	s.head = append(s.head, `kind    = "server" # GUESS: the image exposes ports`,
		"ports   = "+portTable(list)+" # the image's own; the names are a GUESS")
	if len(publish) > 0 {
		s.head = append(s.head, "publish = ["+strings.Join(publish, ", ")+"] # on 127.0.0.1; leave out what nobody calls")
	}
	s.say("Fill in what answers 200 once it serves, so that a run waits for it:",
		fmt.Sprintf(`ready = { port = "%s", path = "/", within = "2m" }`, list[0].name))
}

// firstOpen is the lowest port that a process without capabilities binds: the default
// of net.ipv4.ip_unprivileged_port_start (ip-sysctl of the kernel).
const firstOpen = 1024

// start tells what is started, which is the image's.
func (d Draft) start(s *sheet) {
	if argv := slices.Concat(d.Image.Entrypoint, d.Image.Cmd); len(argv) > 0 {
		s.say("The image starts: " + list(argv[:min(len(argv), 16)]))
	}
}

// user states the identity in numbers: never root.
func (d Draft) user(s *sheet) {
	user, home := d.User, d.Home
	uid, _, _ := strings.Cut(user, ":")
	switch {
	case uid == "0" || uid == "":
		user, home = ordinary, ""
		s.set("user", quoted(user), "user", "GUESS: the image says root, which a server does not need (ZL-301)")
		s.problems = append(s.problems, quoted("The image is made to run as root. As "+ordinary+" it may be refused files that are root's: zlaunch trial tells which."))
	default:
		s.set("user", quoted(user), "user", "the image's own user, in numbers: "+cmp.Or(d.Image.User, user))
	}
	if !d.sets("HOME") && (home == "" || home == "/" || inSystem(home) || strings.HasPrefix(home, "/nonexistent")) {
		s.set("env.HOME", quoted("/tmp"), "env HOME", "GUESS: this user has no home in the image; caches and settings go to the sized scratch")
	}
}

// sets tells whether the image sets a variable.
func (d Draft) sets(name string) bool {
	return slices.ContainsFunc(d.Image.Env, func(e string) bool { return strings.HasPrefix(e, name+"=") })
}

// maxVolumes bounds the volumes of a draft.
const maxVolumes = 16

// scratch gives each VOLUME of the image a tmpfs; the usual scratch stands in base.
func (d Draft) scratch(s *sheet) {
	var left []string
	n := 0
	for _, at := range d.Image.Volumes {
		switch {
		case mountable(at) && inScratch(at):
		case !mountable(at) || n == maxVolumes:
			left = append(left, at)
		default:
			n++
			s.set("tmpfs."+quoted(at), `{ size = "64m", mode = "1777" }`, "tmpfs "+at,
				"a VOLUME of the image, which it writes to: sized, and nothing in it runs; the size is a GUESS (ZL-503, ZL-504)")
		}
	}
	if n > 0 {
		s.problems = append(s.problems, quoted("What is written to the image's volumes is gone with the container."))
	}
	if len(left) > 0 {
		s.say(fmt.Sprintf("%d volumes of the image get nothing, where no tmpfs can be: %s", len(left), list(left[:min(len(left), 4)])))
	}
}

// archs are those that the profile has an image for, sorted.
func (d Draft) archs() []string {
	out := append([]string{d.Image.Arch}, d.Archs...)
	slices.Sort(out)
	return slices.Compact(out)
}

// image names the image for an architecture: the one that is here by its digest.
func (d Draft) image(arch string) []string {
	line := "image = "
	switch pin := d.Image.Pin(d.Ref); {
	case arch != d.Image.Arch:
		return []string{"# GUESS: not here and not looked at. Pin it: NAME@sha256:...", line + quoted(d.Ref)}
	case pin != "":
		return []string{line + quoted(pin) + " # " + plain(d.Ref)}
	case strings.HasPrefix(d.Ref, "localhost/"):
		return []string{line + quoted(d.Ref) + " # made on this host; by its digest once a registry has it", `pull = "never" # no registry has it (ZL-907)`}
	}
	return []string{"# No digest is known of it. Pin it: NAME@sha256:...", line + quoted(d.Ref)}
}
