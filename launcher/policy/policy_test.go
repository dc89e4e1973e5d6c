package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/policy"
)

var today = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

func parse(t *testing.T, text string) *policy.File {
	t.Helper()
	f, err := policy.Parse("site.toml", []byte("schema = 1\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// run is a run as the engine's defaults complete it, with what change states of it.
func run(change func(*container.Spec)) policy.Subject {
	s := &container.Spec{}
	m := container.From(container.Origin{Layer: container.LayerUser, File: "~/p.toml", Key: "container"})
	container.Image.Set(s, "icr.io/ibmz/triton:1", m)
	container.Network.Set(s, []string{"zlaunch-triton"}, m)
	if change != nil {
		change(s)
	}
	return policy.Subject{Spec: effective.Complete(s, effective.Engine{Kind: "podman"}), Profile: "triton", Layer: container.LayerUser, Rung: container.Kernel}
}

var mark = container.From(container.Origin{Layer: container.LayerUser})

// Each check lets through what it should and refuses the next worse, with the file and
// the line that forbid, the value that was found, and whom to ask.
func TestChecks(t *testing.T) {
	publish := func(ip string) func(*container.Spec) {
		return func(s *container.Spec) {
			container.Publish.Set(s, "8000/tcp", container.Port{HostIP: ip, HostPort: 8000}, mark)
		}
	}
	volume := func(v container.Volume) func(*container.Spec) {
		return func(s *container.Spec) { container.VolumeAt.Set(s, "/models", v, mark) }
	}
	memory := func(n int64) func(*container.Spec) {
		return func(s *container.Spec) { container.Memory.Set(s, n, mark) }
	}
	list := func(f container.Field[[]string], v ...string) func(*container.Spec) {
		return func(s *container.Spec) { f.Set(s, v, mark) }
	}
	for name, c := range map[string]struct {
		text   string
		change func(*container.Spec)
		says   string // "" is met
	}{
		"a switch":                      {"[require]\nread_only = true", func(s *container.Spec) { container.ReadOnly.Set(s, true, mark) }, ""},
		"a switch, off by default":      {"[require]\nread_only = true", nil, "read_only must be true, it is false: site.toml:3 forbids it"},
		"a bound":                       {"[at_most]\nmemory = \"16g\"", memory(16 << 30), ""},
		"above a bound":                 {"[at_most]\nmemory = \"16g\"", memory(16<<30 + 1), "memory must be at most 16g, it is 16g"},
		"no limit is above every bound": {"[at_most]\nmemory = \"16g\"", nil, "it has no limit"},
		"-1 is no limit":                {"[at_most]\npids_limit = 4096", func(s *container.Spec) { container.PidsLimit.Set(s, -1, mark) }, "it has no limit"},
		"a limit nobody enforces": {"[at_most]\npids_limit = 4096", func(s *container.Spec) { container.Cgroups.Set(s, "disabled", mark) },
			`cgroups is "disabled"`},
		"no limit is above a least": {"[at_least]\nmemory = \"1g\"", nil, ""},
		"below a least":             {"[at_least]\nshm_size = \"1g\"", nil, "shm_size must be at least 1g"},
		"a named network":           {"[only]\nnetwork = [\"zlaunch-*\"]", nil, ""},
		"the host's network":        {"[only]\nnetwork = [\"zlaunch-*\"]", list(container.Network, "host"), `it is "host"`},
		"two networks in one word":  {"[only]\nnetwork = [\"zlaunch-*\"]", list(container.Network, "zlaunch-a,host"), `it is "host"`},
		"no network is a default":   {"[only]\nnetwork = [\"zlaunch-*\"]", list(container.Network), "network is"},
		"somebody's pod":            {"[only]\nnetwork = [\"zlaunch-*\"]", func(s *container.Spec) { container.Pod.Set(s, "web", mark) }, `pod is "web"`},
		"loopback":                  {"[only]\npublish_address = [\"127.0.0.1\"]", publish("127.0.0.1"), ""},
		"every address":             {"[only]\npublish_address = [\"127.0.0.1\"]", publish(""), `it is "0.0.0.0"`},
		"no ports, the host's":      {"[only]\npublish_address = [\"127.0.0.1\"]", list(container.Network, "host"), `network is "host"`},
		"all exposed ports":         {"[only]\npublish_address = [\"127.0.0.1\"]", func(s *container.Spec) { container.PublishAll.Set(s, true, mark) }, "publish_all is true"},
		"a registry":                {"[only]\nregistry = [\"icr.io\"]", nil, ""},
		"another registry":          {"[only]\nregistry = [\"icr.io\"]", func(s *container.Spec) { container.Image.Set(s, "icr.io.evil/x", mark) }, `it is "icr.io.evil"`},
		"the engine's filter":       {"[require]\nseccomp_profile = \"default\"", nil, ""},
		"zlaunch's own filter": {"[require]\nseccomp_profile = \"inference\"", func(s *container.Spec) {
			container.SeccompProfile.Set(s, "/home/ann/.local/share/zlaunch/seccomp/inference-1.json", mark)
			container.FilterKnown.Set(s, true, mark)
		}, ""},
		"a filter that is called so": {"[only]\nseccomp_profile = [\"inference\"]", func(s *container.Spec) {
			container.SeccompProfile.Set(s, "/home/ann/inference-1.json", mark)
		}, "/home/ann/inference-1.json"},
		"no registry":                    {"[only]\nregistry = [\"*\"]", func(s *container.Spec) { container.Image.Set(s, "triton:1", mark) }, "it is not known"},
		"no image but a directory":       {"[only]\nimage = [\"icr.io/*\"]", func(s *container.Spec) { container.Rootfs.Set(s, "/srv/root", mark) }, "/srv/root"},
		"no device":                      {"[only]\ndevice = []", nil, ""},
		"a device":                       {"[only]\ndevice = []", list(container.Device, "/dev/kvm"), "device must be nothing but none"},
		"a device under another name":    {"[only]\ndevice = [\"/dev/nvidia*\"]", list(container.Device, "/dev/sda:/dev/nvidia0"), `"/dev/sda"`},
		"every device by privilege":      {"[only]\ndevice = []", func(s *container.Spec) { container.Privileged.Set(s, true, mark) }, "privileged is true"},
		"every device by docker's word":  {"[only]\ndevice = []", list(container.Gpus, "all"), "all"},
		"below a root":                   {"[only]\nmount_root = [\"/srv/models\"]", volume(container.Volume{Source: "/srv/models/a"}), ""},
		"beside a root":                  {"[only]\nmount_root = [\"/srv/models\"]", volume(container.Volume{Source: "/srv/models2"}), "/srv/models2"},
		"out of a root":                  {"[only]\nmount_root = [\"/srv/models\"]", volume(container.Volume{Source: "/srv/models/../x"}), "mounted"},
		"an overlay's upper":             {"[only]\nmount_root = [\"/srv\"]", volume(container.Volume{Source: "/srv/m", Overlay: true, Upper: "/etc"}), "/etc"},
		"a named volume of a device":     {"[only]\nmount_root = [\"cache\"]", volume(container.Volume{Source: "cache", Device: "/etc"}), "/etc"},
		"a named volume of a share":      {"[only]\nmount_root = [\"cache\", \"/srv\"]", volume(container.Volume{Source: "cache", Device: "/srv", DeviceType: "nfs"}), "not known"},
		"what only a shell knows":        {"[only]\nmount_root = [\"/srv\"]", volume(container.Volume{Source: "/srv/$X", Open: true}), "not known"},
		"mounts of others":               {"[only]\nmount_root = [\"/srv\"]", list(container.VolumesFrom, "other"), "other"},
		"mounts of a kind unknown":       {"[only]\nmount_root = [\"/srv\"]", list(container.MountOther, "type=glob,src=/etc"), "glob"},
		"a member":                       {"[include]\ncap_drop = [\"all\"]", list(container.CapDrop, "all"), ""},
		"a member that lacks":            {"[include]\ncap_drop = [\"all\"]", list(container.CapDrop, "net_raw"), `it lacks "all"`},
		"a profile":                      {"[only]\nprofile = [\"tri*\"]", nil, ""},
		"another layer":                  {"[only]\nlayer = [\"system\"]", nil, `it is "user"`},
		"a rung":                         {"[proof]\nrung = \"oci\"", nil, ""},
		"no gateway and no port":         {"[gateway]\nrequired = true", nil, ""},
		"a port without a gateway":       {"[gateway]\nrequired = true", publish("127.0.0.1"), "others reach 127.0.0.1:8000"},
		"no gateway on the host network": {"[gateway]\nrequired = true", list(container.Network, "host"), "host's network"},
		"every exposed port":             {"[gateway]\nrequired = true", func(s *container.Spec) { container.PublishAll.Set(s, true, mark) }, "every port the image exposes"},
		"no signer":                      {"[signer]\nprofile = [\"*\"]", nil, "no signature of it is known"},
		"a control":                      {"[controls]\nrequire = [\"ZL-203\"]", nil, "ZL-203 is not judged"},
		"a tmpfs": {"[at_most]\ntmpfs = \"1g\"", func(s *container.Spec) {
			container.Systemd.Set(s, "false", mark)
			container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{Size: 1 << 30}, mark)
		}, ""},
		"a tmpfs without a bound": {"[at_most]\ntmpfs = \"1g\"", func(s *container.Spec) { container.TmpfsAt.Set(s, "/tmp", container.Tmpfs{}, mark) }, "no bound"},
	} {
		t.Run(name, func(t *testing.T) {
			got := policy.Set{parse(t, "contact = \"sec@example.org\"\n"+c.text)}.Judge(run(c.change), today)
			if c.says == "" {
				if len(got) != 1 || got[0].Verdict != audit.Pass {
					t.Errorf("refused: %+v", got)
				}
				return
			}
			all := ""
			for _, f := range got {
				all += f.Message + "\n"
				if f.Verdict == audit.Fail && (f.Severity != audit.Critical || !strings.Contains(f.Message, "site.toml:4") || !strings.Contains(f.Fix, "ask sec@example.org")) {
					t.Errorf("%+v", f)
				}
			}
			if got[0].Verdict != audit.Fail || !strings.Contains(all, strings.ReplaceAll(c.says, ":3", ":4")) {
				t.Errorf("%s, want %q", all, c.says)
			}
		})
	}
}

// What is not known meets no check, of whatever kind.
func TestUnknownMeetsNothing(t *testing.T) {
	text := `[require]
read_only = true
pull = "never"
[at_most]
memory = "1t"
tmpfs = "1t"
[at_least]
cpus = 0
[only]
network = ["*"]
device = ["*"]
env = ["*"]
registry = ["*"]
publish_address = ["*"]
mount_root = ["/"]
profile = ["*"]
layer = ["*"]
[include]
cap_drop = ["all"]
[controls]
require = ["ZL-203"]
standard = "dev"
[proof]
rung = "inspected"
[signer]
profile = ["*"]
bundle = ["*"]
`
	f := parse(t, text)
	said := map[string]bool{}
	for _, v := range (policy.Set{f}).Judge(policy.Subject{Spec: &container.Spec{}}, today) {
		said[v.Message[strings.LastIndex(v.Message, "site.toml:"):]] = true
	}
	for _, c := range f.Checks {
		if !said[c.Place()+" forbids it"] {
			t.Errorf("%s passes what is not known", c.Key)
		}
	}
}

// A check that a file cannot ask is an error of the file, with its line and the nearest
// word; a file with one error holds nothing.
func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"[require]\nread_ony = true":             `site.toml:3: require.read_ony: unknown word "read_ony", did you mean read_only?`,
		"[reqire]\nread_only = true":             `did you mean require?`,
		"[at_most]\nread_only = 3":               "at_most cannot be asked of read_only",
		"[require]\nargs = \"x\"":                "no check may be asked of args",
		"[require]\nread_only = \"yes\"":         "wants true or false",
		"[at_most]\nmemory = \"much\"":           `wants a size such as "16g"`,
		"[at_most]\ncpus = nan":                  "wants a number",
		"[only]\nnetwork = \"host\"":             "wants a list of texts",
		"[only]\nnetwork = [\"\"]":               "wants a list of texts",
		"[require]\nhostname = \"\\u001b[2J\"":   "wants a text",
		"[only]\nnetwork = [\"*****\"]":          "at most 256 bytes and 4 stars",
		"[only]\nmount_root = [\"/srv/../etc\"]": "clean absolute paths",
		"[only]\nmount_root = [\"/home/*\"]":     "clean absolute paths",
		"[include]\ncap_drop = []":               "at least one",
		"[controls]\nrequire = [\"ZL-999\"]":     "unknown word",
		"[controls]\nrequire = [\"ZL-004\"]":     "unknown word",
		"[controls]\nstandard = \"ibm\"":         "ibm-z",
		"[proof]\nrung = \"planned\"":            "wants a rung",
		"[gateway]\nrequired = false":            "wants true",
		"[waivers]\nlongest = \"3w\"":            "wants days",
		"[waivers]\nby = { projct = [\"*\"] }":   "unknown word",
		"[[waiver]]\ncontrol = \"ZL-102\"":       "reason is missing",
		"[[waiver]]\ncontrol = \"ZL-004\"\nexpires = 2027-01-01\nreason = \"x\"\nowner = \"a\"\napproved_by = \"b\"": "unknown word",
		"about = \"a\\u001b[2J\"\n[require]\nread_only=true":                                                         "one line of text",
		"":           "it requires nothing",
		"[require\n": "toml:",
	} {
		_, err := policy.Parse("site.toml", []byte("schema = 1\n"+text))
		if err == nil || !strings.Contains(err.Error()+hint.Of(err), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := policy.Parse("site.toml", []byte("[require]\nread_only = true")); err == nil {
		t.Error("a file without its version is read")
	}
}

// Who may waive what, and for how long.
func TestWaivers(t *testing.T) {
	given := func(layer container.Layer, control string, days int) policy.Subject {
		w := &audit.Waiver{Control: control, Reason: "r", Owner: "ann@example.org", Origin: container.Origin{Layer: layer}}
		if days >= 0 {
			w.Expires = time.Date(2026, 11, 29+days, 0, 0, 0, 0, time.UTC)
		}
		s := run(nil)
		s.Findings = []audit.Finding{{Control: audit.ByID(control), Verdict: audit.Waived, Waiver: w}}
		return s
	}
	for name, c := range map[string]struct {
		text    string
		subject policy.Subject
		refused bool
	}{
		"for so long":         {`longest = "90d"`, given(container.LayerUser, "ZL-503", 90), false},
		"a day longer":        {`longest = "90d"`, given(container.LayerUser, "ZL-503", 91), true},
		"without an end":      {`longest = "90d"`, given(container.LayerUser, "ZL-503", -1), true},
		"for one run":         {`longest = "90d"`, given(container.LayerCommandLine, "ZL-104", -1), false},
		"never":               {`never = ["ZL-1*"]`, given(container.LayerCommandLine, "ZL-104", -1), true},
		"another":             {`never = ["ZL-1*"]`, given(container.LayerCommandLine, "ZL-503", -1), false},
		"by whom":             {`by = { "command line" = ["ZL-104"] }`, given(container.LayerCommandLine, "ZL-104", -1), false},
		"by whom not":         {`by = { "command line" = ["ZL-104"] }`, given(container.LayerUser, "ZL-104", 3), true},
		"what not":            {`by = { "command line" = ["ZL-104"] }`, given(container.LayerCommandLine, "ZL-503", -1), true},
		"the policy's own":    {`never = ["ZL-102"]`, given(container.LayerPolicy, "ZL-102", 3), true},
		"an owner":            {`owner = ["*@example.org"]`, given(container.LayerUser, "ZL-503", 3), false},
		"an owner from away":  {`owner = ["*@example.com"]`, given(container.LayerUser, "ZL-503", 3), true},
		"required, not met":   {"[controls]\nrequire = [\"ZL-503\"]", given(container.LayerPolicy, "ZL-503", 3), true},
		"standard, permitted": {"[controls]\nstandard = \"ibm-z\"", given(container.LayerPolicy, "ZL-503", 3), false},
	} {
		got := policy.Set{parse(t, "[waivers]\n"+c.text)}.Judge(c.subject, today)
		if refused := got[0].Verdict == audit.Fail; refused != c.refused {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[require]\nread_only = true\n[only]\nnetwork = [\"a*\"]\n[waivers]\nby = { user = [\"*\"] }")
	f.Add("[[waiver]]\ncontrol = \"ZL-102\"\nreason = \"r\"\nowner = \"o\"\napproved_by = \"a\"\nexpires = 2027-01-01")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := policy.Parse("f", []byte("schema = 1\n"+text))
		if err != nil {
			for _, r := range err.Error() {
				if r < ' ' && r != '\n' {
					t.Fatalf("%q", err)
				}
			}
			return
		}
		for _, c := range file.Checks {
			if c.Line < 1 || c.Key == "" || c.Says == "" {
				t.Fatalf("%+v", c)
			}
		}
		(policy.Set{file}).Judge(run(nil), today)
		(policy.Set{file}).Judge(policy.Subject{Spec: &container.Spec{}}, today)
	})
}

// A file of cases is read whatever it holds, and one that is read says of each what is
// tried.
func FuzzParseCases(f *testing.F) {
	f.Add([]byte("schema = 1\n[case.a]\nplan = [\"demo\"]\nrefused = [\"only.network\"]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		cases, err := policy.ParseCases("c.toml", text)
		for _, c := range cases {
			if err != nil || len(c.Plan) == 0 && c.Line == "" && c.File == "" {
				t.Errorf("%+v, %v", c, err)
			}
		}
	})
}

// A gateway may publish, whoever else must not.
func TestGatewayPublishes(t *testing.T) {
	of := run(func(s *container.Spec) {
		container.Publish.Set(s, "8443/tcp", container.Port{HostIP: "0.0.0.0", HostPort: 8443}, mark)
	})
	of.Gateway = true
	if got := (policy.Set{parse(t, "[gateway]\nrequired = true")}).Judge(of, today); len(got) != 1 || got[0].Verdict != audit.Pass {
		t.Errorf("%+v", got)
	}
}
