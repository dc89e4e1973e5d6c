package share

import (
	"fmt"
	"testing"
)

// Fifty locked bundles, each read and verified, as a list of all profiles does.
func BenchmarkLocked(b *testing.B) {
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a, s := newTeam(b), shelf(b)
			dir := b.TempDir()
			for i := range n {
				name := fmt.Sprintf("fraud-%d", i)
				ref := "dir:" + dir + "/" + name
				a.publishAs(b, ref, name, "1.0.0", "1g")
				if _, err := s.Add(b.Context(), s.mine(), Wish{Ref: refOf(b, ref), Signer: a.identity()}, yes); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				got, _ := s.Locked(b.Context())
				if len(got) != n || got[n-1].Err != nil {
					b.Fatal(len(got), got[0].Err)
				}
			}
		})
	}
}
