package audit_test

import (
	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

func networks(names ...string) func(*Spec) {
	return func(s *Spec) { Network.Set(s, names, by) }
}

func published(key, ip string, port uint16) func(*Spec) {
	return func(s *Spec) { Publish.Set(s, key, Port{HostIP: ip, HostPort: port}, by) }
}

func args(words ...string) func(*Spec) {
	return func(s *Spec) { Args.Set(s, words, by) }
}

// lan are the controls that look at a port which the network reaches.
var lan = []string{"ZL-712", "ZL-713"}

// pastaMoves are the controls that ports opened by pasta itself move.
var pastaMoves = []string{"ZL-703", "ZL-704", "ZL-712", "ZL-713"}

var networkFixtures = map[string][]fixture{
	"ZL-701": {
		{name: "host", change: networks("host"), says: "host", also: []string{"ZL-703", "ZL-704", "ZL-705", "ZL-707", "ZL-712", "ZL-713"}},
	},
	"ZL-702": {
		{name: "of a container", change: networks("container:db"), says: "container:db", also: []string{"ZL-703", "ZL-704", "ZL-713"}},
		{name: "of a path", change: networks("ns:/proc/1/ns/net"), says: "ns:/proc/1/ns/net", also: []string{"ZL-703", "ZL-704", "ZL-713"}},
	},
	"ZL-703": {
		{name: "the default bridge", change: networks("podman"), says: "named"},
		{name: "bridge", change: networks("bridge:ip=10.88.0.9"), says: "bridge:ip=10.88.0.9"},
		{name: "docker's default", change: func(s *Spec) { Engine.Set(s, "docker", by); Network.Set(s, []string{"default"}, by) }, says: "named", also: []string{"ZL-704"}},
		{name: "a stack of its own", change: networks("private"), says: "of its own", verdict: audit.Pass, also: []string{"ZL-704"}},
		{name: "pasta", change: networks("pasta"), says: "of its own", verdict: audit.Pass, also: []string{"ZL-704"}},
		{name: "none", change: networks("none"), verdict: audit.Pass, also: []string{"ZL-704", "ZL-713"}},
	},
	"ZL-704": {
		{name: "routed", change: func(s *Spec) { NetworkIsolated.Set(s, false, by) }, says: "isolate=true"},
		{name: "not known", change: func(s *Spec) { NetworkIsolated.Clear(s) }, verdict: audit.Open},
	},
	"ZL-705": {
		{name: "to the world", change: func(s *Spec) { NetworkEgress.Set(s, true, by) }, says: "zlaunch-x"},
		{name: "not known", change: func(s *Spec) { NetworkEgress.Clear(s) }, says: "podman network inspect", verdict: audit.Open},
		{name: "a notebook", change: func(s *Spec) { ProfileKind.Set(s, "notebook", by) }, verdict: audit.NotApplicable},
	},
	"ZL-706": {
		{name: "a job with a network", change: func(s *Spec) { ProfileKind.Set(s, "job", by) }, says: "none", also: []string{"ZL-705", "ZL-810", "ZL-811", "ZL-812"}},
		{name: "zDLC", change: func(s *Spec) { ProfileKind.Clear(s); Args.Set(s, []string{"--EmitLib", "m.onnx"}, by) }, says: "none"},
		{name: "kind not known", change: func(s *Spec) { ProfileKind.Clear(s) }, says: "nothing says", verdict: audit.NotApplicable},
	},
	"ZL-707": {
		{name: "slirp4netns", change: networks("slirp4netns:mtu=1500,allow_host_loopback=true"), says: "allow_host_loopback", also: []string{"ZL-703", "ZL-704"}},
		{name: "pasta -T", change: networks("pasta:-T,5432"), says: `"-T 5432"`, also: []string{"ZL-703", "ZL-704"}},
		{name: "pasta --map-gw", change: networks("pasta:--map-gw"), says: "--map-gw", also: []string{"ZL-703", "ZL-704"}},
		{name: "pasta -T none", change: networks("pasta:-T,none"), verdict: audit.Pass, also: []string{"ZL-703", "ZL-704"}},
		{name: "host-gateway", change: func(s *Spec) { AddHost.Set(s, []string{"db:host-gateway"}, by) }, says: "db:host-gateway", also: []string{"ZL-715"}},
	},
	"ZL-708": {
		{name: "every address", change: published("8000/tcp", "0.0.0.0", 8000), says: "127.0.0.1:8000", also: lan},
		{name: "no address", change: published("8000/tcp", "", 8000), says: "no address", also: lan},
		{name: "a random port", change: published("8000/tcp", "", 0), says: "as 127.0.0.1:", also: lan},
		{name: "every IPv6 address", change: published("8000/tcp", "::", 8000), says: "every address", also: lan},
		{name: "the LAN", change: published("8000/tcp", "192.168.1.5", 8000), says: "the network reaches", also: lan},
		{name: "no address at all", change: published("8000/tcp", "localhost", 8000), says: "no address", also: lan},
		{name: "a range", change: published("3000-5000/tcp", "0.0.0.0", 3000), says: "as 127.0.0.1:3000-5000:3000-5000; it names 0.0.0.0, which is every address", also: []string{"ZL-711", "ZL-712", "ZL-713"}},
		{name: "a second address", change: published("8000/tcp@0.0.0.0:8000", "0.0.0.0", 8000), says: "8000/tcp must", also: lan},
		{name: "pasta opens all", change: networks("pasta:-t,all"), says: `"-t all"`, also: pastaMoves},
		{name: "pasta opens one", change: networks("pasta:--mtu,1500,-t,8000"), says: `"-t 8000"`, also: pastaMoves},
		{name: "pasta opens what listens", change: networks("pasta:-tauto"), says: `"-tauto"`, also: pastaMoves},
		{name: "pasta opens UDP", change: networks("pasta:-t,none,-u,53"), says: `"-u 53"`, also: pastaMoves},
		{name: "pasta by a long option", change: networks("pasta:--tcp-ports=all,--udp-ports,none"), says: "--tcp-ports=all", also: pastaMoves},
		{name: "pasta opens an address", change: networks("pasta:--udp-ports,10.0.0.1%eth0/53"), says: "10.0.0.1", also: pastaMoves},
		{name: "pasta on loopback", change: networks("pasta:-t,127.0.0.1/8000"), verdict: audit.Pass, also: []string{"ZL-703", "ZL-704", "ZL-713"}},
		{name: "pasta opens none", change: networks("pasta:-t,none,--udp-ports=none"), verdict: audit.Pass, also: []string{"ZL-703", "ZL-704"}},
		{name: "IPv6 loopback", change: published("8000/tcp", "::1", 8000), verdict: audit.Pass},
		{name: "IPv6 loopback in brackets", change: published("8000/tcp", "[::1]", 8000), verdict: audit.Pass},
		{name: "IPv4 in IPv6", change: published("8000/tcp", "::ffff:127.0.0.1", 8000), verdict: audit.Pass},
		{name: "a random port on loopback", change: published("8000/tcp", "127.0.0.1", 0), verdict: audit.Pass},
		{name: "all of 127", change: published("8000/tcp", "127.8.8.8", 8000), verdict: audit.Pass},
	},
	"ZL-709": {{name: "all", change: func(s *Spec) { PublishAll.Set(s, true, by) }, says: "publish_all", also: []string{"ZL-708", "ZL-712", "ZL-713"}}},
	"ZL-710": {
		{name: "443", change: published("8000/tcp", "127.0.0.1", 443), says: "443"},
		{name: "1024", change: published("8000/tcp", "127.0.0.1", 1024), verdict: audit.Pass},
	},
	"ZL-711": {
		{name: "not declared", change: published("9000/tcp", "127.0.0.1", 9000), says: "does not serve", also: []string{"ZL-713"}},
		{name: "metrics on the LAN", change: func(s *Spec) { published("8002/tcp", "10.0.0.1", 8002)(s); ProfilePorts.Clear(s) }, says: "metrics", also: []string{"ZL-708", "ZL-712", "ZL-713"}},
		{name: "metrics among others", change: func(s *Spec) { published("8000-8005/tcp", "10.0.0.1", 8000)(s); ProfilePorts.Clear(s) }, says: "which holds Triton's metrics at 8002", also: []string{"ZL-708", "ZL-712", "ZL-713"}},
		{name: "metrics on loopback", change: func(s *Spec) { published("8002/tcp", "127.0.0.1", 8002)(s); ProfilePorts.Clear(s) }, verdict: audit.Pass, also: []string{"ZL-713"}},
	},
	"ZL-712": {
		{name: "the LAN", change: published("8000/tcp", "0.0.0.0", 8000), says: "0.0.0.0:8000", verdict: audit.Review, also: []string{"ZL-708", "ZL-713"}},
		{name: "TLS of its own", change: func(s *Spec) { published("8000/tcp", "::", 8000)(s); args("--ssl_config_file=/c")(s) }, says: "--ssl_config_file", verdict: audit.Review, also: []string{"ZL-708", "ZL-713"}},
	},
	"ZL-713": {
		{name: "the LAN", change: published("8000/tcp", "0.0.0.0", 8000), says: "asks who is calling", verdict: audit.Review, also: []string{"ZL-708", "ZL-712"}},
		{name: "other users", change: func(s *Spec) { OtherUsers.Set(s, 3, by) }, says: "others than you", verdict: audit.Review},
		{name: "no other user", change: func(s *Spec) { OtherUsers.Set(s, 0, by) }, says: "127.0.0.1:8000", verdict: audit.Review},
		{name: "no port", change: func(s *Spec) { Publish.Delete(s, "8000/tcp") }, says: "no port", verdict: audit.NotApplicable},
	},
	"ZL-714": {
		{name: "models by request", change: args("tritonserver", "--model-control-mode=explicit"), says: "explicit"},
		{name: "models by polling", change: args("tritonserver", "--model-control-mode", "poll"), says: "poll"},
		{name: "a notebook without a token", change: args("jupyter", "lab", "--ip=0.0.0.0", "--ServerApp.token="), says: "ServerApp.token"},
		{name: "a notebook behind a shell", change: args("bash", "-c", "jupyter notebook --NotebookApp.token='' --NotebookApp.password=''"), says: "NotebookApp.token"},
		{name: "a password instead of the token", change: args("jupyter", "lab", "--ServerApp.token=", "--ServerApp.hashed_password=argon2:x"), verdict: audit.Pass},
		{name: "debugpy", change: args("python", "-m", "debugpy", "--listen", "0.0.0.0:5678", "serve.py"), says: "--listen"},
		{name: "node", change: args("node", "--inspect=0.0.0.0", "serve.js"), says: "--inspect"},
		{name: "no control", change: args("tritonserver", "--model-control-mode=none"), verdict: audit.Pass},
		{name: "command not known", change: func(s *Spec) { Args.Clear(s) }, verdict: audit.Open, also: []string{"ZL-818"}},
	},
	"ZL-715": {
		{name: "a name", change: func(s *Spec) { AddHost.Set(s, []string{"icr.io:10.0.0.1"}, by) }, says: "icr.io:10.0.0.1"},
		{name: "a server", change: func(s *Spec) { Dns.Set(s, []string{"10.0.0.1"}, by) }, says: "dns"},
		{name: "no hosts", change: func(s *Spec) { NoHosts.Set(s, true, by) }, says: "no_hosts"},
	},
}
