package subject_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/subject"
)

// Subjects are handed on in their order, whoever is judged first, and nobody behind
// the one that ends it.
func TestEachKeepsTheOrder(t *testing.T) {
	late := make(chan struct{})
	pending := func() []subject.Pending {
		var in []subject.Pending
		for i := range 100 {
			in = append(in, func() *subject.Audited {
				switch i {
				case 0:
					<-late // the second is judged before
				case 1:
					close(late)
				}
				return &subject.Audited{Subject: strconv.Itoa(i)}
			})
		}
		return in
	}
	var got, want []string
	end := errors.New("end")
	err := subject.Each(context.Background(), slices.Values(pending()), func(a *subject.Audited) func() error {
		return func() error {
			if got = append(got, a.Subject); a.Subject == "50" {
				return end
			}
			return nil
		}
	})
	for i := range 51 {
		want = append(want, strconv.Itoa(i))
	}
	if !errors.Is(err, end) || !slices.Equal(got, want) {
		t.Errorf("%v, %q", err, got)
	}
}
