package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/zlaunch/zlaunch/test/oci"
)

// oci FILE REF makes the image that FILE describes as JSON of [oci.Image], which may
// name what no builder makes, and takes it in as REF. It is the image of the tests
// otherwise: the workload as its program, ibm-user as its user.
func (a *attacked) oci(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: oci FILE REF")
	}
	dir := ts.MkAbs("oci-" + filepath.Base(args[0]))
	writeLayout(ts, args[0], dir)
	id, err := exec.Command("podman", "pull", "-q", "oci:"+dir).Output()
	ts.Check(err)
	ts.Check(exec.Command("podman", "tag", string(bytes.TrimSpace(id)), args[1]).Run())
	ts.Defer(func() { _ = exec.Command("podman", "rmi", "-f", args[1]).Run() })
}

// layout FILE DIR writes the same image as a layout, and no engine takes it in.
func (a *attacked) layout(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: layout FILE DIR")
	}
	writeLayout(ts, args[0], ts.MkAbs(args[1]))
}

func writeLayout(ts *testscript.TestScript, file, dir string) {
	img := testImage(ts)
	d := json.NewDecoder(strings.NewReader(os.Expand(ts.ReadFile(file), ts.Getenv)))
	d.DisallowUnknownFields()
	ts.Check(d.Decode(&img))
	_, err := oci.Write(dir, img)
	ts.Check(err)
}

// testImage is the image that a description changes. Entries of its own come after
// these, and a later one of a name replaces it.
func testImage(ts *testscript.TestScript) oci.Image {
	workload, err := os.ReadFile(filepath.Join(lab.home, "root-1000", "workload"))
	ts.Check(err)
	img := oci.Image{Config: oci.Config{User: "ibm-user", Entrypoint: []string{"/workload"}}}
	for _, d := range []string{"etc/", "tmp/", "run/", "var/", "var/tmp/", "proc/", "sys/", "dev/", "models/", "output/"} {
		img.Base = append(img.Base, oci.Entry{Name: d})
	}
	img.Base = append(img.Base, oci.Entry{Name: "workload", Data: workload},
		oci.Entry{Name: "etc/passwd", Mode: 0o644, Data: []byte("root:x:0:0:root:/:/bin/false\nibm-user:x:1000:1000::/tmp:/bin/false\n")},
		oci.Entry{Name: "etc/group", Mode: 0o644, Data: []byte("root:x:0:\nibm-user:x:1000:\n")})
	return img
}
