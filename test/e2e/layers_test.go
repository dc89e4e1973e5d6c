package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/test/oci"
)

// Which files of an image give rights is what Podman has on its disk when it took the
// image: of drawn images whose links and whiteouts get in each other's way, of which it
// refuses some.
func TestLayers(t *testing.T) {
	w := newWorld(t)
	driver := strings.TrimSpace(w.podman("info", "--format", "{{.Store.GraphDriverName}}").stdout)
	others := map[string]string{"vfs": "(overlay)", "overlay": "(vfs, "}[driver]
	if others == "" {
		t.Fatalf("the storage driver %q is none that inspect names", driver)
	}
	const enough = 30
	taken, refused, rights := 0, 0, 0
	for seed := uint64(0); taken < enough && refused < 10*enough; seed++ {
		dir := filepath.Join(lab.home, fmt.Sprintf("drawn-%d", seed)) // podman takes no capital in a name
		img := oci.Draw(rand.New(rand.NewPCG(seed, 16)))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if _, err := oci.Write(dir, img); err != nil {
			t.Fatal(err)
		}
		got := w.rightsTold(dir, others)
		want, ok := w.rightsOnDisk(dir)
		if !ok {
			refused++
			continue
		}
		taken++
		rights += len(want)
		if !slices.Equal(got, want) {
			t.Errorf("image %d: inspect tells %q, and with Podman's %s there are %q\n%+v", seed, got, driver, want, img)
		}
	}
	if taken < enough || rights < enough {
		t.Errorf("Podman took %d images with %d such files, of %d", taken, rights, taken+refused)
	}
	t.Logf("%s: Podman took %d images, %d files of them give rights; it refused %d", driver, taken, rights, refused)
}

// rightsTold are the files that inspect tells of, but for those of other engines alone.
func (w *world) rightsTold(dir, others string) (out []string) {
	w.t.Helper()
	var doc report.Inspected
	if got := w.zlaunch("inspect", "--json", dir); json.Unmarshal([]byte(got.stdout), &doc) != nil || doc.Files == nil {
		w.t.Fatalf("inspect: %+v", got)
	}
	for what, l := range map[string]report.FileList{"setuid ": doc.Files.Setuid, "capable ": doc.Files.Capable} {
		for _, f := range l.Files {
			if !strings.Contains(f.Note, others) && !strings.Contains(f.Note, "keeps what it links to") {
				out = append(out, what+f.Path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// rightsOnDisk are those that Podman has of an image; ok is false where it refuses it.
func (w *world) rightsOnDisk(dir string) (out []string, ok bool) {
	w.t.Helper()
	pulled := w.podman("pull", "-q", "oci:"+dir)
	if pulled.code != 0 {
		w.t.Logf("refused: %s", pulled.stderr[strings.LastIndex(strings.TrimSpace(pulled.stderr), "\n")+1:])
		return nil, false
	}
	id := strings.TrimSpace(pulled.stdout)
	defer w.podman("rmi", "-f", id)
	workload := filepath.Join(lab.home, "root-1000", "workload")
	got := w.podman("unshare", "sh", "-c", `m=$(podman image mount "$1") && "$2" rights "$m"; s=$?; podman image umount "$1" >/dev/null; exit $s`, "sh", id, workload)
	if got.code != 0 {
		w.t.Fatalf("reading image %s: %+v", id, got)
	}
	out = strings.FieldsFunc(got.stdout, func(r rune) bool { return r == '\n' })
	slices.Sort(out)
	return out, true
}
