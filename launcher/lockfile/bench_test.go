package lockfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/lockfile"
)

// A lock of fifty bundles, as every command that reads profiles parses it.
func BenchmarkParse(b *testing.B) {
	f := &lockfile.File{}
	for i := range 50 {
		f.Put(lockfile.Bundle{
			Name: fmt.Sprintf("fraud-%d", i), Ref: "oci://registry.example/team/fraud:1", Version: "1.0.0",
			Digest: "sha256:" + strings.Repeat("0a", 32), Profiles: []string{"fraud", fmt.Sprintf("score-%d", i)},
			Outlines: []lockfile.Outline{{Name: "fraud", File: "fraud.toml", Extends: "triton", About: "it tells fraud from the rest"}, {Name: fmt.Sprintf("score-%d", i), File: "score.toml", Extends: "fraud"}},
			Signer:   &lockfile.Signer{Principal: "ann@example.org", Key: "SHA256:" + strings.Repeat("A", 43)},
		})
	}
	data, err := f.Encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := lockfile.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
