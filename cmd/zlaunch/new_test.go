package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oneImage is an engine that has the image localhost/web:1 with that configuration, and
// whose readers of it find no file.
func oneImage(t *testing.T, config string) (url string) {
	t.Helper()
	id := strings.Repeat("1", 64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Libpod-API-Version", "5.4.2")
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/images/localhost/web:1/json"):
			fmt.Fprintf(w, `{"Id":"%s","Architecture":"amd64","Os":"linux","Config":%s}`, id, config)
		case strings.HasSuffix(path, "/containers/create"):
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"Id":"%s"}`, id)
		case r.Method == "DELETE" || strings.HasSuffix(path, "/_ping"):
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"not known: image not known","cause":"image not known","response":404}`)
		}
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "http:", "tcp:", 1)
}

// A draft goes to standard output or to a new file, and to no other; what it would not
// be a profile by is refused.
func TestNew(t *testing.T) {
	w := newWorld(t)
	url := oneImage(t, `{"User":"1001:1001","ExposedPorts":{"8080/tcp":{}},"Volumes":{"/var/lib/web":{}},
		"Labels":{"org.opencontainers.image.title":"\u001b[31mweb\"\n[profile.base]"}}`)
	w.write(t, "there.toml", "mine")
	for _, tt := range []struct {
		line   string
		status int
		says   string
	}{
		{"new web", 2, "no image is named"},
		{"new web --image localhost/web:1 --arch sparc", 2, "--arch is one of amd64"},
		{"new triton --image localhost/web:1", 3, "there is a profile of that name"},
		{"new Web --image localhost/web:1", 3, "is not a profile's name"},
		{"new web --image localhost/none:1", 3, "podman pull localhost/none:1"},
		{"new web --image localhost/web:1 -o there.toml", 3, "it is there already"},
		{"new web --image localhost/web:1 -o none/web.toml", 3, "mkdir -p none"},
		{"new web --image localhost/web:1 -o web.toml", 0, "zlaunch validate web.toml"},
		{"new web --image localhost/web:1", 0, ""},
	} {
		if got := w.run(append(strings.Fields(tt.line), "--url", url)...); got != tt.status || !strings.Contains(w.stderr.String(), tt.says) {
			t.Errorf("%s: status %d, want %d with %q: %s", tt.line, got, tt.status, tt.says, w.stderr.String())
		}
	}
	kept, err := os.ReadFile(filepath.Join(w.dir, "web.toml"))
	if err != nil || string(kept) != w.stdout.String() || !strings.Contains(string(kept), `"1001:1001"`) || !strings.Contains(string(kept), `about   = "[31mweb\" [profile.base]"`) {
		t.Errorf("%v: what is kept is\n%s\nand what is printed\n%s", err, kept, w.stdout.String())
	}
	if mine, _ := os.ReadFile(filepath.Join(w.dir, "there.toml")); string(mine) != "mine" {
		t.Errorf("a file that was there is now %q", mine)
	}
	if w.run("validate", "web.toml"); w.stdout.Len() == 0 || w.stderr.Len() > 0 {
		t.Errorf("validate: %s%s", w.stdout.String(), w.stderr.String())
	}
}
