package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// What refuses every run of a profile is known without a host and an engine, and nothing
// refuses a built-in one.
func TestAnywhere(t *testing.T) {
	built, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	said := func(name, body string) string {
		text := "schema = 1\n[profile.x]\nextends = 'base'\nkind = 'job'\n[profile.x.container]\n" + body
		c := profile.Assemble(append(slices.Clip(built), profile.Source{Layer: container.LayerSystem, File: "x.toml", Data: []byte(text)}))
		problems, err := Anywhere(c, name, "s390x")
		var out []string
		for _, p := range problems {
			out = append(out, fmt.Sprint(p.Setting, " ", p.Control, " ", p.Message))
		}
		if err != nil {
			out = append(out, err.Error())
		}
		return strings.Join(out, "\n")
	}
	c := profile.Assemble(built)
	for _, name := range c.Runnable() {
		if got := said(name, ""); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for body, want := range map[string]string{
		"":                                "",
		"memory = '8'":                    "memory  memory is 8 bytes, in which nothing runs",
		"shm_size = '8g'":                 "shm_size  shm_size is 8GiB, and the memory it counts towards 4GiB: a workload that fills it is killed",
		"memory = '1g'\nmemory_swap='1m'": "memory_swap  memory_swap is 1MiB and counts the memory of 1GiB in: podman refuses less",
		"network = 'host'":                "network ZL-701 network must not be \"host\" - the host's network reaches loopback services and is not isolated at all",
		"user = 'triton'":                 "",
		"tmpfs.'/x' = { size = '9g' }":    "tmpfs[/x]  tmpfs[/x] is 9GiB, and the memory it counts towards 4GiB: a workload that fills it is killed",
	} {
		if got := said("x", body); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

// What a policy forbids of every run is known as early. What only image, host and proof
// tell forbids nothing then, and refuses the plan of a run.
func TestForbidden(t *testing.T) {
	built, _, err := profile.Sources(profile.Dirs{})
	if err != nil {
		t.Fatal(err)
	}
	ofHost := []string{"ZL-101", "ZL-102", "ZL-104", "ZL-105", "ZL-401", "ZL-903"}
	c := profile.Assemble(built)
	for text, want := range map[string]string{
		"[proof]\nrung = \"kernel\"\n":                                       "",
		"[controls]\nstandard = \"ibm-z\"\n":                                 "",
		"[controls]\nrequire = [\"" + strings.Join(ofHost, `", "`) + "\"]\n": "",
		"[only]\nuser = [\"*\"]\nenv = [\"*\"]\n":                            "",
		"[signer]\nprofile = [\"*\"]\n":                                      "no signature of it is known",
		"[require]\nread_only = false\n":                                     "read_only must be false, it is true: p.toml:3 forbids it",
		"[controls]\nrequire = [\"ZL-804\"]\n":                               "ZL-804 (cpu-bound) is fail",
	} {
		f, err := policy.Parse("p.toml", []byte("schema = 1\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range c.Runnable() {
			problems, err := Forbidden(c, policy.Set{f}, name, "s390x")
			if got := fmt.Sprint(problems); err != nil || len(problems) > 0 != (want != "") || !strings.Contains(got, want) {
				t.Errorf("%s of %s: %s, %v", text, name, got, err)
			}
		}
	}
}
