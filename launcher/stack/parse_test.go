package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fraud = `schema = 1
about = "a server behind a front end of our own"

[network.inner]
internal = true
[network.edge]

[member.server]
profile  = "triton"
models   = "models"
networks = ["inner"]
memory   = "8g"

[member.front]
profile  = "front"
networks = ["edge", "inner"]
after    = ["server"]
publish  = ["8080:http"]
env      = { SERVER = "http://{server.host}:8000", JSON = '{"a": {"host": 1}}' }
args     = ["--to", "{server.host}"]

[member.again]
profile  = "front"
networks = ["inner"]
after    = ["front", "server"]
`

func TestParse(t *testing.T) {
	s, err := Parse("/srv/fraud.toml", []byte(fraud))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, m := range s.Members {
		order = append(order, m.Name)
	}
	front := s.Member("front")
	for got, want := range map[string]string{
		s.Name:                         "fraud",
		fmt.Sprint(order):              "[server front again]",
		fmt.Sprint(s.Networks):         "[{edge false false} {inner true false}]",
		s.Filled(front.Env[1]):         "SERVER=http://zlaunch-fraud-server:8000",
		s.Filled(front.Env[0]):         `JSON={"a": {"host": 1}}`,
		s.Filled(front.Args[1]):        "zlaunch-fraud-server",
		s.Network("inner"):             "zlaunch-fraud-inner",
		s.Container("again"):           "zlaunch-fraud-again",
		fmt.Sprint(s.Member("nobody")): "<nil>",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A stack without networks has one, in which all members are.
func TestOneNetwork(t *testing.T) {
	s, err := Parse("/srv/Shop/stack.toml", []byte("schema = 1\n[member.a]\nprofile = \"demo\"\nenv = {B = \"{b.host}\"}\n[member.b]\nprofile = \"demo\"\n"))
	if err != nil || s.Name != "shop" || fmt.Sprint(s.Networks, s.Members[0].Networks, s.Members[1].Networks) != "[{net false false}] [net] [net]" {
		t.Errorf("%+v, %v", s, err)
	}
}

// Whatever is wrong is told at its line, all of it at once.
func TestWrong(t *testing.T) {
	const a = "[member.a]\nprofile = \"p\"\n"
	for text, want := range map[string]string{
		a:                                  "f.toml: schema is 0",
		"schema = 2\n" + a:                 "f.toml:1: schema is 2",
		"schema = 1\n":                     "a stack has a member",
		"schema = 1\n[member.a]\n":         "f.toml:2: member \"a\" names no profile",
		"schema = 1\nname = \"A b\"\n" + a: "f.toml:2: \"A b\" is no name",
		"schema = 1\nname = \"" + strings.Repeat("a", 25) + "\"\n" + a:                                     "is no name",
		"schema = 1\n[member.-a]\nprofile = \"p\"\n":                                                       "f.toml:2: \"-a\" is no name",
		"schema = 1\n" + a + "waive = [\"ZL-104=x\"]\n":                                                    "f.toml:4: key \"member.a.waive\" is not known",
		"schema = 1\n" + a + "image = \"x\"\n":                                                             "key \"member.a.image\" is not known",
		"schema = 1\n" + a + "Profile = \"q\"\n":                                                           "key \"member.a.Profile\" is not known",
		"schema = 1\nfrob = 1\n" + a:                                                                       "f.toml:2: key \"frob\" is not known",
		"schema = 1\n[frob]\nx = 1\n" + a:                                                                  "is not known",
		"schema = 1\n[network.n]\ninternl = true\n" + a + "networks = [\"n\"]\n":                           "key \"network.n.internl\" is not known",
		"schema = 1\n" + a + "after = [\"b\"]\n":                                                           "f.toml:4: there is no member \"b\"",
		"schema = 1\n" + a + "after = [\"a\"]\n":                                                           "a wait for each other",
		"schema = 1\n" + a + "after = [\"b\"]\n[member.b]\nprofile = \"p\"\nafter = [\"a\"]":               "a, b wait for each other",
		"schema = 1\n" + a + "networks = [\"n\"]\n":                                                        "there is no network \"n\"",
		"schema = 1\n[network.n]\n" + a:                                                                    "it is in none of the stack's networks",
		"schema = 1\n[network.n]\n" + a + "networks = [\"n\", \"n\"]\n":                                    "network \"n\" stands twice",
		"schema = 1\n[network.n]\ninternal = true\n" + a + "networks = [\"n\"]\npublish = [\"80:http\"]\n": "all its networks are internal",
		"schema = 1\n" + a + "env = {X = \"{b.host}\"}\n":                                                  "f.toml:4: there is no member \"b\"",
		"schema = 1\n" + a + "args = [\"{b.host}\"]\n":                                                     "there is no member \"b\"",
		"schema = 1\n[network.n]\n[network.m]\n" + a + "networks = [\"n\"]\nenv = {X = \"{b.host}\"}\n[member.b]\nprofile = \"p\"\nnetworks = [\"m\"]\n": "a and b share no network",
		"schema = 1\n" + a + "publish = [\"80:http\"]\n[member.b]\nprofile = \"p\"\npublish = [\"80:http\"]\n":                                           "a publishes 80 already",
		"schema = 1\n" + a + "models = 1\n":      "incompatible types",
		"schema = 1\n" + a + "env = [\"A=b\"]\n": "f.toml:4: key \"member.a.env\" is a table",
		"schema = 1\nnetwork = [\"n\"]\n" + a:    "f.toml:2: key \"network\" is a table",
		"x = [":                                  "expected",
		strings.Repeat("a.", 100) + "b = 1":      "reading f.toml",
	} {
		if _, err := Parse("f.toml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// A file that others can write is not read, nor what is no file.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, Name)
	if err := os.WriteFile(file, []byte(fraud), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file} {
		if s, err := Read(path); err != nil || s.Dir != dir || s.File != file {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{file: "write", filepath.Join(dir, "absent.toml"): "no such file", "/dev/null": "no regular file"} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Names of containers are labels of DNS, whatever a stack and its members are called.
func FuzzParse(f *testing.F) {
	f.Add(fraud)
	f.Add("schema = 1\n[member.a]\nprofile = \"p\"\nenv = {A = \"{a.host}\"}\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("/srv/f.toml", []byte(text))
		if err != nil {
			return
		}
		for i, m := range s.Members {
			if name := s.Container(m.Name); len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || len(m.Name) > maxName {
				t.Errorf("a container is called %q", name)
			}
			for _, after := range m.After {
				for _, later := range s.Members[i:] {
					if later.Name == after {
						t.Errorf("%s starts before %s", m.Name, after)
					}
				}
			}
			if len(m.Networks) == 0 {
				t.Errorf("%s is in no network", m.Name)
			}
		}
	})
}
