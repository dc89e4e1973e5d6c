package policy

import (
	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// amount is the answer of a number. read takes what a file says; endless tells which
// values mean that there is no limit.
func amount[T int64 | float64](f container.Field[T], read func(any) (float64, error), endless func(T) bool) answer {
	bound := func(met func(got, want float64) bool, unlimited bool) ask {
		return func(want any) (judge, error) {
			v, err := read(want)
			own := value(f, func(got T) bool { return endless(got) && unlimited || !endless(got) && met(float64(got), v) })
			return func(s *Subject) []violation {
				out := own(s)
				if got, _, known := f.Get(s.Spec); len(out) > 0 && known && endless(got) {
					out[0].got = "it has no limit"
				}
				return out
			}, err
		}
	}
	return answer{key: f.Key(), asks: map[table]ask{
		atMost:  bound(func(got, want float64) bool { return got <= want }, false),
		atLeast: bound(func(got, want float64) bool { return got >= want }, true),
	}}
}

// size reads bytes: "16g", as podman-run's options take them.
func size(want any) (float64, error) {
	switch v := want.(type) {
	case int64:
		return count(v)
	case string:
		if n, err := units.RAMInBytes(v); err == nil && n >= 0 {
			return float64(n), nil
		}
	}
	return 0, wanted(`a size such as "16g"`, want)
}

// count reads a number.
func count(want any) (float64, error) {
	switch v := want.(type) {
	case int64:
		if v >= 0 {
			return float64(v), nil
		}
	case float64:
		if v >= 0 && v < 1e15 {
			return v, nil
		}
	}
	return 0, wanted("a number that is not negative", want)
}

// What values of Podman mean no limit: 0 and below, below 0, or none.
func zeroEndless[T int64 | float64](v T) bool { return v <= 0 }
func belowEndless(v int64) bool               { return v < 0 }
func neverEndless(int64) bool                 { return false }
