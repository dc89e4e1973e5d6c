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
	"github.com/zlaunch/zlaunch/launcher/internal/tomlschema"
)

var (
	fingerprint = lazyregexp.New(`^SHA256:[A-Za-z0-9+/]{43}$`) // ssh-keygen -l
	semantic    = lazyregexp.New(tomlschema.Semantic)
)

// archs are those a bundle's images may be locked for, in Go's words. Treat it as a
// constant.
var archs = []string{"amd64", "arm64", "ppc64le", "s390x"}

// maxText bounds one string of a lock, in bytes; references of images have 255.
const maxText = 512

// maxProfiles bounds the profiles of one bundle; a file of profiles has no more.
const maxProfiles = 512

// Fault is one thing that a lock may not say.
type Fault struct {
	Line int    // the first is 1; 0 is the file as a whole
	Key  string // "bundle[1].signer.key"; "" none
	Err  error
}

// faults are all that a lock may not say, but for their lines.
func (f *File) faults() (out []Fault) {
	if len(f.Bundles) > MaxBundles {
		return []Fault{{Err: fmt.Errorf("more than %d bundles", MaxBundles)}}
	}
	seen := map[string]bool{}
	for i, b := range f.Bundles {
		where := fmt.Sprintf("bundle %d", i+1)
		if bounded.Name(b.Name) {
			where = "bundle " + b.Name
		}
		add := func(key string, err error) {
			if err != nil {
				out = append(out, Fault{Key: strings.TrimSuffix(fmt.Sprintf("bundle[%d].%s", i, key), "."), Err: fmt.Errorf("%s: %w", where, err)})
			}
		}
		b.check(add)
		if seen[b.Name] {
			add("name", errors.New("it is locked twice"))
		}
		seen[b.Name] = true
	}
	return out
}

// faulty is told of what is wrong with a key; nil: nothing.
type faulty func(key string, err error)

func (b *Bundle) check(add faulty) {
	if !bounded.Name(b.Name) {
		add("name", wrong("name", b.Name, "a name of a bundle: lower-case letters, digits, - and _"))
	}
	if !strings.HasPrefix(b.Ref, "oci://") && !strings.HasPrefix(b.Ref, "dir:") || !plain(b.Ref) {
		add("ref", wrong("ref", b.Ref, "oci://HOST/REPOSITORY or dir:PATH"))
	}
	if !bounded.Digest(b.Digest) {
		add("digest", wrong("digest", b.Digest, "sha256: and 64 hexadecimal digits"))
	}
	if len(b.Version) > maxText || !semantic().MatchString(b.Version) {
		add("version", wrong("version", b.Version, "a version as SemVer has it, 1.2.0"))
	}
	if b.Requires != "" && (len(b.Requires) > maxText || !semantic().MatchString(b.Requires)) {
		add("requires", wrong("requires", b.Requires, "a version as SemVer has it, 1.2.0"))
	}
	b.checkSigner(add)
	b.checkProfiles(add)
	b.checkOutlines(add)
	b.checkImages(add)
}

func (b *Bundle) checkSigner(add faulty) {
	switch {
	case b.Signer == nil && b.Unsigned == "":
		add("", errors.New("neither a signer nor the reason why it is unsigned"))
	case b.Signer != nil && b.Unsigned != "":
		add("unsigned", errors.New("a signer, and a reason why it is unsigned"))
	case !plain(b.Unsigned):
		add("unsigned", wrong("unsigned", b.Unsigned, "a reason that prints"))
	}
	if s := b.Signer; s != nil && (!plain(s.Principal) || !fingerprint().MatchString(s.Key)) {
		add("signer.key", fmt.Errorf("signer is %q with key %q, and not who signed, with the key's SHA256 fingerprint", cut(s.Principal), cut(s.Key)))
	}
}

func (b *Bundle) checkProfiles(add faulty) {
	if len(b.Profiles) == 0 || len(b.Profiles) > maxProfiles {
		add("profiles", hint.Errorf("zlaunch remove it, and add it again", "profiles are %d names, and a bundle has 1 to %d", len(b.Profiles), maxProfiles))
	}
	for i, name := range b.Profiles {
		if !bounded.Name(name) || slices.Contains(b.Profiles[:i], name) {
			add("profiles", wrong("profiles", name, "a name of a profile, once"))
		}
	}
}

func (b *Bundle) checkImages(add faulty) {
	type key struct{ ref, arch string }
	seen := map[key]bool{}
	for n, i := range b.Images {
		at := fmt.Sprintf("image[%d].", n)
		if i.Ref == "" || !plain(i.Ref) {
			add(at+"ref", wrong("image.ref", i.Ref, "the reference of an image"))
		}
		if !slices.Contains(archs, i.Arch) {
			add(at+"arch", wrong("image.arch", i.Arch, "one of "+strings.Join(archs, ", ")))
		}
		if !bounded.Digest(i.Digest) {
			add(at+"digest", wrong("image.digest", i.Digest, "sha256: and 64 hexadecimal digits"))
		}
		if seen[key{i.Ref, i.Arch}] {
			add(at+"ref", fmt.Errorf("image %s is locked twice for %s", cut(i.Ref), cut(i.Arch)))
		}
		seen[key{i.Ref, i.Arch}] = true
	}
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
