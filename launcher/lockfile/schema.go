package lockfile

import (
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/tomlschema"
)

// extendable is the name of a profile, or the exact one of a profile of a bundle.
const extendable = `^([a-z0-9][a-z0-9_-]{0,62}/)?[a-z0-9][a-z0-9_-]{0,62}$`

// keys are those of a lock, as [File.faults] judges them.
func keys() tomlschema.Keys {
	return tomlschema.Keys{
		"":                          {Says: "The bundles of profiles that are used, pinned. zlaunch add, update and pin write it."},
		"schema":                    {Says: "the version of the format", OneOf: []string{Schema}},
		"bundle":                    {Says: "one bundle as it was when it was locked", Most: MaxBundles, Optional: true, Either: []string{"signer", "unsigned"}},
		"bundle.name":               {Says: "the bundle's own name, the first half of bundle/profile", Like: tomlschema.Name},
		"bundle.ref":                {Says: "where it came from and is asked for anew: oci://HOST/REPOSITORY[:TAG] or dir:PATH", Like: "^(oci://|dir:)", Most: maxText},
		"bundle.digest":             {Says: "of its manifest", Like: tomlschema.Digest},
		"bundle.version":            {Says: "the bundle's own, as SemVer has it", Like: semantic().String(), Most: maxText},
		"bundle.signer":             {Says: "whose signature of that digest was verified"},
		"bundle.signer.principal":   {Says: "as allowed_signers has it; none, no list names the key", Most: maxText},
		"bundle.signer.key":         {Says: "the key's fingerprint: ssh-keygen -l", Like: fingerprint().String()},
		"bundle.unsigned":           {Says: "why it may be unsigned, where nobody signed it", Most: maxText},
		"bundle.profiles":           {Says: "the profiles that it has", Least: 1, Most: maxProfiles},
		"bundle.profiles[]":         {Like: tomlschema.Name},
		"bundle.requires":           {Says: "the oldest zlaunch that it is for, as SemVer has it", Like: semantic().String(), Most: maxText},
		"bundle.outline":            {Says: "what a list shows of one profile without reading the bundle"},
		"bundle.outline.name":       {Says: "the profile", Like: tomlschema.Name},
		"bundle.outline.file":       {Says: "the file of the bundle that it stands in", Like: `^[^/]*\.toml$`, Most: maxFile},
		"bundle.outline.extends":    {Says: "the profile that it extends; none, base", Like: extendable},
		"bundle.outline.about":      {Says: "what the profile says of itself", Most: bounded.MaxText},
		"bundle.outline.kind":       {Says: "what it is, where the profile says so", OneOf: kinds},
		"bundle.outline.owner":      {Says: "who answers for it", Most: bounded.MaxText},
		"bundle.outline.deprecated": {Says: "what to use instead", Most: bounded.MaxText},
		"bundle.outline.archs":      {Says: "the architectures that it names an image for, in Go's words"},
		"bundle.outline.archs[]":    {OneOf: archs},
		"bundle.image":              {Says: "what a reference of a profile meant on one architecture"},
		"bundle.image.ref":          {Says: "the image as the profile has it", Like: ".", Most: maxText},
		"bundle.image.arch":         {Says: "the architecture in Go's words", OneOf: archs},
		"bundle.image.digest":       {Says: "of that architecture's manifest", Like: tomlschema.Digest},
	}
}

// JSONSchema is the JSON schema of a lock, made of the types and the expressions that read one.
func JSONSchema() ([]byte, error) {
	return keys().Of(document{})
}
