package compose

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// readNetworks reads the networks that a service joins, by the names they have outside.
func readNetworks(s *service, k key, p pair) {
	s.network = true
	n := resolved(p.value)
	join := func(node *yaml.Node) {
		v, w, ok := s.scalar(k.name, node)
		if ok {
			s.option(w, "network", outside(s, w, v))
		}
	}
	if n.Kind == yaml.MappingNode {
		for _, each := range s.pairs(n, nil) {
			join(each.key)
		}
		return
	}
	for _, item := range s.items(n) {
		join(item)
	}
}

// outside is what a network is called for the engine.
func outside(s *service, word int, v filled) filled {
	if v.open() {
		return v
	}
	out, theirs := plain(s.project()+"_"+v.text), false
	for _, d := range s.declared("networks", v.text) {
		if e := resolved(s.field(d, "external")); e != nil && e.Value != "false" {
			out, theirs = plain(v.text), true
			if inner := resolved(s.field(e, "name")); inner != nil {
				out = s.fill(inner.Value)
			}
		}
		if n := resolved(s.field(d, "name")); n != nil && n.Kind == yaml.ScalarNode {
			out = s.fill(n.Value)
		}
		if n := resolved(s.field(d, "driver")); n != nil && n.Kind == yaml.ScalarNode {
			switch n.Value {
			case "bridge", "overlay", "default", "":
			case "host", "none":
				out, theirs = plain(n.Value), true
			default:
				s.leave(word, container.Path{Key: container.Network.Key()}, "zlaunch does not judge the driver %s of a network", shown(n.Value))
			}
		}
	}
	if !theirs && !out.open() {
		s.out.Networks = append(s.out.Networks, out.text)
		beyond(s, word, v.text)
	}
	return out
}

// beyond lists what the declaration of a network says and no setting holds, as that nothing
// behind it is reached.
func beyond(s *service, word int, name string) {
	for _, d := range s.declared("networks", name) {
		for _, p := range s.pairs(d, nil) {
			if k := p.key.Value; k != "name" && k != "driver" && k != "external" {
				s.aside(word, container.Path{Key: container.Network.Key()}, "%s of the network %s has no setting", shown(k), shown(name))
			}
		}
	}
}

// readMode reads network_mode.
func readMode(s *service, k key, p pair) {
	s.network = true
	if v, w, ok := s.scalar(k.name, p.value); ok {
		s.option(w, "network", ofService(v))
	}
}

// portKeys are those of the long form of a port.
var portKeys = strings.Fields("target published host_ip protocol mode name app_protocol")

// readPorts reads published ports, each in the short form or the long one.
func readPorts(s *service, k key, p pair) {
	for _, item := range s.items(p.value) {
		n := resolved(item)
		if n == nil || n.Kind != yaml.MappingNode {
			if v, w, ok := s.scalar(k.name, item); ok {
				s.option(w, k.option, v)
			}
			continue
		}
		of, word := map[string]filled{}, -1
		for _, f := range s.pairs(n, nil) {
			v, w, ok := s.scalar(k.name, f.value)
			switch {
			case !contains(portKeys, f.key.Value) && !strings.HasPrefix(f.key.Value, "x-"):
				s.wrong(s.word(k.name, f.key), "%s is no key of a port that zlaunch knows", shown(f.key.Value))
			case ok:
				of[f.key.Value] = v
				if f.key.Value == "published" || word < 0 {
					word = w
				}
			}
		}
		if word < 0 {
			s.wrong(s.word(k.name, n), "a port has a target")
			continue
		}
		v := portOf(of)
		s.out.Words[word].Text = k.name + ": " + v.text
		s.option(word, k.option, v)
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// portOf writes ADDRESS:HOSTPORT:PORT/PROTOCOL.
func portOf(of map[string]filled) filled {
	v := filled{}
	if ip := of["host_ip"]; ip.text != "" {
		if strings.Contains(ip.text, ":") && !ip.open() {
			ip = plain("[" + ip.text + "]")
		}
		v = ip.and(plain(":")).and(of["published"]).and(plain(":"))
	} else if of["published"].text != "" {
		v = of["published"].and(plain(":"))
	}
	v = v.and(of["target"])
	if proto := of["protocol"]; proto.text != "" {
		v = v.and(plain("/")).and(proto)
	}
	return v
}

// readSecrets reads secrets and configs: the file that one names is mounted, Podman's own
// are its store's.
func readSecrets(s *service, k key, p pair) {
	for _, item := range s.items(p.value) {
		n := resolved(item)
		of := map[string]filled{}
		if n.Kind == yaml.ScalarNode {
			of["source"] = s.fill(n.Value)
		}
		for _, f := range s.pairs(n, nil) {
			if v := resolved(f.value); v.Kind == yaml.ScalarNode {
				of[f.key.Value] = s.fill(v.Value)
			}
		}
		readSecret(s, k, s.word(k.name, n), of)
	}
}

func readSecret(s *service, k key, word int, of map[string]filled) {
	name := of["source"].text
	var declared *yaml.Node
	for _, d := range s.declared(k.name, name) {
		declared = d
	}
	target := "/run/secrets/" + name
	if k.name == "configs" {
		target = "/" + name
	}
	if t := of["target"].text; t != "" && of["type"].text != "env" {
		target = path.Join("/run/secrets", t)
		if strings.HasPrefix(t, "/") || k.name == "configs" {
			target = path.Join("/", t)
		}
	}
	file := resolved(s.field(declared, "file"))
	switch {
	case file != nil && file.Kind == yaml.ScalarNode:
		v := placed(s, s.fill(file.Value))
		s.option(word, "volume", v.and(plain(":"+target+":ro")))
	case s.engine == "podman" && k.name == "secrets" && s.field(declared, "external") != nil:
		s.option(word, "secret", stored(name, target, of))
	case s.field(declared, "environment") != nil, s.field(declared, "content") != nil: // a file that is made in the container
	default:
		s.leave(word, container.Path{Key: container.VolumeAt.Key()}, "where the %s %s comes from is not known", strings.TrimSuffix(k.name, "s"), shown(name))
	}
}

// stored is a secret of Podman's store.
func stored(name, target string, of map[string]filled) filled {
	v := plain(name + ",type=mount,target=" + target)
	if of["type"].text == "env" {
		v = plain(name + ",type=env")
		if t := of["target"].text; t != "" {
			v.text += ",target=" + t
		}
	}
	for _, o := range []string{"uid", "gid", "mode"} {
		if t := of[o].text; t != "" {
			v.text += "," + o + "=" + t
		}
	}
	return v
}
