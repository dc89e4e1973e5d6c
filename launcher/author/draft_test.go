package author

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

const digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func nginx() Draft {
	return Draft{Name: "web", Ref: "docker.io/library/nginx:1.27", User: "0:0", Home: "/root", Image: &effective.Image{
		Arch: "amd64", Exposed: []string{"53/udp", "80/tcp", "8080/tcp"}, Volumes: []string{"/etc/nginx", "/tmp/x", "/var/cache/nginx"},
		Entrypoint: []string{"/docker-entrypoint.sh"}, Cmd: []string{"nginx", "-g", "daemon off;"},
		RepoDigests: []string{"docker.io/library/nginx@" + digest},
		Labels:      map[string]string{description: "serves files"},
	}}
}

// read is the catalog with a draft in it. What is wrong with the draft fails the test, as
// does a character in it that does not print.
func read(t *testing.T, d Draft) (*profile.Catalog, string) {
	t.Helper()
	text := d.TOML()
	if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }); i >= 0 {
		t.Fatalf("at %d there is what does not print: %q", i, text)
	}
	sources, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	sources = append(sources, profile.Source{Layer: container.LayerUser, File: "draft.toml", Data: []byte(text)})
	for _, f := range profile.Validate(sources, "draft.toml", time.Now(), plan.Anywhere).Faults {
		t.Errorf("line %d: %s\n%s", f.Line, f.Message(), text)
	}
	return profile.Assemble(sources), text
}

// A draft says what the image says: ports by their names, numbers for the user, its
// volumes, its digest; what it cannot take over it tells of.
func TestDraft(t *testing.T) {
	d := nginx()
	d.Archs = []string{"s390x"}
	c, text := read(t, d)
	p, err := c.Resolve("web", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind != "server" || p.About != "serves files" || !slices.Equal(p.Publish, []string{"http-8080"}) || !slices.Equal(p.Ports, []profile.Port{{Name: "http", Number: 80}, {Name: "http-8080", Number: 8080}}) {
		t.Errorf("%s %q publishes %v of %v", p.Kind, p.About, p.Publish, p.Ports)
	}
	image, _, _ := container.Image.Get(p.Stated)
	user, m, _ := container.User.Get(p.Stated)
	if image != "docker.io/library/nginx@"+digest || user != "1000:1000" || !strings.Contains(m.Why, "root") {
		t.Errorf("image %s as %s, because %s", image, user, m.Why)
	}
	if got, want := container.TmpfsAt.Keys(p.Stated), []string{"/run", "/tmp", "/var/cache/nginx", "/var/tmp"}; !slices.Equal(got, want) {
		t.Errorf("tmpfs at %v, want %v", got, want)
	}
	if problems := strings.Join(p.Problems, "\n"); !strings.Contains(problems, "root") || !strings.Contains(problems, "Port 80") || !strings.Contains(problems, "gone") {
		t.Errorf("problems: %s", problems)
	}
	for _, want := range []string{"53/udp", `["/etc/nginx"]`, `"daemon off;"`, "# ready = ", "GUESS"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if far, err := c.Resolve("web", "s390x"); err != nil {
		t.Error(err)
	} else if ref, _, _ := container.Image.Get(far.Stated); ref != d.Ref {
		t.Errorf("on s390x it is %s", ref)
	}
}

// An image that says nothing makes a job; the user of one that has a user stays its own.
func TestDraftOfLittle(t *testing.T) {
	d := Draft{Name: "job", Ref: "localhost/job:1", User: "1001:0", Home: "/home/ibm-user", Image: &effective.Image{Arch: "s390x", User: "ibm-user"}}
	c, text := read(t, d)
	p, err := c.Resolve("job", "s390x")
	if err != nil {
		t.Fatal(err)
	}
	user, _, _ := container.User.Get(p.Stated)
	pull, _, _ := container.Pull.Get(p.Stated)
	if _, _, home := container.Env.Get(p.Stated, "HOME"); p.Kind != "job" || user != "1001:0" || pull != "never" || home || len(p.Problems) > 0 {
		t.Errorf("%s as %s, pull %s, problems %v:\n%s", p.Kind, user, pull, p.Problems, text)
	}
}

// Whatever an image says of itself, what is written parses as the one profile that is
// meant, and nothing stands against it.
func FuzzDraft(f *testing.F) {
	f.Add("a\"]\n[profile.base.container]\nprivileged = true\n#", "80/tcp,65536,-1/tcp,8080/tcp\n,x", "/a\nb,/data,/,/usr/lib,/a:b,/..", "\x1b[31m\\", "ibm\nuser")
	f.Add("\u202e''' \"\"\" \x00", "", "/var/lib/x\"y,/var/lib/x\\y,//,/tmp,/tmp2", "HOME=/x", "")
	f.Fuzz(func(t *testing.T, label, exposed, volumes, start, user string) {
		d := Draft{Name: "drafted", Ref: "localhost/x:1", User: "1000:1000", Home: start, Image: &effective.Image{
			Arch: "amd64", User: user, Labels: map[string]string{description: label, title: start}, Env: []string{start},
			Exposed: strings.Split(exposed, ","), Volumes: strings.Split(volumes, ","), Entrypoint: []string{start, label}}}
		c, text := read(t, d)
		p, err := c.Resolve("drafted", "amd64")
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if n := len(c.Runnable(container.LayerUser)); n != 1 {
			t.Errorf("%d profiles come of\n%s", n, text)
		}
		if uid, _, _ := container.User.Get(p.Stated); uid != d.User {
			t.Errorf("it runs as %s:\n%s", uid, text)
		}
		if privileged, _, _ := container.Privileged.Get(p.Stated); privileged {
			t.Errorf("it is privileged:\n%s", text)
		}
	})
}
