package host_test

import (
	"path/filepath"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/host"
)

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	want, err := host.DiskOf(dir)
	if err != nil || want.FSType == "" || want.Free <= 0 {
		t.Fatalf("got %+v, %v", want, err)
	}
	got, err := host.DiskOf(filepath.Join(dir, "not", "yet", "there"))
	if err != nil || got.FSType != want.FSType {
		t.Errorf("got %+v, %v", got, err)
	}
	if (host.Disk{FSType: "nfs"}).Labels() || !(host.Disk{FSType: "xfs"}).Labels() {
		t.Error("nfs carries labels, or xfs does not")
	}
}
