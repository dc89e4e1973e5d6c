package host_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/host"
)

func TestSpyres(t *testing.T) {
	const bus = "sys/bus/pci/devices/"
	root := tree(t, map[string]string{
		bus + "0001:00:00.0/vendor": "0x1014\n", bus + "0001:00:00.0/device": "0x06a8\n",
		bus + "0002:00:00.0/vendor": "0x1014\n", bus + "0002:00:00.0/device": "0x06a7\n",
		bus + "0003:00:00.0/vendor": "0x1014\n", bus + "0003:00:00.0/device": "0x04ed\n",
		bus + "0004:00:00.0/vendor": "0x10de\n", bus + "0004:00:00.0/device": "0x06a7\n",
	})
	for name, target := range map[string]string{"driver": "../../../../bus/pci/drivers/vfio-pci", "iommu_group": "../../../../kernel/iommu_groups/7"} {
		if err := os.Symlink(target, filepath.Join(root, bus, "0001:00:00.0", name)); err != nil {
			t.Fatal(err)
		}
	}
	want := []host.Spyre{{Address: "0001:00:00.0", Virtual: true, Driver: "vfio-pci", Node: "/dev/vfio/7"}, {Address: "0002:00:00.0"}}
	if got := read(t, source(root, nil)).Spyres(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := read(t, source(t.TempDir(), nil)).Spyres(); got != nil {
		t.Errorf("without a bus: %+v", got)
	}
}
