package mountinfo

import (
	"reflect"
	"testing"
)

func TestRead(t *testing.T) {
	got, err := Read("26 22 0:25 /sub /m/a\\040b rw,nosuid shared:1 master:2 - nfs4  rw,context=\"s0:c1,c2\",ro\n\n")
	want := []Mount{{Dev: "0:25", Root: "/sub", Target: "/m/a b", Options: []string{"rw", "nosuid"}, Tags: []string{"shared:1", "master:2"},
		FSType: "nfs4", Super: []string{"rw", `context="s0:c1,c2"`, "ro"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if !got[0].ReadOnly() {
		t.Error("a file system that is read-only")
	}
	if _, err := Read("26 22 0:25 / /m rw\n"); err == nil {
		t.Error("a line without its end is read")
	}
}

func FuzzRead(f *testing.F) {
	f.Add("23 22 0:22 / /m/a\\040b rw - tmpfs t rw\n")
	f.Fuzz(func(t *testing.T, text string) {
		mounts, err := Read(text)
		if err == nil && len(mounts) > len(text)/10+1 {
			t.Errorf("%d mounts of %d bytes", len(mounts), len(text))
		}
	})
}
