package shell

import (
	"slices"
	"strings"
)

// signs are texts that mean a container and name no engine: the keys of the engines'
// own formats, and the libraries through which programs in other languages run one.
// They count where they are not part of a longer word.
var signs = []string{
	"HostConfig", "ociVersion", // Docker's API and the runtimes' bundles
	"containerDefinitions", "ContainerDefinitions", "container_definitions", // ECS, by hand and by Terraform
	"containers/systemd", "oci-containers", // where Quadlet and NixOS look
	"testcontainers", "GenericContainer", "dockerode", "dockerpy", "bollard", "go-dockerclient",
	"docker/docker/client", "moby/moby/client", "pkg/bindings/containers",
	":2375", ":2376", "/2375", "/2376", // where dockerd listens
}

// sections are the heads of units of Quadlet that run something.
var sections = []string{"[Container]", "[Kube]", "[Pod]"}

// apiVerbs are what the engines' API does to one container that can run something.
const apiVerbs = "start restart exec attach update unpause archive copy checkpoint restore commit"

// signed finds the signs in a text, in no order.
func signed(text string) []mention {
	var out []mention
	for _, s := range signs {
		out = addPlaces(out, text, s, func(from, to int) bool { return apart(text, from, to) })
	}
	for _, s := range sections {
		out = addPlaces(out, text, s, func(from, to int) bool { return alone(text, from, to) })
	}
	for _, s := range []string{"/containers/", "/pods/", "/exec/", "/services/", "/libpod/play/", "/libpod/kube/"} {
		out = addPlaces(out, text, s, func(_, to int) bool { return callsAPI(s, text[to:min(to+window, len(text))]) })
	}
	return out
}

// addPlaces adds the places of a sign where it counts.
func addPlaces(out []mention, text, sign string, counts func(from, to int) bool) []mention {
	for from := 0; ; {
		i := strings.Index(text[from:], sign)
		if i < 0 {
			return out
		}
		i += from
		from = i + len(sign)
		if counts(i, from) {
			out = append(out, mention{Span{i, from}, sign})
		}
	}
}

// apart tells whether a range of a text is no part of a longer word.
func apart(text string, from, to int) bool {
	return !(from > 0 && identifier(text[from]) && identifier(text[from-1])) && !(to < len(text) && identifier(text[to]))
}

// alone tells whether a range of a text is a line of its own, in a text as it is or
// with its ends of lines written as \n.
func alone(text string, from, to int) bool {
	before, after := strings.TrimRight(text[:from], " \t"), strings.TrimLeft(text[to:], " \t\r")
	begins := before == "" || strings.HasSuffix(before, `\n`) || strings.IndexByte("\n\"'>|", before[len(before)-1]) >= 0
	return begins && (after == "" || strings.IndexByte("\n\\\"'", after[0]) >= 0)
}

// callsAPI tells whether what follows a path of the engines' API runs something.
func callsAPI(sign, rest string) bool {
	ends := func(r rune) bool { return r == '?' || r < 0x80 && r != '{' && r != '}' && separates(byte(r)) }
	if i := strings.IndexFunc(rest, ends); i >= 0 {
		rest = rest[:i]
	}
	parts := strings.Split(strings.TrimRight(rest, "/\\"), "/")
	switch {
	case strings.HasPrefix(sign, "/libpod/"):
		return true
	case len(parts) == 1:
		return parts[0] == "create" && sign != "/exec/"
	case len(parts) == 2:
		return slices.Contains(strings.Fields(apiVerbs), parts[1])
	}
	return false
}
