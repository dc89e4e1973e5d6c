package compose

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
)

// networks are named ones, or a mode.
var networks = shape{func(w *writer, k key) error {
	names, _, _ := container.Network.Get(w.run.Spec)
	at := container.Path{Key: k.row.Key()}
	if len(names) > 1 && w.target == Podman10 {
		w.lose(at, "podman-compose 1.0 joins several networks in no order, and the first one is what counts")
	}
	for _, name := range names {
		switch mode, _, _ := strings.Cut(name, ":"); {
		case slices.Contains([]string{"none", "host", "bridge", "container"}, mode) && w.target != Podman10:
			w.put("network_mode", value(name))
		case mode == "private" || mode == "pasta" || mode == "slirp4netns" || w.target == Podman10 && aMode(mode):
			if w.target == Podman {
				w.put("network_mode", value(name))
				continue
			}
			w.lose(at, "%s", noMode(w.target, mode))
		default:
			list := under(w.service, k.name, yaml.SequenceNode)
			list.Content = append(list.Content, text(name))
			w.declare("networks", name, w.network(name))
		}
	}
	return nil
}, readNetworks}

func aMode(name string) bool {
	return slices.Contains([]string{"none", "host", "bridge", "container"}, name)
}

func noMode(target, mode string) string {
	if target == Docker {
		return "Docker has no network mode " + mode
	}
	return "podman-compose 1.0 joins a network beside every network_mode"
}

// network is the declaration of one: the run's own are made by Compose, with their labels.
func (w *writer) network(name string) node {
	own := w.run.Network(name)
	if own == nil {
		return mapping(entry{"name", text(name)}, entry{"external", truth(true)})
	}
	m := mapping(entry{"name", text(name)})
	if own.Internal {
		put(m, "internal", truth(true))
	}
	for _, l := range slices.Sorted(maps.Keys(own.Labels)) {
		list := under(m, "labels", yaml.SequenceNode)
		list.Content = append(list.Content, value(l+"="+own.Labels[l]))
	}
	return m
}

// published are the ports, in the long form.
var published = shape{func(w *writer, k key) error {
	for _, p := range container.Publish.Keys(w.run.Spec) {
		v, _, _ := container.Publish.Get(w.run.Spec, p)
		number, proto, err := podmanrun.PortOf(p)
		if err != nil {
			return err
		}
		list := under(w.service, k.name, yaml.SequenceNode)
		list.Content = append(list.Content, w.port(number, proto, v))
	}
	return nil
}, readPorts}

// port is one. podman-compose forgets the brackets of an address of IPv6.
func (w *writer) port(number uint16, proto string, v container.Port) node {
	host := ""
	if v.HostPort != 0 {
		host = strconv.Itoa(int(v.HostPort))
	}
	if w.target != Docker && strings.Contains(v.HostIP, ":") {
		return text("[" + v.HostIP + "]:" + host + ":" + strconv.Itoa(int(number)) + "/" + proto)
	}
	m := mapping(entry{"target", word(strconv.Itoa(int(number)))})
	if host != "" {
		put(m, "published", text(host))
	}
	if v.HostIP != "" {
		put(m, "host_ip", text(v.HostIP))
	}
	put(m, "protocol", text(proto))
	return m
}
