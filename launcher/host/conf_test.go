package host_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
)

const (
	usrConf  = "/usr/share/containers/containers.conf"
	etcConf  = "/etc/containers/containers.conf"
	userConf = "/home/ann/.config/containers/containers.conf"
)

func home() map[string]string { return map[string]string{"HOME": "/home/ann"} }

func TestConfOrder(t *testing.T) {
	root := tree(t, map[string]string{
		usrConf:                "[containers]\nvolumes=[\"/a:/a\"]\nprivileged=false\nunknown=1\n",
		etcConf:                "[containers]\nprivileged=true\nvolumes=[\"/b:/b\", {append=true}]\n[engine]\nruntime=\"crun\"\n",
		etcConf + ".d/1.conf":  "[engine]\nruntime=\"runc\"\n[engine.runtimes]\nrunc=[\"/usr/bin/runc\"]\n",
		userConf:               "[containers]\nvolumes=[\"/c:/c\"]\ndevices=[\"/dev/x\"]\n",
		userConf + ".d/z.conf": "[containers]\nlog_size_max=5\n",
		"/etc/containers/containers.rootless.conf.d/1001/a.conf": "[containers]\npids_limit=3\n",
	})
	c := read(t, source(root, home())).Conf
	if got, want := c.Strings("containers.volumes"), []string{"/a:/a", "/b:/b", "/c:/c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("volumes %v, want %v", got, want)
	}
	if got, want := c.Get("containers.volumes").Files, []string{userConf, etcConf, usrConf}; !reflect.DeepEqual(got, want) {
		t.Errorf("volumes come from %v", got)
	}
	if on, set := c.Bool("containers.privileged"); !on || !set || c.Get("containers.privileged").Origin().File != etcConf {
		t.Errorf("privileged %v %v from %v", on, set, c.Get("containers.privileged").Origin())
	}
	if c.String("engine.runtime") != "runc" || c.Get("containers.pids_limit").Value != int64(3) {
		t.Errorf("got %+v", c.Settings())
	}
	var keys []string
	for _, s := range c.Settings() {
		keys = append(keys, s.Key)
	}
	want := "containers.devices containers.log_size_max containers.pids_limit containers.privileged containers.volumes engine.runtime engine.runtimes"
	if strings.Join(keys, " ") != want {
		t.Errorf("keys %v", keys)
	}
}

func TestConfEnvironment(t *testing.T) {
	root := tree(t, map[string]string{
		etcConf: "[containers]\ninit=true\n", "/one": "[containers]\ntz=\"UTC\"\n", "/last": "[containers]\ntz=\"local\"\n",
	})
	env := home()
	env["CONTAINERS_CONF"], env["CONTAINERS_CONF_OVERRIDE"] = "/one", "/last"
	c := read(t, source(root, env)).Conf
	if _, set := c.Bool("containers.init"); set || c.String("containers.tz") != "local" {
		t.Errorf("got %+v", c.Settings())
	}
	env["CONTAINERS_CONF"] = "/absent"
	if _, err := host.Read(source(root, env)); err == nil {
		t.Error("an absent CONTAINERS_CONF is accepted; podman refuses it")
	}
}

func TestConfRefused(t *testing.T) {
	for _, text := range []string{
		"[containers", "[containers]\nvolumes=\"/a\"", "[containers]\nvolumes=[1]", "[containers]\nvolumes=[{append=1}]",
		"[containers]\nvolumes=[{other=true}]", "[containers]\nprivileged=\"yes\"", strings.Repeat("#", 1<<20+1),
	} {
		_, err := host.Read(source(tree(t, map[string]string{etcConf: text}), nil))
		if err == nil || !strings.Contains(err.Error(), etcConf) || hint.Of(err) == "" {
			t.Errorf("%.40q: error %v", text, err)
		}
	}
}

func TestMountsConf(t *testing.T) {
	files := map[string]string{
		"/home/ann/.config/containers/mounts.conf": " \n# no\n/srv/certs:/run/secrets/certs/\n/absent\n",
		"/etc/containers/mounts.conf":              "/never:/never\n", "/srv/certs/": "",
		"/proc/sys/crypto/fips_enabled": "1\n",
	}
	f := read(t, source(tree(t, files), home()))
	file := "/home/ann/.config/containers/mounts.conf"
	want := []host.Mount{
		{Source: "/srv/certs", Target: "/run/secrets/certs", File: file},
		{Source: "/absent", Target: "/absent", File: file, Missing: true},
	}
	if len(f.Mounts) != 5 || !reflect.DeepEqual(f.Mounts[:2], want) || !f.Mounts[2].Optional {
		t.Errorf("got %+v", f.Mounts)
	}
	src := source(tree(t, files), home())
	src.UID = 0
	if got := read(t, src).Mounts[0].Source; got != "/never" {
		t.Errorf("root's mounts.conf gives %q", got)
	}
}

func TestHooks(t *testing.T) {
	hook := `{"version":"1.0.0","hook":{"path":"/bin/h"},"when":%s,"stages":["createRuntime"]}`
	with := func(when string) string { return strings.Replace(hook, "%s", when, 1) }
	usr := "/usr/share/containers/oci/hooks.d/"
	f := read(t, source(tree(t, map[string]string{
		"/bin/h": "", usr + "a.json": with(`{"always":true}`), usr + "B.json": with(`{"commands":["^/bin/x$"]}`),
		usr + "c.json": with(`{"hasBindMounts":true}`), usr + "d.json": with(`{"annotations":{"^k$":"^v$"}}`),
		usr + "e.json": with(`{"always":false}`), usr + "f.json": "{", usr + "g.txt": "{",
		usr + "h.json": `{"hook":"/bin/h","stages":["precreate"],"cmds":["nothing"],"hasbindmounts":true}`,
		usr + "i.json": `{"version":"1.0.0","hook":{"path":"/absent"},"when":{"always":true},"stages":["poststop"]}`,
		usr + "j.json": with(`{}`), "/etc/containers/oci/hooks.d/z.json": with(`{"always":true}`),
	}), nil))
	applies := func(r host.Run) string {
		var out []string
		for _, h := range f.Hooks {
			if h.Applies(r) {
				out = append(out, strings.TrimPrefix(h.File, usr))
			}
		}
		return strings.Join(out, " ")
	}
	for want, run := range map[string]host.Run{
		"a.json B.json f.json h.json":        {}, // an unknown command may match
		"a.json f.json":                      {Command: "/bin/y"},
		"a.json B.json c.json f.json h.json": {Command: "/bin/x", Binds: true},
		"a.json d.json f.json":               {Command: "/bin/y", Annotations: map[string]string{"k": "v", "o": "p"}},
	} {
		if got := applies(run); got != want {
			t.Errorf("%+v: %s, want %s", run, got, want)
		}
	}
}

// A hooks_dir replaces the built-in one; later directories replace file names.
func TestHooksDir(t *testing.T) {
	one := `{"version":"1.0.0","hook":{"path":"/bin/h"},"when":{"always":true},"stages":["prestart"]}`
	f := read(t, source(tree(t, map[string]string{
		"/bin/h": "", "/x/a.json": one, "/y/a.json": one, "/usr/share/containers/oci/hooks.d/b.json": one,
		etcConf: "[engine]\nhooks_dir=[\"/x\",\"/y\",\"/absent\"]\n",
	}), nil))
	if len(f.Hooks) != 1 || f.Hooks[0].File != "/y/a.json" {
		t.Errorf("got %+v", f.Hooks)
	}
}

func FuzzContainersConf(f *testing.F) {
	f.Add("[containers]\nvolumes=[\"/a:/b\",{append=true}]\nprivileged=true\n")
	f.Add("[engine]\nruntimes={a=[\"b\"]}\n")
	f.Add("containers=1")
	f.Fuzz(func(t *testing.T, text string) {
		root := tree(t, map[string]string{etcConf: text, userConf: "[containers]\nvolumes=[\"/z\"]\n"})
		facts, err := host.Read(source(root, home()))
		if err != nil {
			return
		}
		v := facts.Conf.Strings("containers.volumes")
		if len(v) == 0 || v[len(v)-1] != "/z" {
			t.Errorf("the nearer file does not win: %q", v)
		}
	})
}

func FuzzSubIDs(f *testing.F) {
	f.Add([]byte("a:1:2\n#\nb:4294967295:1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range host.ParseSubIDs(b) {
			if r.Count == 0 || r.Owner == "" || r.End() > 1<<32-1 {
				t.Errorf("range %+v", r)
			}
		}
	})
}

func FuzzHook(f *testing.F) {
	f.Add([]byte(`{"version":"1.0.0","hook":{"path":"/bin/h"},"when":{"always":true},"stages":["prestart"]}`))
	f.Add([]byte(`{"hook":"/bin/h","stages":["precreate"],"cmds":["("]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := host.ParseHook(b)
		if err != nil && !h.Applies(host.Run{Command: "x"}) {
			t.Error("a hook that cannot be read does not apply")
		}
		if err == nil && (h.Path == "" || h.Stages == nil) {
			t.Errorf("accepted %+v", h)
		}
	})
}

// Podman's decoder takes a key in any case, and of two spellings one by chance; the
// rows of a table stay where a later file adds to it.
func TestConfSpelling(t *testing.T) {
	root := tree(t, map[string]string{
		etcConf:  "[Containers]\nPRIVILEGED=true\n[ENGINE.runtimes]\nrunc=[\"/a\"]\nRunc=[\"/b\"]\n",
		userConf: "[engine.Runtimes]\ncrun=[\"/c\"]\n",
	})
	c := read(t, source(root, home())).Conf
	if on, _ := c.Bool("containers.privileged"); !on {
		t.Error("privileged was not seen")
	}
	want := map[string]any{"runc": []any{"/a"}, "Runc": []any{"/b"}, "crun": []any{"/c"}}
	if got := c.Get("engine.runtimes").Value; !reflect.DeepEqual(got, want) {
		t.Errorf("runtimes %v", got)
	}
	for _, text := range []string{"[containers]\ninit=true\nInit=false\n", "[containers]\n[Containers]\ninit=true\n"} {
		_, err := host.Read(source(tree(t, map[string]string{etcConf: text}), home()))
		if err == nil || !strings.Contains(err.Error(), "are the same key") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
