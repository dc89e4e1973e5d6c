package profile_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// What is wrong is named with its file, its profile and its key.
func TestErrors(t *testing.T) {
	const head = "[profile.srv]\nextends = \"srv\"\n"
	for name, tt := range map[string]struct{ near, want, hint string }{
		"unknown option":     {head + "container.capdrop = ['all']", "reading profiles.toml: profile srv: container.capdrop: unknown key, did you mean cap_drop?", "zlaunch help profile"},
		"dash for underline": {head + "container.cap-drop = ['all']", "did you mean cap_drop?", ""},
		"another tool":       {head + "container.command = ['x']", "did you mean args?", ""},
		"a policy in it":     {"[policy]\nx = 1\n", "policy belongs into /etc/zlaunch/policy.d", "let root write it"},
		"trust in it":        {head + "trust.signer = 'x'", "policy belongs into /etc/zlaunch/policy.d", ""},
		"an approval in it":  {head + "waiver = [{ control = 'ZL-102', approved_by = 'me' }]", "policy belongs into /etc/zlaunch/policy.d", ""},
		"unknown word":       {head + "abuot = 'x'", "abuot: unknown key, did you mean about?", "known here: about, arch, behind_gateway"},
		"unknown arch":       {head + "arch.x86_64.about = 'x'", "arch.x86_64: unknown key, did you mean amd64?", ""},
		"unknown in element": {head + "container.tmpfs.'/t' = { sise = '1m' }", "container.tmpfs./t.sise: unknown key, did you mean size?", ""},
		"publish inside":     {head + "container.publish = ['x']", "publish above the container table", ""},
		"name inside":        {head + "container.name = 'x'", "--name on the command line", ""},
		"option outside":     {head + "memory = '8g'", "memory: unknown key, did you mean container.memory?", ""},
		"word inside":        {head + "container.ready = {}", "did you mean ready above the container table?", ""},
		"derived row":        {head + "container.uid_map = 'x'", "container.uid_map: unknown key", ""},
		"escape hatch":       {head + "container.podman_args = ['--privileged']", "--podman-arg on the command line", ""},
		"unknown top key":    {"profiles = 1", "profiles: unknown key, did you mean profile?", ""},
		"arch in arch":       {head + "arch.arm64.arch.amd64.about = ''", "arch.arm64.arch: unknown key", ""},
		"extends in arch":    {head + "arch.arm64.extends = 'x'", "arch.arm64.extends: unknown key", ""},

		"number for string":  {head + "container.user = 1000", "container.user: wants a string in quotes, got 1000", ""},
		"string for bool":    {head + "container.read_only = 'yes'", "container.read_only: wants true or false", ""},
		"string for table":   {head + "ports = 'http'", "ports: wants a table, got the string", ""},
		"bad size":           {head + "container.memory = '8 gallons'", "container.memory: wants a size", ""},
		"zero size":          {head + "container.memory = 0", "container.memory: wants a size", ""},
		"unlimited memory":   {head + "container.memory = -1", "container.memory: wants a size", ""},
		"mode as number":     {head + "container.tmpfs.'/t' = { size = '1m', mode = 1777 }", "mode: wants an octal mode in quotes", ""},
		"bare systemd false": {head + "container.systemd = false", "container.systemd: wants a string in quotes, got false", ""},
		"limit upside down":  {head + "container.ulimit.nofile = '20:10'", "soft not above hard", ""},
		"not a limit":        {head + "container.ulimit.memory = 1", "is not a limit such as nofile", ""},
		"NaN":                {head + "container.cpus = nan", "container.cpus: wants a positive number", ""},
		"bad kind":           {head + "kind = 'daemon'", `kind: "daemon" is none of job, notebook, server, shell`, ""},
		"bad port":           {head + "ports.http = 65536", "ports.http: wants a number from 1 to 65535", ""},
		"bad duration":       {head + "ready.within = '2 minutes'", "ready.within: wants a duration", ""},
		"bad date":           {head + waiver("expires = '2027-03-31'"), "waiver[0].expires: wants a date", ""},
		"bad digest":         {head + "models.digest = 'sha256:9f2b'", "models.digest:", ""},
		"http link":          {head + "docs = 'http://x'", "is not an https link", ""},

		"path with ..":        {head + "container.workdir = '/a/../b'", "is not a clean absolute path", ""},
		"relative path":       {head + "models.at = 'models'", "is not a clean absolute path", ""},
		"root as target":      {head + "container.tmpfs.'/' = { size = '1m' }", "is not a clean absolute path", ""},
		"colon in target":     {head + "container.volume.'/a:rw' = { source = '/x' }", "is not a clean absolute path", ""},
		"option as image":     {head + "container.image = '--privileged'", "is not an image reference", ""},
		"option as network":   {head + "container.network = ['--x']", "is not a network", ""},
		"newline":             {head + `about = "a\nb"`, "about: holds the character U+000A", ""},
		"ANSI escape":         {head + `about = "\u001b[2J"`, "about: holds the character U+001B", ""},
		"bidirectional":       {head + `about = "\u202Eevil"`, "about: holds the character U+202E", ""},
		"NUL in list":         {head + `container.args = ["a\u0000"]`, "holds the character U+0000", ""},
		"ANSI in a key":       {head + `"\u001b[2J" = 1`, `\x1b[2J`, ""},
		"newline in env name": {head + `container.env."A\nB" = "x"`, "is not a variable name", ""},
		"long string":         {head + "about = '" + strings.Repeat("x", 5000) + "'", "longer than 4096 bytes", ""},

		"profile name":       {"[profile.'../x']", "is not a profile's name", ""},
		"redefined":          {"[profile.srv]\nkind='job'", "profile srv is already defined in profiles/far.toml, and this one does not extend it", `extends = "srv"`},
		"redefined as other": {"[profile.srv]\nextends='base'", "already defined in profiles/far.toml", ""},
		"extends nothing":    {"[profile.x]\nextends='tritn'", `profile x: extends: no profile "tritn"`, "zlaunch list"},
		"extends nearly":     {"[profile.x]\nextends='srw'", `no profile "srw"`, "did you mean srv?"},
		"extends itself":     {"[profile.x]\nextends='x'", "extends itself, and no farther file defines it", ""},
		"circle":             {"[profile.x]\nextends='y'\n[profile.y]\nextends='x'", "extends itself in a circle: x (profiles.toml) -> y (profiles.toml) -> x (profiles.toml)", ""},
		"base in a circle":   {"[profile.base]\nextends='base'\n[profile.x]\nextends='x'", "extends itself", ""},
		"extends removed":    {"[profile.x]\nextends=false", "every profile extends one", ""},

		"waiver without reason":  {head + "[[profile.srv.waiver]]\ncontrol='ZL-503'\nowner='x'\nexpires=2027-01-01", "gives no reason", ""},
		"waiver without owner":   {head + "[[profile.srv.waiver]]\ncontrol='ZL-503'\nreason='x'\nexpires=2027-01-01", "names no owner", ""},
		"waiver without end":     {head + "[[profile.srv.waiver]]\ncontrol='ZL-503'\nreason='x'\nowner='x'", "does not expire", ""},
		"waiver of nothing":      {head + "[[profile.srv.waiver]]\nreason='x'", "names no control", ""},
		"waiver of a word":       {head + strings.ReplaceAll(waiver(""), "ZL-503", "all"), "waiver[0].control:", ""},
		"waiver at a typo":       {head + waiver("at='tmpsf /tmp'"), "did you mean tmpfs?", ""},
		"waiver twice":           {head + waiver("") + waiver(""), "a second waiver of ZL-503", ""},
		"why of nothing":         {head + "why.reed_only = 'x'", "did you mean read_only?", ""},
		"why of a whole table":   {head + "why.tmpfs = 'x'", "is not a clean absolute path", ""},
		"why of a scalar's part": {head + "why.'memory /x' = 'x'", "memory has no elements", ""},

		"deep brackets": {"a = " + strings.Repeat("[", 100000), "nested deeper than 16", ""},
		"deep braces":   {"a = " + strings.Repeat("{a=", 100000), "nested deeper than 16", ""},
		"deep key":      {strings.Repeat("a.", 100000) + "a = 1", "nested deeper than 16", ""},
		"large file":    {strings.Repeat("#\n", 1<<20), "larger than 1048576 bytes", ""},
		"not TOML":      {"[profile", "reading profiles.toml: toml:", ""},
		"a key twice":   {head + "about='a'\nabout='b'", "already been defined", ""},
		"invalid UTF-8": {head + "about='\xff'", "reading profiles.toml: toml:", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(string(tt.near))
			check(t, err, tt.want, tt.hint)
		})
	}
}

func check(t *testing.T, err error, want, next string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(hint.Of(err), next) {
		t.Fatalf("got  %v\nhint %s\nwant %s (%s)", err, hint.Of(err), want, next)
	}
	for _, r := range err.Error() + hint.Of(err) {
		if !unicode.IsPrint(r) {
			t.Errorf("the error holds %U: %q", r, err)
		}
	}
	if len(err.Error()) > 6000 {
		t.Errorf("the error is %d bytes long", len(err.Error()))
	}
}

func waiver(more string) string {
	keys := "control='ZL-503'\nreason='x'\nowner='x'\n"
	if !strings.HasPrefix(more, "expires") {
		keys += "expires=2027-01-01\n"
	}
	return "[[profile.srv.waiver]]\n" + keys + more + "\n"
}

// What only shows once files are put together is found when it is resolved.
func TestResolveErrors(t *testing.T) {
	for name, tt := range map[string]struct{ near, name, arch, want, hint string }{
		"unknown name":     {"", "srvv", "amd64", `no profile "srvv"`, "did you mean srv?"},
		"hostile name":     {"", "\x1b[2J", "amd64", `no profile "`, "zlaunch list"},
		"no such image":    {"[profile.x]\nkind='job'\narch.s390x.container.image='x'\narch.arm64.container.image='x'", "x", "amd64", "profile x names no image for amd64, only for arm64, s390x", "--image"},
		"no image at all":  {"[profile.x]\nkind='job'", "x", "amd64", "profile x names no image", "--image"},
		"base":             {"", "base", "amd64", "profile base names no image", "zlaunch list"},
		"no kind":          {"[profile.x]\ncontainer.image='x'", "x", "amd64", "kind: there is none", ""},
		"publish unknown":  {"[profile.x]\nextends='srv'\npublish=['grpc']", "x", "amd64", "publish: grpc is no name in ports", ""},
		"ready closed":     {"[profile.x]\nextends='srv'\nports.http=false\npublish=[]", "x", "amd64", `ready.port: "http" is no name in ports`, ""},
		"models nowhere":   {"[profile.x]\nextends='srv'\nmodels.layout='any'", "x", "amd64", "models.at: there is none", ""},
		"tmpfs no size":    {"[profile.x]\nextends='srv'\ncontainer.tmpfs.'/x'={exec=true}", "x", "amd64", "container.tmpfs /x: has no size", ""},
		"volume no source": {"[profile.x]\nextends='srv'\ncontainer.volume.'/x'={}", "x", "amd64", "container.volume /x: has no source", ""},
		"secret env name":  {"[profile.x]\nextends='srv'\ncontainer.secret.a-b={type='env'}", "x", "amd64", "is not a variable name", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := load(tt.near)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Resolve(tt.name, tt.arch)
			check(t, err, tt.want, tt.hint)
		})
	}
}

// The errors a caller branches on are of their own types.
func TestErrorTypes(t *testing.T) {
	c, err := load("")
	if err != nil {
		t.Fatal(err)
	}
	var unknown *profile.UnknownError
	if _, err := c.Resolve("nobody", "amd64"); !errors.As(err, &unknown) || unknown.Name != "nobody" {
		t.Errorf("got %v", err)
	}
	var none *profile.NoImageError
	if _, err := c.Resolve("base", "amd64"); !errors.As(err, &none) || none.Profile != "base" {
		t.Errorf("got %v", err)
	}
	if p, err := c.ResolveBare("base", "amd64"); err != nil || !p.Stated.ReadOnly {
		t.Errorf("got %v, %v", p, err)
	}
}

func project(near string) (*profile.Catalog, error) {
	return profile.Load([]profile.Source{
		source(container.LayerBuiltIn, "profiles/far.toml", far),
		source(container.LayerUser, "profiles.toml", "schema=1\n[profile.srv]\nextends='srv'\n"+waiver("at='tmpfs /tmp'")),
		source(container.LayerProject, "./profiles.toml", "schema=1\n"+near),
	})
}

func TestProjectCarriesNoWaivers(t *testing.T) {
	_, err := project("[profile.x]\nextends='srv'\n" + strings.ReplaceAll(waiver(""), ".srv.", ".x."))
	check(t, err, "reading ./profiles.toml: profile x: waiver: a project file carries no waivers", "--waive")
	_, err = project("[profile.x]\nextends='srv'\n" + strings.ReplaceAll(waiver(""), ".srv.", ".x.arch.arm64."))
	check(t, err, "arch.arm64.waiver: a project file carries no waivers", "--waive")
}

// A waiver that a project inherits holds only while the project leaves alone
// what it was given for.
func TestProjectInheritsWaivers(t *testing.T) {
	for near, want := range map[string]int{
		"about = 'x'":                         1,
		"container.memory = '1g'":             1,
		"container.image = 'evil:1'":          0,
		"container.entrypoint = ['sh']":       0,
		"container.user = '0:0'":              0,
		"container.tmpfs.'/tmp'.size = '99g'": 0,
		"container.tmpfs.'/x' = {size='1m'}":  1,
		"arch.amd64.container.image = 'x'":    0,
	} {
		c, err := project("[profile.x]\nextends='srv'\n" + near)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Resolve("x", "amd64")
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Waivers) != want {
			t.Errorf("%s: waivers %v, want %d", near, p.Waivers, want)
		}
	}
}

// A project's base changes the project's own profiles and nobody else's.
func TestProjectBaseIsItsOwn(t *testing.T) {
	c, err := project("[profile.base]\nextends='base'\ncontainer.read_only=false\n[profile.x]\nkind='job'\ncontainer.image='x'")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"srv": true, "x": false} {
		p, err := c.Resolve(name, "amd64")
		if err != nil {
			t.Fatal(err)
		}
		if p.Stated.ReadOnly != want {
			t.Errorf("%s: read_only %v", name, p.Stated.ReadOnly)
		}
	}
}

// Waivers merge by control and place; the nearer one of a place replaces.
func TestWaivers(t *testing.T) {
	near := "[profile.team]\nextends='srv'\n" + strings.ReplaceAll(waiver("at='memory'")+waiver("at='tmpfs /tmp'"), ".srv.", ".team.")
	c, err := profile.Load([]profile.Source{
		source(container.LayerBuiltIn, "profiles/far.toml", far+"\n[[profile.srv.waiver]]\ncontrol='ZL-503'\nat='tmpfs /tmp'\nreason='built in'\n[[profile.srv.waiver]]\ncontrol='ZL-301'\nreason='root'\n"),
		source(container.LayerUser, "profiles.toml", "schema=1\n"+near),
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Resolve("team", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range p.Waivers {
		got = append(got, fmt.Sprint(w.Control, " ", w.At, " ", w.Reason, " ", w.Origin.Layer, " ", w.Expires.Format("2006-01-02")))
	}
	want := "ZL-301  root built-in 0001-01-01|ZL-503 memory x user 2027-01-01|ZL-503 tmpfs /tmp x user 2027-01-01"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestSchema(t *testing.T) {
	for data, want := range map[string]string{
		"[profile.x]":                  "schema: there is none",
		"schema = 2":                   "schema: 2 is not 1",
		"schema = '1'":                 "schema: there is none",
		"schema = 1\nprofile = 3":      "profile: wants tables",
		"schema = 1\n[profile]\nx = 3": "profile x: profile.x: wants a table, got 3",
	} {
		_, err := profile.Load([]profile.Source{source(container.LayerUser, "x.toml", data)})
		check(t, err, want, "")
	}
	if _, err := profile.Load([]profile.Source{source(container.LayerUser, "a\nb.toml", "schema = 1")}); err == nil {
		t.Error("a file name with a newline was taken")
	}
}

func TestAll(t *testing.T) {
	c, err := load("[profile.bad]\nextends='srv'\npublish=['x']\n[profile.z]\nextends='srv'\nabout='zed'")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range c.All("arm64") {
		got = append(got, fmt.Sprint(s.Name, " ", s.About, " ", s.Kind, " ", s.Layer, " ", s.Available, " ", s.Err != nil))
	}
	want := "bad   user false true|srv far server built-in true false|z zed server user true false"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{far, served, strings.Replace(served, "GET /v2", "GET /{a}:b", 1), "schema = 1\n[profile.x]\nextends = 'base'\n" + waiver(""), "schema = 1\n[profile.base]\nkind='job'\ncontainer.image='x'\ncontainer.tmpfs.'/x' = false\n", "a=[[[[", "\"\"\"\\"} {
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, project bool) {
		layer := container.LayerUser
		if project {
			layer = container.LayerProject
		}
		built, near := source(container.LayerBuiltIn, "far.toml", far), profile.Source{Layer: layer, File: "near.toml", Data: data}
		c := profile.Assemble([]profile.Source{built, near})
		for _, fault := range profile.Validate([]profile.Source{built, near}, "near.toml", today, nil).Faults {
			check(t, fault, "", "")
			if lines := bytes.Count(data, []byte("\n")) + 1; fault.Line < 0 || fault.Line > lines {
				t.Errorf("line %d of %d: %v", fault.Line, lines, fault)
			}
		}
		for _, s := range c.All("s390x") {
			if s.Err != nil {
				check(t, s.Err, "", "")
			}
		}
		for _, name := range c.Names() {
			p, err := c.Resolve(name, "arm64")
			if err != nil {
				check(t, err, "", "")
				continue
			}
			for _, b := range p.Gateway {
				if err := b.Check(); err != nil || b.Port == 0 || b.Host != "" {
					t.Errorf("%s: %+v: %v", name, b, err)
				}
			}
			for _, set := range container.Settings(p.Stated) {
				if len(set.Mark.Origin) == 0 {
					t.Errorf("%s %s has no origin", name, set.Path)
				}
			}
			if project {
				for _, w := range p.Waivers {
					if w.Origin.Layer == container.LayerProject {
						t.Errorf("a waiver of a project: %v", w)
					}
				}
			}
		}
	})
}
