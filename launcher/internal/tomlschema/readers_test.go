package tomlschema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/internal/schematest"
	"github.com/zlaunch/zlaunch/launcher/internal/tomlschema"
	"github.com/zlaunch/zlaunch/launcher/lockfile"
	"github.com/zlaunch/zlaunch/launcher/stack"
)

// agree holds an editor against a reader: each text is taken by both, or by neither.
func agree(t *testing.T, editor, reader func(string) error, takes bool, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if a, b := editor(text), reader(text); (a == nil) != takes || (b == nil) != takes {
			t.Errorf("%s\nis to be taken: %t; schema: %v, reader: %v", text, takes, a, b)
		}
	}
}

func TestDescription(t *testing.T) {
	reads := func(text string) error {
		for _, f := range bundle.Description(fstest.MapFS{"bundle.toml": {Data: []byte(text)}}) {
			return f.Err
		}
		return nil
	}
	e := schematest.Editor(t, bundle.JSONSchema)
	const least = "name = 'fraud'\nversion = '1.0.0'\n"
	agree(t, e, reads, true, least, least+"requires = '1.2.0'", least+"requires = ''", least+"changelog = 'it is – new'", "name = 'a'\nversion = '0.1.0-rc.1+b.7'")
	agree(t, e, reads, false, "", "name = 'fraud'", "version = '1.0.0'", least+"more = 1", least+"NAME = 'x'", least+"[policy]\nx = 1", "name = 'Fraud'\nversion = '1.0.0'",
		"name = 'a/b'\nversion = '1.0.0'", "name = '"+strings.Repeat("a", 64)+"'\nversion = '1.0.0'", "name = 'a'\nversion = '1.0'", "name = 'a'\nversion = 'v1.0.0'",
		"name = 'a'\nversion = 1", least+"requires = '2'", least+"changelog = '"+strings.Repeat("a", 1025)+"'", least+"changelog = ['a']")
}

func TestLock(t *testing.T) {
	reads := func(text string) error { _, err := lockfile.Parse([]byte(text)); return err }
	e := schematest.Editor(t, lockfile.JSONSchema)
	const head, digest = "schema = 'zlaunch.dev/lock/v1'\n", "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const signer = "signer = { key = 'SHA256:0123456789012345678901234567890123456789012' }\n"
	const bare = head + "[[bundle]]\nname = 'fraud'\nref = 'dir:/media/fraud'\ndigest = '" + digest + "'\nversion = '1.0.0'\nprofiles = ['fraud']\n"
	const least = bare + signer
	const image = "[[bundle.image]]\nref = 'reg.example/a:1'\narch = 's390x'\ndigest = '" + digest + "'\n"
	change := func(old, by string) string { return strings.Replace(least+image, old, by, 1) }
	const outline = "[[bundle.outline]]\nname = 'fraud'\nfile = 'a.toml'\n"
	said := func(more string) string { return least + outline + more + "\n" }
	agree(t, e, reads, true, said(""), said("extends = 'a/b'\nabout = 'it – is'\nkind = 'job'\nowner = 'a'\ndeprecated = 'b'\narchs = ['s390x']"), bare+"requires = '1.2.0'\n"+signer)
	agree(t, e, reads, false, said("extends = 'a/b/c'"), said("kind = 'demon'"), said("archs = ['vax']"), said("archs = 's390x'"), said("image = 'a:1'"), said("about = '"+strings.Repeat("a", 4097)+"'"),
		strings.Replace(said(""), "'a.toml'", "'../a.toml'", 1), strings.Replace(said(""), "name = 'fraud'\nfile", "file", 1), bare+"requires = '2'\n"+signer)
	agree(t, e, reads, true, head, least, bare+"unsigned = 'a trial'", least+image, change("{ key", "{ principal = 'ann@example.org', key"), change("dir:/media", "oci://reg.example"))
	agree(t, e, reads, false, "", "schema = 'zlaunch.dev/lock/v2'\n", head+"more = 1", head+"[policy]\nx = 1", bare, least+"colour = 'red'", change("'fraud'\nref", "'../x'\nref"),
		change("dir:", "https:"), change(digest, digest[:40]), change("1.0.0", "1"), change("['fraud']", "[]"), change("['fraud']", "['A']"), change("SHA256:0", "SHA256:"),
		change("s390x", "riscv64"), change("'reg.example/a:1'", "''"), change("arch", "architecture"), change("name", "nom"))
}

func TestStack(t *testing.T) {
	reads := func(text string) error { _, err := stack.Parse("/srv/s.toml", []byte(text)); return err }
	e := schematest.Editor(t, stack.JSONSchema)
	const head, member = "schema = 1\n", "[member.web]\nprofile = 'triton'\n"
	const least = head + member
	const net = "[network.n]\ninternal = true\n[network.edge]\n"
	agree(t, e, reads, true, least, "name = 'shop-2'\nabout = 'it – is'\n"+least, head+net+member+"networks = ['n', 'edge']\npublish = ['127.0.0.1:80:http']", least+"env = {A = 'b', c = '{web.host}'}",
		least+"[member.b]\nprofile = 'x/y'\nafter = ['web']", least+"models = 'm'\noutput = '/o'\nsecrets = ['a']\ngpu = ['all']\nmemory = '8g'\ncpus = 1.5\nargs = ['-x']", least+"cpus = 2",
		least+"[gateway]\nbackend = 'web'", least+"[gateway]\nbackend = 'web'\ntokens = true\n[gateway.jwt]\nkeys = ['a']\nalgorithm = 'ES256'\nissuer = 'a'\naudience = 'b'\n[gateway.limits]\nrate = 5",
		"name = ''\n"+least, head+"[member."+strings.Repeat("a", 24)+"]\nprofile = 'p'")
	agree(t, e, reads, false, "", head, member, "schema = 2\n"+member, "schema = '1'\n"+member, head+"[member]\n", head+"[member.web]\n", head+"[member.web]\nprofile = ''", "more = 1\n"+least,
		"name = 'A'\n"+least, head+"[member.A]\nprofile = 'p'", head+"[member."+strings.Repeat("a", 25)+"]\nprofile = 'p'", head+"[network.-a]\n"+member+"networks = ['-a']", head+"[network.n]\nx = 1\n"+member+"networks = ['n']",
		head+"[network.n]\ninternal = 'yes'\n"+member+"networks = ['n']", least+"waive = ['ZL-104=x']", least+"gateway = 'web'", least+"[gateway]", least+"[gateway]\nbackend = 'web'\nx = 1", least+"[gateway]\nbackend = 'web'\n[gateway.jwt]\nkeys = ['a']\nalgorithm = 'HS256'\nissuer = 'a'\naudience = 'b'",
		least+"[gateway]\nbackend = 'web'\nlimits = 5", least+"env = ['A=b']", least+"env = {A = 1}", least+"after = 'web'", least+"cpus = '2'", least+"memory = 8")
}

// What nothing is said of, and what is said of nothing, is no schema.
func TestKeysAndTypes(t *testing.T) {
	type file struct {
		A string   `toml:"a"`
		B []string `toml:"b,omitempty"`
	}
	all := func() tomlschema.Keys { return tomlschema.Keys{"": {}, "a": {}, "b": {}, "b[]": {}} }
	if _, err := all().Of(file{}); err != nil {
		t.Error(err)
	}
	more, less := all(), all()
	more["c"] = tomlschema.Key{}
	delete(less, "b[]")
	for _, k := range []tomlschema.Keys{more, less} {
		if _, err := k.Of(file{}); err == nil {
			t.Errorf("%v fits", k)
		}
	}
}
