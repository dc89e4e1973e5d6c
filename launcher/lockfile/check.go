package lockfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

var (
	fingerprint = lazyregexp.New(`^SHA256:[A-Za-z0-9+/]{43}$`) // ssh-keygen -l
	semantic    = lazyregexp.New(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
)

// archs are those a bundle's images may be locked for, in Go's words. Treat it as a
// constant.
var archs = []string{"amd64", "arm64", "ppc64le", "s390x"}

// maxText bounds one string of a lock, in bytes; references of images have 255.
const maxText = 512

// maxProfiles bounds the profiles of one bundle; a file of profiles has no more.
const maxProfiles = 512

// check tells what a lock may not say, the first of it.
func (f *File) check() error {
	if len(f.Bundles) > MaxBundles {
		return fmt.Errorf("more than %d bundles", MaxBundles)
	}
	seen := map[string]bool{}
	for i, b := range f.Bundles {
		where := fmt.Sprintf("bundle %d", i+1)
		if bounded.Name(b.Name) {
			where = "bundle " + b.Name
		}
		if err := b.check(); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		if seen[b.Name] {
			return fmt.Errorf("%s: it is locked twice", where)
		}
		seen[b.Name] = true
	}
	return nil
}

func (b *Bundle) check() error {
	switch {
	case !bounded.Name(b.Name):
		return wrong("name", b.Name, "a name of a bundle: lower-case letters, digits, - and _")
	case !strings.HasPrefix(b.Ref, "oci://") && !strings.HasPrefix(b.Ref, "dir:") || !plain(b.Ref):
		return wrong("ref", b.Ref, "oci://HOST/REPOSITORY or dir:PATH")
	case !bounded.Digest(b.Digest):
		return wrong("digest", b.Digest, "sha256: and 64 hexadecimal digits")
	case len(b.Version) > maxText || !semantic().MatchString(b.Version):
		return wrong("version", b.Version, "a version as SemVer has it, 1.2.0")
	case b.Signer == nil && b.Unsigned == "":
		return fmt.Errorf("neither a signer nor the reason why it is unsigned")
	case b.Signer != nil && b.Unsigned != "":
		return fmt.Errorf("a signer, and a reason why it is unsigned")
	case !plain(b.Unsigned):
		return wrong("unsigned", b.Unsigned, "a reason that prints")
	}
	if s := b.Signer; s != nil && (!plain(s.Principal) || !fingerprint().MatchString(s.Key)) {
		return fmt.Errorf("signer is %q with key %q, and not who signed, with the key's SHA256 fingerprint", cut(s.Principal), cut(s.Key))
	}
	return errors.Join(b.checkProfiles(), b.checkImages())
}

func (b *Bundle) checkProfiles() error {
	if len(b.Profiles) == 0 || len(b.Profiles) > maxProfiles {
		return hint.Errorf("zlaunch remove it, and add it again", "profiles are %d names, and a bundle has 1 to %d", len(b.Profiles), maxProfiles)
	}
	for i, name := range b.Profiles {
		if !bounded.Name(name) || slices.Contains(b.Profiles[:i], name) {
			return wrong("profiles", name, "a name of a profile, once")
		}
	}
	return nil
}

func (b *Bundle) checkImages() error {
	type key struct{ ref, arch string }
	seen := map[key]bool{}
	for _, i := range b.Images {
		switch {
		case i.Ref == "" || !plain(i.Ref):
			return wrong("image.ref", i.Ref, "the reference of an image")
		case !slices.Contains(archs, i.Arch):
			return wrong("image.arch", i.Arch, "one of "+strings.Join(archs, ", "))
		case !bounded.Digest(i.Digest):
			return wrong("image.digest", i.Digest, "sha256: and 64 hexadecimal digits")
		case seen[key{i.Ref, i.Arch}]:
			return fmt.Errorf("image %s is locked twice for %s", i.Ref, i.Arch)
		}
		seen[key{i.Ref, i.Arch}] = true
	}
	return nil
}

func wrong(key, value, want string) error {
	return fmt.Errorf("%s is %q, and not %s", key, cut(value), want)
}

func cut(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// plain tells whether s prints as it is, on one line, and is no longer than any use.
func plain(s string) bool {
	return len(s) <= maxText && !strings.ContainsFunc(s, func(r rune) bool {
		return r == unicode.ReplacementChar || r != ' ' && !unicode.IsPrint(r)
	})
}
