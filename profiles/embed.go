// Package profiles holds the built-in profiles, one TOML file per framework.
// base.toml holds the hardening that all the others extend.
package profiles

import "embed"

// Files are the built-in profiles.
//
//go:embed *.toml
var Files embed.FS
