package host

import (
	"os"
	"path/filepath"
	"slices"
)

// Spyre is an accelerator card of IBM's, which a container reaches by VFIO.
type Spyre struct {
	Address string // on the PCI bus
	Virtual bool   // a virtual function of a card, as IBM Z has them
	Driver  string // vfio-pci where a container can have it; "" none
	Node    string // the device node of its IOMMU group; "" none
}

// spyreIDs are the vendor IBM, and the card's physical and virtual function
// (ibm-aiu/spyre-operator, 0100_spyre_config_map.yaml).
const (
	ibmVendor     = "0x1014"
	spyreCard     = "0x06a7"
	spyreFunction = "0x06a8"
)

// Spyres lists the cards of this host, by their address.
func (f *Facts) Spyres() []Spyre {
	const bus = "/sys/bus/pci/devices"
	entries, _ := os.ReadDir(f.src.at(bus)) // sorted; without a bus there are none
	var out []Spyre
	for _, e := range entries {
		at := filepath.Join(bus, e.Name())
		device := f.src.line(at + "/device")
		if f.src.line(at+"/vendor") != ibmVendor || !slices.Contains([]string{spyreCard, spyreFunction}, device) {
			continue
		}
		card := Spyre{Address: e.Name(), Virtual: device == spyreFunction}
		if link, err := os.Readlink(f.src.at(at + "/driver")); err == nil {
			card.Driver = filepath.Base(link)
		}
		if link, err := os.Readlink(f.src.at(at + "/iommu_group")); err == nil {
			card.Node = "/dev/vfio/" + filepath.Base(link)
		}
		out = append(out, card)
	}
	return out
}
