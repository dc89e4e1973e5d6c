package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

var today = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

// Every fault of a file is told, each with its line.
func TestValidate(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want []string // "LINE what it begins with"
	}{
		"fine":                        {"[profile.x]\nextends = 'srv'\n", nil},
		"syntax":                      {"[profile.x]\nextends = 'srv\n", []string{"3 toml: "}},
		"an image without its digest": {"[profile.x]\nextends = 'srv'\ncontainer.image = 'a.example/b@sha256:...'\n", []string{"4 profile x: container.image: \"a.example/b@sha256:...\" is not an image reference"}},
		"a place as plans write it": {"[profile.x]\nextends='srv'\n" + "[[profile.x.waiver]]\ncontrol='ZL-503'\nat='tmpfs[/tmp]'\nreason='x'\nowner='x'\nexpires=2027-01-01\n",
			[]string{`6 profile x: waiver[0].at: "tmpfs[/tmp]" is written "tmpfs /tmp" here`}},
		"header": {"[profiles.x]\n", []string{"2 profiles: unknown key, did you mean profile?"}},
		"all of a profile": {`[profile.x]
extends = "srv"
abuot = "x"

[profile.x.container]
memory = "8 gallons"
capdrop = ["all"]
args = [
  "a", # ]
]
tmpfs."/t" = { size = "1m", sise = 1 }

[profile.x.container.env]
"A B" = "x"
[[profile.x.waiver]]
control = "ZL-503"
reason = "x"
owner = "x"
[[profile.x.waiver]]
control = "all"
`, []string{
			"4 profile x: abuot: unknown key", "7 profile x: container.memory: wants a size", "8 profile x: container.capdrop: unknown key",
			"12 profile x: container.tmpfs./t.sise: unknown key", "15 profile x: container.env.A B:",
			"16 profile x: waiver[0]: does not expire", "21 profile x: waiver[1].control:",
		}},
		"two profiles":     {"[profile.x]\nextends='srv'\nkind=1\n[profile.y]\nextends='srv'\nkind=2\n", []string{"4 profile x: kind", "7 profile y: kind"}},
		"nobody to extend": {"[profile.x]\nabout='x'\nextends='srw'\n", []string{`4 profile x: extends: no profile "srw"`}},
		"redefined":        {"[profile.srv]\nkind='job'\n", []string{"2 profile srv is already defined in profiles/far.toml"}},
		"circle":           {"[profile.x]\nextends='x'\n", []string{"3 profile x extends itself"}},
		"a waiver":         {"[profile.x]\nextends='srv'\n" + strings.ReplaceAll(waiver(""), ".srv.", ".x."), nil},
		"a waiver of nothing": {"[profile.x]\nextends='srv'\n" + strings.NewReplacer(".srv.", ".x.", "503", "999").Replace(waiver("")),
			[]string{"4 profile x: waiver[0]: waiving \"ZL-999\": no such control"}},
		"waivers that are over, and too strong": {"[profile.x]\nextends='srv'\n[[profile.x.waiver]]\ncontrol='ZL-503'\nreason='x'\nowner='x'\nexpires=2026-11-01\n" +
			"[[profile.x.waiver]]\ncontrol='ZL-203'\nreason='x'\nowner='x'\nexpires=2027-01-01\n",
			[]string{"4 profile x: waiver[0]: waiving ZL-503 at team.toml: x.waiver[0]: expired 2026-11-01", "9 profile x: waiver[1]: waiving ZL-203 (cap-drop-all)"}},
		"all that is put together": {"[profile.x]\nextends='srv'\npublish=['grpc', 'rest']\nports={a=1, b=1}\nabuot=1\n[profile.y]\nextends='x'\nready={port='z', path='/'}\n",
			[]string{"2 profile x: ports: a and b are both 1", "2 profile x: publish: grpc is no name in ports", "2 profile x: publish: rest is no name", "6 profile x: abuot",
				"7 profile y: ports: a and b are both 1", "7 profile y: publish: grpc", "7 profile y: publish: rest", "7 profile y: ready.port: \"z\" is no name in ports"}},
		"a wrong value is not missed": {"[profile.x]\nextends='base'\nkind=1\n", []string{"4 profile x: kind: wants"}},
		"put together":                {"[profile.x]\nextends='srv'\npublish=['grpc']\n", []string{"2 profile x: publish: grpc is no name in ports"}},
		"on one machine":              {"[profile.x]\nextends='srv'\narch.s390x.publish=['grpc']\n", []string{"2 profile x: publish: grpc is no name in ports"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := profile.Validate([]profile.Source{
				source(container.LayerBuiltIn, "profiles/far.toml", far), source(container.LayerSystem, "team.toml", "schema = 1\n"+tt.text),
			}, "team.toml", today, nil)
			var lines []string
			for _, f := range got.Faults {
				lines = append(lines, fmt.Sprintf("%d %s", f.Line, f.Message()))
			}
			if !slices.EqualFunc(lines, tt.want, strings.HasPrefix) {
				t.Errorf("got  %s\nwant %s", strings.Join(lines, "\n     "), strings.Join(tt.want, "\n     "))
			}
		})
	}
}

// A file that cannot be used spoils what it defines or may be meant to define, and
// nothing else: no farther profile takes the place of one of these.
func TestSpoilt(t *testing.T) {
	const sound = "schema = 1\n[profile.other]\nextends = 'srv'\n"
	for name, tt := range map[string]struct {
		text   string
		spoilt string // of srv, other and near; near extends srv in a nearer file, other in a file before
	}{
		"a key":              {"schema = 1\n[profile.own]\nextends = 'srv'\nabuot = 1\n", ""},
		"a key of srv":       {"schema = 1\n[profile.srv]\nextends = 'srv'\nabuot = 1\n", "near srv other"},
		"every profile":      {"schema = 1\n[profile.own]\nabuot = 1\n[profile.other]\nextends = 'other'\n", "other"},
		"a name in capitals": {"schema = 1\n[profile.Other]\nextends = 'other'\n", "other"},
		"a quote":            {"schema = 1\n[profile.own]\nextends = \"srv\nabout = 'other'\n", "near srv other"},
		"a bracket":          {"schema = 1\n[profile.own\nextends = \"srv\"\nargs = ['srv', 'other']\n", ""},
		"a header":           {"schema = 1\n[profile.srv\nextends = \"srv\"\n", "near srv other"},
		"in a table":         {"schema = 1\n[profile]\nother = { about = 'x\n", "other"},
		"in quotes":          {"schema = 1\n[\"profile\" . 'other'\n", "other"},
		"dotted":             {"schema = 1\nprofile . other . about = x\n", "other"},
		"in escapes":         {"schema = 1\n[profile.\"\\u006fther\"\n", "near srv other"},
		"in an escape":       {"schema = 1\n[profile.\"\\x6fther\"]\nextends = 'other'\nx =\n", "near srv other"},
		"in UTF-16":          {utf16("schema = 1\n[profile.other]\nextends = 'other'\n"), "near srv other"},
		"in a comment":       {"schema = 1\n# [profile.srv]\n[profile.own\n", ""},
		"no schema":          {"[profile.other]\nextends = 'other'\n", "other"},
		"schema to come":     {"schema = 2\n[profiles.other]\nextends = 'srv'\n", "other"},
		"base":               {"schema = 1\n[profile.base]\nextends = 'base'\nabuot = 1\n", "near srv other"},
		"redefined":          {"schema = 1\n[profile.other]\nextends = 'srv'\n", "other"},
	} {
		t.Run(name, func(t *testing.T) {
			c := profile.Assemble([]profile.Source{
				source(container.LayerBuiltIn, "profiles/far.toml", far), source(container.LayerSystem, "a.toml", sound),
				source(container.LayerSystem, "bad.toml", tt.text),
				source(container.LayerUser, "near.toml", "schema = 1\n[profile.near]\nextends = 'srv'\n"),
			})
			if n := len(c.Faulty()); n != 1 || c.Faulty()[0].File != "bad.toml" {
				t.Errorf("faulty files: %v", c.Faulty())
			}
			for _, name := range []string{"near", "srv", "other", "own"} {
				_, err := c.Resolve(name, "amd64")
				spoilt := slices.Contains(strings.Fields(tt.spoilt), name) || name == "own" && (strings.Contains(tt.text, name) || strings.Contains(tt.spoilt, "near") && strings.ContainsAny(tt.text, "\\\x00"))
				if named := err != nil && strings.Contains(err.Error(), "bad.toml"); named != spoilt || err == nil && name == "own" {
					t.Errorf("%s: want an error that names the file: %v, got %v", name, spoilt, err)
				}
				if err != nil && strings.Count(err.Error(), "bad.toml") > 1 {
					t.Errorf("%s: the file is named more than once: %v", name, err)
				}
			}
		})
	}
}

// utf16 is text as an editor of Windows may save it.
func utf16(text string) string {
	return "\xff\xfe" + strings.Join(strings.Split(text, ""), "\x00") + "\x00"
}

// A file is read as one of the layer that it lies in or is for, in the place of the one
// that is there.
func TestRollout(t *testing.T) {
	d := dirs(t)
	old := write(t, "schema = 1\n[profile.old]\nextends = 'python'\n", d.System, "team.toml")
	write(t, "schema = 1\n[profile.mine]\nextends = 'python'\n", d.User, "profiles.toml")
	team := write(t, "schema = 1\n[profile.new]\nextends = 'old'\n", d.Home, "team.toml")
	own := write(t, "schema = 1\n[profile.new]\nextends = 'mine'\n"+strings.ReplaceAll(waiver(""), ".srv.", ".new."), d.Home, "profiles.toml")
	for path, tt := range map[string]struct {
		layer container.Layer
		want  string
	}{
		old:                       {container.LayerSystem, ""},
		team:                      {container.LayerSystem, `extends: no profile "old"`},
		own:                       {container.LayerProject, "a project file carries no waivers"},
		d.User + "/profiles.toml": {container.LayerUser, ""},
		d.User + "/nothing.toml":  {container.LayerUser, "no such file"},
	} {
		layer := d.LayerOf(path)
		sources, err := d.Rollout(layer, []string{path})
		if err != nil || layer != tt.layer {
			t.Fatal(layer, err)
		}
		var said string
		for _, f := range profile.Validate(sources, path, today, nil).Faults {
			said += f.Error()
		}
		if (said == "") != (tt.want == "") || !strings.Contains(said, tt.want) {
			t.Errorf("%s: got %q, want %q", path, said, tt.want)
		}
	}
}
