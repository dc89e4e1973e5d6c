package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// A kit is a directory with everything the tests need on a machine that has
// neither Go nor this source tree: zlaunch, the test programs, profiles/ and
// images/. ZLAUNCH_E2E_KIT names it; without it, programs are built here.
var kit = os.Getenv("ZLAUNCH_E2E_KIT")

// program puts a static program of this module at out: the kit's, or built from
// the package pkg, relative to this directory.
func program(out, pkg string) error {
	if kit == "" {
		return build(out, pkg)
	}
	data, err := os.ReadFile(filepath.Join(kit, filepath.Base(pkg)))
	if err != nil {
		return err
	}
	return os.WriteFile(out, data, 0o755)
}

// testProfile is the path of a file of test/profiles.
func testProfile(name string) string {
	if kit == "" {
		return filepath.Join("..", "profiles", name)
	}
	return filepath.Join(kit, "profiles", name)
}

// imageArchive is the archive of an image built by test/images. It skips the
// test where nobody built it: that takes a package mirror and minutes.
func imageArchive(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("ZLAUNCH_E2E_IMAGES")
	if dir == "" && kit != "" {
		dir = filepath.Join(kit, "images")
	}
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "zlaunch-lab", "images", runtime.GOARCH)
	}
	path := filepath.Join(dir, name+".tar")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("there is no %s: test/images/build %s makes it", path, name)
	}
	return path
}

// needImage loads an image built by test/images unless it is here.
func needImage(t *testing.T, name string) {
	t.Helper()
	need(t)
	if exec.Command("podman", "image", "exists", "localhost/zlaunch-"+name).Run() == nil {
		return
	}
	if out, err := exec.Command("podman", "load", "-q", "-i", imageArchive(t, name)).CombinedOutput(); err != nil {
		t.Fatalf("loading the image %s: %v\n%s", name, err, out)
	}
}

// patience is d, or more where the machine is emulated and slow.
func patience(d time.Duration) time.Duration {
	if os.Getenv("ZLAUNCH_E2E_SLOW") != "" {
		return 10 * d
	}
	return d
}
