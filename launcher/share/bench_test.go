package share

import (
	"fmt"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Locked bundles, each read and verified, as a list of all profiles does.
func BenchmarkLocked(b *testing.B) {
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := locking(b, n)
			for b.Loop() {
				got, _ := s.Locked(b.Context())
				if len(got) != n || got[n-1].Err != nil {
					b.Fatal(len(got), got[0].Err)
				}
			}
		})
	}
}

// The catalog for a profile of one of the locked bundles, which alone is read.
func BenchmarkNamed(b *testing.B) {
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := locking(b, n)
			builtIn, _, err := profile.Sources(profile.Dirs{})
			for b.Loop() && err == nil {
				sources, _ := s.Sources(b.Context())
				err = profile.AssembleFor(append(builtIn, sources...), "fraud-0/fraud").Known("fraud-0/fraud")
			}
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}

// locking is a shelf with n locked bundles, fraud-0 and so on.
func locking(b *testing.B, n int) *Shelf {
	a, s, dir := newTeam(b), shelf(b), b.TempDir()
	for i := range n {
		name := fmt.Sprintf("fraud-%d", i)
		ref := "dir:" + dir + "/" + name
		a.publishAs(b, ref, name, "1.0.0", "1g")
		if _, err := s.Add(b.Context(), s.mine(), Wish{Ref: refOf(b, ref), Signer: a.identity()}, yes); err != nil {
			b.Fatal(err)
		}
	}
	return s
}
