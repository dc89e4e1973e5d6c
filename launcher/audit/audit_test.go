package audit_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

var by = From(Origin{Layer: LayerCommandLine, Key: "test"})

// hardened is the least spec that passes every control.
func hardened() *Spec {
	s := &Spec{}
	CapDrop.Set(s, []string{"all"}, by)
	NoNewPrivileges.Set(s, true, by)
	ReadOnly.Set(s, true, by)
	ReadOnlyTmpfs.Set(s, false, by)
	TmpfsAt.Set(s, "/tmp", Tmpfs{Size: 1 << 20}, by)
	VolumeAt.Set(s, "/models", Volume{Source: "/srv/m", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}, by)
	ImageVolume.Set(s, "ignore", by)
	User.Set(s, "1000:1000", by)
	Userns.Set(s, "keep-id:uid=1000,gid=1000", by)
	Ipc.Set(s, "private", by)
	Systemd.Set(s, "false", by)
	Network.Set(s, []string{"zlaunch-x"}, by)
	Publish.Set(s, "8000/tcp", Port{HostIP: "127.0.0.1", HostPort: 8000}, by)
	Memory.Set(s, 1<<30, by)
	MemorySwap.Set(s, 1<<30, by)
	PidsLimit.Set(s, 100, by)
	UlimitOf.Set(s, "core", Ulimit{}, by)
	ShmSize.Set(s, 1<<20, by)
	Restart.Set(s, "no", by)
	Umask.Set(s, "0027", by)
	HttpProxy.Set(s, false, by)
	return s
}

// Each control that judges fails for one change of the hardened spec, and that
// change fails no other control than those named.
func TestEachControlFailsForOneChange(t *testing.T) {
	vol := Volume{Source: "/srv/m", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}
	with := func(change func(*Volume)) func(*Spec) {
		return func(s *Spec) { v := vol; change(&v); VolumeAt.Set(s, "/models", v, by) }
	}
	changes := map[string]func(*Spec){
		"ZL-201":        func(s *Spec) { Privileged.Set(s, true, by) },
		"ZL-203":        func(s *Spec) { CapDrop.Set(s, []string{"net_raw"}, by) },
		"ZL-204 ZL-206": func(s *Spec) { CapAdd.Set(s, []string{"CAP_SYS_ADMIN"}, by) },
		"ZL-206":        func(s *Spec) { CapAdd.Set(s, []string{"net_bind_service"}, by) },
		"ZL-207":        func(s *Spec) { NoNewPrivileges.Set(s, false, by) },
		"ZL-208":        func(s *Spec) { SeccompProfile.Set(s, "unconfined", by) },
		"ZL-211":        func(s *Spec) { Unmask.Set(s, []string{"/proc/kcore"}, by) },
		"ZL-401":        func(s *Spec) { SecurityLabel.Set(s, []string{"disable"}, by) },
		"ZL-407":        func(s *Spec) { Apparmor.Set(s, "unconfined", by) },
		"ZL-601":        func(s *Spec) { Pid.Set(s, "host", by) },
		"ZL-602":        func(s *Spec) { Ipc.Set(s, "shareable", by) },
		"ZL-603":        func(s *Spec) { Uts.Set(s, "host", by) },
		"ZL-604":        func(s *Spec) { Cgroupns.Set(s, "host", by) },
		"ZL-605":        func(s *Spec) { Device.Set(s, []string{"/dev/fuse"}, by) },
		"ZL-608":        func(s *Spec) { Systemd.Set(s, "true", by) },
		"ZL-301":        func(s *Spec) { User.Set(s, "0:0", by); Userns.Set(s, "host", by) },
		"ZL-304":        func(s *Spec) { Userns.Set(s, "keep-id", by) },
		"ZL-307":        func(s *Spec) { GroupAdd.Set(s, []string{"keep-groups"}, by) },
		"ZL-311":        func(s *Spec) { Umask.Set(s, "0000", by) },
		"ZL-501":        func(s *Spec) { ReadOnly.Set(s, false, by) },
		"ZL-502":        func(s *Spec) { ReadOnlyTmpfs.Set(s, true, by) },
		"ZL-503":        func(s *Spec) { TmpfsAt.Set(s, "/tmp", Tmpfs{}, by) },
		"ZL-504":        func(s *Spec) { ImageVolume.Set(s, "anonymous", by) },
		"ZL-505":        with(func(v *Volume) { v.ReadOnly = false }),
		"ZL-506":        with(func(v *Volume) { v.Source = "/run/user/1000/podman/podman.sock" }),
		"ZL-510":        with(func(v *Volume) { v.Relabel = "" }),
		"ZL-515":        with(func(v *Volume) { v.NoSuid = false }),
		"ZL-520":        func(s *Spec) { VolumeAt.Set(s, "/usr/lib", vol, by) },
		"ZL-701":        func(s *Spec) { Network.Set(s, []string{"host"}, by) },
		"ZL-703":        func(s *Spec) { Network.Set(s, []string{"bridge"}, by) },
		"ZL-708":        func(s *Spec) { Publish.Set(s, "8000/tcp", Port{HostIP: "0.0.0.0", HostPort: 8000}, by) },
		"ZL-801":        func(s *Spec) { Memory.Clear(s) },
		"ZL-802":        func(s *Spec) { MemorySwap.Clear(s) },
		"ZL-803":        func(s *Spec) { PidsLimit.Set(s, -1, by) },
		"ZL-805":        func(s *Spec) { UlimitOf.Delete(s, "core") },
		"ZL-806":        func(s *Spec) { ShmSize.Clear(s) },
		"ZL-809":        func(s *Spec) { Restart.Set(s, "always", by) },
		"ZL-924":        func(s *Spec) { HttpProxy.Set(s, true, by) },
	}
	if f := audit.Failures(hardened()); len(f) != 0 {
		t.Fatalf("the hardened spec fails %v", f)
	}
	tested := map[string]bool{}
	for want, change := range changes {
		s := hardened()
		change(s)
		var got []string
		for _, f := range audit.Failures(s) {
			got = append(got, f.Control.ID)
			tested[f.Control.ID] = true
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("want %s, got %v", want, got)
		}
	}
	for _, c := range audit.Catalogue() {
		if c.Judge != nil && !tested[c.ID] {
			t.Errorf("%s %s has no failing case", c.ID, c.Name)
		}
	}
}

// The catalogue is well formed: ids and names are unique, every control says why.
func TestCatalogue(t *testing.T) {
	id, name := regexp.MustCompile(`^ZL-\d{3}$`), regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, c := range audit.Catalogue() {
		if !id.MatchString(c.ID) || !name.MatchString(c.Name) || c.Why == "" || seen[c.ID] || seen[c.Name] {
			t.Errorf("bad control %+v", c)
		}
		seen[c.ID], seen[c.Name] = true, true
		if c.Judge != nil && len(c.Reads) == 0 {
			t.Errorf("%s judges but reads nothing", c.ID)
		}
	}
}

func TestWaivers(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	at := func(l Layer) Origin { return Origin{Layer: l, File: "f"} }
	cases := []struct {
		name string
		w    audit.Waiver
		ok   bool
	}{
		{"command line, medium", audit.Waiver{Control: "ZL-104", Origin: at(LayerCommandLine)}, true},
		{"command line, high", audit.Waiver{Control: "ZL-203", Origin: at(LayerCommandLine)}, true},
		{"command line, critical", audit.Waiver{Control: "ZL-208", Origin: at(LayerCommandLine)}, false},
		{"user profile, high", audit.Waiver{Control: "ZL-203", Origin: at(LayerUser)}, false},
		{"user profile, low", audit.Waiver{Control: "ZL-503", Origin: at(LayerUser)}, true},
		{"project", audit.Waiver{Control: "ZL-503", Origin: at(LayerProject)}, false},
		{"unknown control", audit.Waiver{Control: "ZL-999", Origin: at(LayerCommandLine)}, false},
		{"expired", audit.Waiver{Control: "ZL-503", Origin: at(LayerUser), Expires: now.AddDate(0, 0, -1)}, false},
		{"not yet expired", audit.Waiver{Control: "ZL-503", Origin: at(LayerUser), Expires: now.AddDate(0, 0, 1)}, true},
	}
	for _, c := range cases {
		if err := c.w.Check(now); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, bad := range []string{"", "ZL-104", "ZL-104=", `ZL-104=""`} {
		if _, err := audit.ParseWaiver(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
