package audit_test

import (
	"testing"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/effective"
)

// What a specification of CDI brings read-only of the driver's programs and libraries
// passes where another's mount does not: a device is of no use without them, and the
// workload cannot change them. Anything else it brings is judged like any mount.
func TestDriverFiles(t *testing.T) {
	cdi := From(Origin{Layer: LayerCDI, File: "/etc/cdi/v.json", Key: "v.example/gpu"})
	lib := Volume{Source: "/usr/lib/libv.so", ReadOnly: true, NoSuid: true, NoDev: true}
	writable, secret, all := lib, lib, lib
	writable.ReadOnly, secret.Source, all.Source = false, "/etc/shadow", "/usr/lib"
	for name, c := range map[string]struct {
		at   string
		v    Volume
		m    Mark
		fail bool
	}{
		"a library":            {"/usr/lib/libv.so", lib, cdi, false},
		"the same by hand":     {"/usr/lib/libv.so", lib, by, true},
		"writable":             {"/usr/lib/libv.so", writable, cdi, true},
		"a secret":             {"/usr/lib/libv.so", secret, cdi, true},
		"all libraries":        {"/usr/lib/host", all, cdi, true},
		"over all of them":     {"/usr/lib", lib, cdi, true},
		"over a configuration": {"/etc/ld.so.preload", lib, cdi, true},
	} {
		s := hardened()
		VolumeAt.Set(s, c.at, c.v, c.m)
		failed := ""
		for _, f := range audit.Failures(effective.Complete(s, effective.Engine{})) {
			if f.Control.ID == "ZL-506" || f.Control.ID == "ZL-520" {
				failed += " " + f.Control.ID + ": " + f.Message
			}
		}
		if (failed != "") != c.fail {
			t.Errorf("%s: %q", name, failed)
		}
	}
}
