package e2e

import (
	"encoding/json"
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

// imageFile is a file or directory that test/images built for the image name: its
// archive, its models. It skips the test where nobody built it: that takes a
// package mirror and minutes.
func imageFile(t *testing.T, name string, path ...string) string {
	t.Helper()
	file := filepath.Join(append([]string{imagesDir(t)}, path...)...)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("there is no %s: test/images/build %s makes it", file, name)
	}
	return file
}

// imagesDir is where the images are that test/images has built, if it has.
func imagesDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("ZLAUNCH_E2E_IMAGES"); dir != "" {
		return dir
	}
	if kit != "" {
		return filepath.Join(kit, "images")
	}
	return filepath.Join(labDir(t), "images", runtime.GOARCH)
}

// labDir is where test/lab and test/images keep what they made.
func labDir(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("ZLAUNCH_LAB"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "zlaunch-lab")
}

// imageArchive is the archive of an image built by test/images.
func imageArchive(t *testing.T, name string) string {
	t.Helper()
	return imageFile(t, name, name+".tar")
}

// imageModels copies the models made with an image to a directory of the test's
// own: zlaunch may label them, and who owns the kit is not its matter.
func imageModels(t *testing.T, name string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "models")
	if err := os.CopyFS(to, os.DirFS(imageFile(t, name, "models", name))); err != nil {
		t.Fatal(err)
	}
	return to
}

// imageAnswers reads what the models of an image must answer, as their build
// worked it out without the server.
func imageAnswers(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(imageFile(t, name, "answers", name, "answers.json"))
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
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
