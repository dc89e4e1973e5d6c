package bundle

import "github.com/zlaunch/zlaunch/launcher/internal/tomlschema"

// keys are those of bundle.toml, as [Bundle.description] judges them.
func keys() tomlschema.Keys {
	return tomlschema.Keys{
		"":          {Says: "What a bundle says of itself. Files of profiles stand beside it: zlaunch push."},
		"name":      {Says: "the first half of bundle/profile", Like: tomlschema.Name},
		"version":   {Says: "as SemVer has it, 1.4.0", Like: tomlschema.Semantic, Most: maxVersion},
		"requires":  {Says: "the least version of zlaunch that it is for", Like: "^$|" + tomlschema.Semantic, Most: maxVersion},
		"changelog": {Says: "one line about this version, which is shown before it is locked", Most: maxText},
	}
}

// JSONSchema is the JSON schema of a bundle.toml, made of the type and the expressions that
// read one.
func JSONSchema() ([]byte, error) {
	return keys().Of(descriptionFile{})
}
