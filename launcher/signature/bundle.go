package signature

import (
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

var (
	// bundleVersion is one of SemVer 2.0.0, which orders them; 128 bytes are plenty.
	bundleVersion = lazyregexp.New(`^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){2}(-[0-9A-Za-z.-]{1,64})?(\+[0-9A-Za-z.-]{1,64})?$`)
)

// Bundle is what is signed of a bundle of profiles: its own name and version, which stand
// in its manifest, and the manifest's digest. The registry is no part of it, so that
// mirrors and copies on a disk verify; with the name in it no bundle poses as another.
// The zero value is none, and is not signed.
type Bundle struct{ name, version, digest string }

// NewBundle makes one of a name as the first half of bundle/profile has it, a version of
// SemVer and a digest "sha256:…". No field can hold what would end its line.
func NewBundle(name, version, digest string) (Bundle, error) {
	switch {
	case !bounded.Name(name):
		return Bundle{}, fmt.Errorf("naming a bundle: %.80q is not of lower-case letters, digits, - and _, 63 at most", name)
	case !bundleVersion().MatchString(version):
		return Bundle{}, fmt.Errorf("naming bundle %s: version %.80q is not one of SemVer, like 1.4.0", name, version)
	case !bounded.Digest(digest):
		return Bundle{}, fmt.Errorf("naming bundle %s: %.80q is not a digest, sha256: and 64 hex digits", name, digest)
	}
	return Bundle{name, version, digest}, nil
}

// Message is the text that is signed, in namespace [Profiles]; nil of the zero value.
// Anybody can write it again:
//
//	printf 'zlaunch-bundle-v1\n%s\n%s\n%s\n' NAME VERSION sha256:… |
//		ssh-keygen -Y sign -n zlaunch-profiles@v1 -f KEY
func (b Bundle) Message() []byte {
	if b == (Bundle{}) {
		return nil
	}
	return []byte("zlaunch-bundle-v1\n" + b.name + "\n" + b.version + "\n" + b.digest + "\n")
}
