package bundle

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Ref names a bundle in a place: oci://HOST[:PORT]/REPOSITORY[:TAG|@DIGEST], or
// dir:PATH[:TAG] for an OCI image layout.
type Ref struct {
	Host       string // with its port, where one is given; "" for a directory
	Repository string // "" for a directory
	Dir        string // as given; "" for a registry
	Tag        string // "" none given
	Digest     string // "sha256:…"; "" none given
}

// The two beginnings of a reference.
const (
	ociScheme = "oci://"
	dirScheme = "dir:"
)

// ParseRef reads a reference, strictly: what it takes, [Ref.String] gives back.
func ParseRef(s string) (Ref, error) {
	var r Ref
	err := printable(s)
	if rest, ok := strings.CutPrefix(s, ociScheme); ok && strings.Contains(strings.SplitN(rest, "/", 2)[0], "@") {
		return r, hint.Errorf("podman login HOST", "reading the reference: a user or password has no place in it")
	}
	if rest, ok := strings.CutPrefix(s, ociScheme); err == nil && ok {
		r, err = parseOCI(rest)
	} else if rest, ok := strings.CutPrefix(s, dirScheme); err == nil && ok {
		r, err = parseDir(rest)
	} else if err == nil {
		err = hint.Errorf("oci://HOST/REPOSITORY:TAG or dir:PATH", "it begins with neither %s nor %s", ociScheme, dirScheme)
	}
	if err != nil {
		return Ref{}, fmt.Errorf("reading the reference %s: %w", quoted(s), err)
	}
	return r, nil
}

func parseOCI(s string) (Ref, error) {
	host, rest, ok := strings.Cut(s, "/")
	if !ok || !validHost(host) {
		return Ref{}, fmt.Errorf("%s is no host of a registry in lower case", quoted(host))
	}
	r := Ref{Host: host}
	if repo, digest, ok := strings.Cut(rest, "@"); ok {
		if !bounded.Digest(digest) {
			return Ref{}, fmt.Errorf("%s is no sha256 digest", quoted(digest))
		}
		r.Repository, r.Digest = repo, digest
	} else if repo, tag, ok := strings.Cut(rest, ":"); ok {
		if !tagName.matches(tag) {
			return Ref{}, fmt.Errorf("%s is no tag", quoted(tag))
		}
		r.Repository, r.Tag = repo, tag
	} else {
		r.Repository = rest
	}
	if !repository.matches(r.Repository) {
		return Ref{}, hint.Errorf("lower-case words, joined by / . _ -, and then either a tag or a digest",
			"%s is no repository", quoted(r.Repository))
	}
	return r, nil
}

func parseDir(s string) (Ref, error) {
	path, tag, tagged := strings.Cut(s, ":")
	switch {
	case path == "":
		return Ref{}, fmt.Errorf("it names no directory")
	case tagged && !tagName.matches(tag):
		return Ref{}, fmt.Errorf("%s is no tag, and the path of a directory can have no colon in it", quoted(tag))
	}
	return Ref{Dir: path, Tag: tag}, nil
}

// validHost tells whether s is a name or an address, with a port or without.
func validHost(s string) bool {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return false
		}
	}
	if v6, ok := strings.CutPrefix(host, "["); ok {
		v6, ok = strings.CutSuffix(v6, "]")
		addr, err := netip.ParseAddr(v6)
		return ok && err == nil && addr.Is6() && addr.Zone() == "" && addr.String() == v6
	}
	return hostName.matches(host)
}

// String is the reference as [ParseRef] reads it.
func (r Ref) String() string {
	s := dirScheme + r.Dir
	if r.Dir == "" {
		s = ociScheme + r.Host + "/" + r.Repository
	}
	if r.Digest != "" {
		return s + "@" + r.Digest
	}
	if r.Tag != "" {
		return s + ":" + r.Tag
	}
	return s
}

// Reference is what to ask the place for: the digest, the tag, or "latest".
func (r Ref) Reference() string {
	if r.Digest != "" {
		return r.Digest
	}
	if r.Tag != "" {
		return r.Tag
	}
	return "latest"
}
