package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"

	"github.com/zlaunch/zlaunch/launcher/report"
)

// imageRegistry is a registry on loopback.
func imageRegistry(t *testing.T) (host string, server *httptest.Server) {
	t.Helper()
	server = httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), server
}

// pushIndex makes a tag mean an image for amd64 and s390x, and gives the digest of the one
// for s390x and that of the index.
func pushIndex(t *testing.T, url, tag, content string) (s390x, index digest.Digest) {
	t.Helper()
	put := func(path, mediaType string, body []byte) digest.Digest {
		req, err := http.NewRequest(http.MethodPut, url+"/v2/team/app/"+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", mediaType)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode >= 300 {
			t.Fatal(path, err, resp)
		}
		resp.Body.Close()
		return digest.FromBytes(body)
	}
	const manifest = "application/vnd.docker.distribution.manifest.v2+json"
	var entries []string
	for _, arch := range []string{"amd64", "s390x"} {
		body := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"digest":"%s","size":2},"layers":[],"annotations":{"x":"%s %s"}}`, manifest, digest.FromString("{}"), content, arch)
		s390x = put("manifests/"+digest.FromString(body).String(), manifest, []byte(body))
		entries = append(entries, fmt.Sprintf(`{"mediaType":%q,"digest":"%s","size":%d,"platform":{"os":"linux","architecture":%q}}`, manifest, s390x, len(body), arch))
	}
	const list = "application/vnd.docker.distribution.manifest.list.v2+json"
	body := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, list, strings.Join(entries, ","))
	return s390x, put("manifests/"+tag, list, []byte(body))
}

// What images mean is locked with a bundle, told when it changes, pinned anew when that is
// asked for, and left alone where nobody answers.
func TestPinBundle(t *testing.T) {
	w := newWorld(t)
	host, server := imageRegistry(t)
	first, _ := pushIndex(t, server.URL, "1", "first")
	if err := os.MkdirAll(filepath.Join(w.dir, "app"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(t, "app/bundle.toml", "name = \"app\"\nversion = \"1.0.0\"\n")
	w.write(t, "app/app.toml", "schema = 1\n[profile.app]\nextends = \"base\"\nkind = \"job\"\narch.amd64.container.image = \""+host+"/team/app:1\"\narch.s390x.container.image = \""+host+"/team/app:1\"\n"+
		"arch.arm64.container.image = \"localhost/app:1\"\narch.ppc64le.container.image = \""+host+"/team/app:1\"\n")
	lock := filepath.Join(w.state, ".config/zlaunch/zlaunch.lock")
	locked := func() string {
		data, err := os.ReadFile(lock)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	w.step(t, step{"push app dir:reg --no-sign", 0, "", ""})
	w.step(t, step{"add dir:reg --unsigned test", 0, "", "localhost/app:1\": it was built on its host"})
	if !strings.Contains(locked(), first.String()) {
		t.Errorf("%s is not in\n%s", first, locked())
	}
	w.step(t, step{"pin app", 0, "s390x " + first.String(), "on ppc64le: it has none for that architecture"})
	w.step(t, step{"show app", 0, "team/app@" + first.String(), ""})
	w.step(t, step{"outdated", 0, "current", ""})
	second, _ := pushIndex(t, server.URL, "1", "second")
	w.step(t, step{"outdated", 1, "newer", ""})
	w.step(t, step{"outdated --json", 1, "", ""})
	var doc report.Bundles
	if err := json.Unmarshal(w.stdout.Bytes(), &doc); err != nil || len(doc.Bundles[0].Images) != 2 || doc.Bundles[0].Images[1].Now != second.String() {
		t.Errorf("%v: %+v", err, doc)
	}
	w.step(t, step{"show app", 0, first.String(), ""})
	w.step(t, step{"pin", 0, "team/app:1 s390x " + second.String(), "bundle app: 2 images pinned in ~/.config"})
	w.step(t, step{"outdated", 0, "current", ""})
	w.step(t, step{"verify", 0, "", ""})
	req, _ := http.NewRequest(http.MethodDelete, server.URL+"/v2/team/app/manifests/"+second.String(), nil)
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode >= 300 {
		t.Fatal(resp, err)
	}
	pushIndex(t, server.URL, "1", "third")
	w.step(t, step{"outdated", 1, "delisted", ""})
	server.Close()
	before := locked()
	w.step(t, step{"outdated", 4, "unknown", ""})
	w.step(t, step{"pin app", 3, "", "bundle app stays as it is locked"})
	if locked() != before {
		t.Errorf("it changed to\n%s", locked())
	}
	w.step(t, step{"show app", 0, second.String(), ""})
	w.step(t, step{"remove app", 0, "", ""})
	w.step(t, step{"add dir:reg --unsigned test", 0, "", "to pin them later: zlaunch pin app"})
	if strings.Contains(locked(), "[[bundle.image]]") {
		t.Errorf("nobody answered, and it has images\n%s", locked())
	}
}

// The digest goes into the file that names the image, when that is asked for and not
// before; of a built-in profile, the lines are printed.
func TestPinProfile(t *testing.T) {
	w := newWorld(t)
	host, server := imageRegistry(t)
	_, index := pushIndex(t, server.URL, "1", "first")
	file := filepath.Join(w.state, ".config/zlaunch/profiles.toml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	text := "schema = 1\n# the tag is \"" + host + "/team/app:1\n[profile.app]\nextends = \"base\"\nkind = \"job\"\narch.s390x.container.image = '" + host + "/team/app:1'\n"
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	w.step(t, step{"pin app", 0, "+arch.s390x.container.image = '" + host + "/team/app@" + index.String() + "'", ""})
	if now, _ := os.ReadFile(file); string(now) != text {
		t.Errorf("it was written:\n%s", now)
	}
	w.step(t, step{"pin app --write", 0, "", "~/.config/zlaunch/profiles.toml names 1 image by digest now"})
	info, err := os.Stat(file)
	if now, _ := os.ReadFile(file); err != nil || info.Mode().Perm() != 0o640 || string(now) != strings.Replace(text, "app:1'", "app@"+index.String()+"'", 1) {
		t.Errorf("%v %v:\n%s", err, info.Mode(), now)
	}
	w.step(t, step{"show app", 0, "app@" + index.String(), ""})
	w.step(t, step{"pin app", 0, "", "every image of app is named by digest"})
	w.step(t, step{"pin nothing", 3, "", `no profile "nothing"`})
	w.step(t, step{"pin demo", 3, "", "it was built on its host"})
	if err := os.WriteFile(file, []byte(strings.Replace(text, "s390x", "arm64", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	w.step(t, step{"pin app --write", 3, "", "it has none for arm64"})
}
