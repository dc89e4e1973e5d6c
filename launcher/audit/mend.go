package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// unstate is a Mend that leaves a setting to the engine's default.
func unstate(row container.Row) func(*container.Spec, container.Path) {
	return func(s *container.Spec, _ container.Path) { row.Clear(s) }
}

// dropElement is a Mend that takes the element away.
func dropElement[T any](row container.Map[T]) func(*container.Spec, container.Path) {
	return func(s *container.Spec, at container.Path) { row.Delete(s, at.Elem) }
}

// mendLoopback leaves the options of the networks away, and the names of the host.
func mendLoopback(s *container.Spec, at container.Path) {
	if at.Key == container.AddHost.Key() {
		hosts, _, _ := container.AddHost.Get(s)
		container.AddHost.Set(s, slices.DeleteFunc(slices.Clone(hosts), gateway), mended)
		return
	}
	var out []string
	nets, _, _ := container.Network.Get(s)
	for _, n := range nets {
		mode, options, _ := strings.Cut(n, ":")
		switch {
		case mode == "host":
			continue
		case loopbackOption(attachment{mode, options}) != "":
			n = mode
		}
		out = append(out, n)
	}
	if container.Network.Clear(s); len(out) > 0 {
		container.Network.Set(s, out, mended)
	}
}

// mendPublish binds a port to the loopback address, and lets pasta open none.
func mendPublish(s *container.Spec, at container.Path) {
	if at.Key == container.Network.Key() {
		nets, _, _ := container.Network.Get(s)
		out := slices.Clone(nets)
		for i, n := range out {
			if len(inbound([]string{n})) > 0 {
				out[i] = "pasta"
			}
		}
		container.Network.Set(s, out, mended)
		return
	}
	if at.Key == container.PublishAll.Key() {
		container.PublishAll.Set(s, false, mended)
		return
	}
	if p, _, ok := container.Publish.Get(s, at.Elem); ok {
		p.HostIP = "127.0.0.1"
		container.Publish.Set(s, at.Elem, p, mended)
	}
}

// mendLowPort moves a port up by 8000, as 80 becomes 8080.
func mendLowPort(s *container.Spec, at container.Path) {
	if p, _, ok := container.Publish.Get(s, at.Elem); ok {
		p.HostPort += 8000
		container.Publish.Set(s, at.Elem, p, mended)
	}
}

// mendNeeded closes what the profile does not serve on; without a profile it keeps
// the port on loopback.
func mendNeeded(s *container.Spec, at container.Path) {
	p, _, _ := container.Publish.Get(s, at.Elem)
	declared, _, known := container.ProfilePorts.Get(s)
	if known && !slices.Contains(declared, portOf(at.Elem, p).key) {
		container.Publish.Delete(s, at.Elem)
		return
	}
	mendPublish(s, at)
}

func mendNames(s *container.Spec, at container.Path) {
	container.ByKey(at.Key).Clear(s)
	if at.Key == container.NoHosts.Key() {
		container.NoHosts.Set(s, false, mended)
	}
}

func mendSwap(s *container.Spec, _ container.Path) {
	if m, _, ok := container.Memory.Get(s); ok && m > 0 {
		container.MemorySwap.Set(s, m, mended)
	}
}

func mendUlimit(s *container.Spec, at container.Path) {
	if at.Elem != "core" {
		container.UlimitOf.Delete(s, at.Elem)
		return
	}
	container.UlimitOf.Set(s, "core", container.Ulimit{}, mended)
}

func mendOom(s *container.Spec, at container.Path) {
	if at.Key == container.OomScoreAdj.Key() {
		container.OomScoreAdj.Set(s, 0, mended)
		return
	}
	container.OomKillDisable.Set(s, false, mended)
}

func mendLogs(s *container.Spec, at container.Path) {
	if at.Key == container.LogDriver.Key() {
		container.LogDriver.Set(s, "journald", mended)
		return
	}
	container.LogOpt.Set(s, "max-size", "10m", mended)
}

// mendRegistry asks for TLS.
func mendRegistry(s *container.Spec, at container.Path) {
	if at.Key == container.TlsVerify.Key() {
		container.TlsVerify.Set(s, true, mended)
		return
	}
	image, m, _ := container.Image.Get(s)
	container.Image.Set(s, strings.TrimPrefix(image, "http://"), m)
}

// mendSignature cannot change the host's policy.
func mendSignature(s *container.Spec, at container.Path) {
	if at.Key == container.SignaturePolicy.Key() {
		container.SignaturePolicy.Clear(s)
	}
}

func mendPlatform(s *container.Spec, at container.Path) {
	if at.Key == container.Platform.Key() {
		container.Platform.Clear(s)
	}
}

func mendImport(s *container.Spec, at container.Path) {
	if at.Key == container.EnvHost.Key() {
		container.EnvHost.Set(s, false, mended)
		return
	}
	names, _, _ := container.EnvImport.Get(s)
	container.EnvImport.Set(s, slices.DeleteFunc(slices.Clone(names), func(n string) bool { return strings.Contains(n, "*") }), mended)
}

func mendProxy(s *container.Spec, at container.Path) {
	if at.Key == container.HttpProxy.Key() {
		container.HttpProxy.Set(s, false, mended)
	}
}

// mendSecret gives a mounted secret a mode. How a server reads a variable no
// option can change.
func mendSecret(s *container.Spec, at container.Path) {
	if v, _, ok := container.SecretOf.Get(s, at.Elem); ok && v.Type != "env" {
		v.Mode = 0o400
		container.SecretOf.Set(s, at.Elem, v, mended)
	}
}
