package e2e

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An image that is absent, of another machine or not what its digest says never
// becomes a container.
func TestImageFaults(t *testing.T) {
	s := newScene(t)
	s.row("offline", "an image that is not here while its registry cannot be reached", func(w *world, p *proof) {
		begun := time.Now()
		got := w.zlaunch(run("far", "--", "exit", "0")...)
		refused(p, got, "registry cannot be reached", "--pull never")
		p.saw("after %s", time.Since(begun).Round(time.Second))
	})
	s.row("never", "an image that is not here and must not be pulled", func(w *world, p *proof) {
		refused(p, w.zlaunch(run("--pull", "never", "far", "--", "exit", "0")...), "pull is never", "zlaunch pull")
	})
	s.row("architecture", "an image of another architecture", func(w *world, p *proof) {
		other := otherArch(w)
		got := w.zlaunch(run("--image", foreignImage, "job", "--", "exit", "0")...)
		refused(p, got, "is for "+other, "podman pull --arch")
	})
	s.row("digest", "a registry that answers with another manifest than the digest asked for", func(w *world, p *proof) {
		address := lyingRegistry(w)
		want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("what was asked for")))
		got := w.zlaunch(run("--image", address+"/x@"+want, "--pull", "missing", "job", "--", "exit", "0")...)
		refused(p, got, "not what the digest names", "skopeo inspect")
	})
}

const foreignImage = "localhost/zlaunch-e2e-foreign:latest"

// otherArch imports an image for a machine this one is not, until the test ends.
func otherArch(w *world) string {
	w.t.Helper()
	arch := "s390x"
	if strings.TrimSpace(w.podman("info", "--format", "{{.Host.Arch}}").stdout) == arch {
		arch = "amd64"
	}
	archive := filepath.Join(lab.home, "root-1000.tar")
	if got := w.podman("import", "-q", "--arch", arch, "-c", "USER ibm-user", archive, foreignImage); got.code != 0 {
		w.t.Fatalf("importing: %s", got.stderr)
	}
	w.t.Cleanup(func() { exec.Command("podman", "rmi", foreignImage).Run() })
	return arch
}

// lyingRegistry answers every request for a manifest with one and the same.
func lyingRegistry(w *world) string {
	w.t.Helper()
	const manifest = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",` +
		`"config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,` +
		`"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[]}`
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		if !strings.Contains(r.URL.Path, "/manifests/") {
			out.Header().Set("Content-Type", "application/json")
			out.Write([]byte("{}"))
			return
		}
		out.Write([]byte(manifest))
	}))
	w.t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	conf := w.write("registries.conf", fmt.Sprintf("[[registry]]\nlocation = %q\ninsecure = true\n", address))
	w.env = append(w.env[:len(w.env):len(w.env)], "CONTAINERS_REGISTRIES_CONF="+conf)
	privateOnly(w.t, w) // a service that runs already has another configuration
	return address
}

// The image changes between plan and create.
func TestImageThatChanges(t *testing.T) {
	s := newScene(t)
	px := newProxy(s.world)
	s.env = append(s.env, "CONTAINER_HOST=unix://"+px.socket)
	const moving = "localhost/zlaunch-e2e-moving:latest"
	t.Cleanup(func() { exec.Command("podman", "rmi", moving).Run() })
	for _, c := range []struct{ name, what, script, says string }{
		{"vanish", "an image that vanishes between plan and create", "podman rmi " + moving, "image not known"},
		{"swap", "an image name that is moved to another image between plan and create", "podman tag localhost/zlaunch-e2e-other:latest " + moving,
			"what would run is not what was planned"},
	} {
		s.row(c.name, c.what, func(w *world, p *proof) {
			if got := w.podman("tag", image, moving); got.code != 0 {
				w.t.Fatal(got.stderr)
			}
			if c.name == "swap" {
				must(buildImage(lab.home, "localhost/zlaunch-e2e-other:latest", 1234))
				defer exec.Command("podman", "rmi", "localhost/zlaunch-e2e-other:latest").Run()
			}
			var out []byte
			var err error
			px.armAt("/containers/create", false, func() { out, err = exec.Command("sh", "-c", c.script).CombinedOutput() })
			got := w.zlaunch(run("--image", moving, "job", "--", "status")...)
			p.saw("exit %d: %s", got.code, explained(got.stderr))
			if err != nil {
				w.t.Fatalf("%s: %s", c.script, out)
			}
			if got.code != 125 || !strings.Contains(got.stderr, c.says) || strings.Contains(got.stdout, "Uid:") {
				w.t.Errorf("ended with %d: %s%s", got.code, got.stdout, got.stderr)
			}
		})
	}
}

// runc 1.1 gives a tmpfs the permission bits of the image's directory, whatever
// was asked for: fewer are told, more are refused.
func TestTmpfsMode(t *testing.T) {
	s := newScene(t)
	runtime := strings.TrimSpace(s.podman("info", "--format", "{{.Host.OCIRuntime.Name}}").stdout)
	for _, c := range []struct {
		name, what string
		mode       int64
	}{
		{"narrow", "a tmpfs where the image's directory allows less than planned: the planned mode holds, or the report says which does", 0o755},
		{"wide", "a tmpfs where the image's directory lets everyone write without the sticky bit: the planned mode holds, or nothing runs", 0o777},
	} {
		s.row(c.name, c.what, func(w *world, p *proof) {
			scratchImage(w, c.mode)
			got := w.zlaunch(run("--image", scratched, "scratch", "--", "write", "/scratch/x")...)
			p.saw("%s; exit %d", runtime, got.code)
			switch {
			case got.code == 0:
			case runtime != "runc":
				w.t.Errorf("ended with %d: %s", got.code, got.stderr)
			case c.name == "wide":
				refused(p, got, "tmpfs[/scratch]: planned size=1048576,mode=1777", "effective size=1048576,mode=0777", "evidence kernel")
			case !strings.Contains(got.stderr, "gave it mode 0755") || !strings.Contains(got.stderr, "permission denied"):
				w.t.Errorf("ended with %d: %s", got.code, got.stderr)
			}
		})
	}
}

const scratched = "localhost/zlaunch-e2e-scratch:latest"

// scratchImage imports the test image with a directory /scratch.
func scratchImage(w *world, mode int64) {
	w.t.Helper()
	var archive bytes.Buffer
	if err := withEntry(&archive, &tar.Header{Typeflag: tar.TypeDir, Name: "./scratch/", Mode: mode}, strings.NewReader("")); err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.t.TempDir(), "scratch.tar")
	must(os.WriteFile(file, archive.Bytes(), 0o644))
	if got := w.podman("import", "-q", "-c", "USER ibm-user", "-c", `ENTRYPOINT ["/workload"]`, file, scratched); got.code != 0 {
		w.t.Fatalf("importing: %s", got.stderr)
	}
	w.t.Cleanup(func() { exec.Command("podman", "rmi", "-f", scratched).Run() })
}
