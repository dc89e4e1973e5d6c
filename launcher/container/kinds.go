package container

import "slices"

// The constructors below are the kinds of row.

func scalar[T any](key string, proof Evidence, at func(*Spec) *T) Field[T] {
	return Field[T]{facts: facts{n: nextNumber(), key: key, proof: proof}, at: at}
}

// list is a row whose value is a set written as a list: order and nil do not
// matter when two are compared.
func list(key string, proof Evidence, at func(*Spec) *[]string) Field[[]string] {
	f := scalar(key, proof, at)
	f.equality = sameSet
	return f
}

func keyed[T any](key string, proof Evidence, at func(*Spec) *map[string]T) Map[T] {
	return Map[T]{facts: facts{n: nextNumber(), key: key, proof: proof}, at: at}
}

// secretMap is a keyed row whose values may be secrets and so are never shown.
func secretMap(key string, proof Evidence, at func(*Spec) *map[string]string) Map[string] {
	m := keyed(key, proof, at)
	m.redact = func(any) any { return Redacted }
	return m
}

// masked is a row of text that may hold a secret somewhere in it.
func masked[T string | []string](f Field[T]) Field[T] {
	f.redact = func(v any) any {
		switch v := v.(type) {
		case string:
			return MaskText(v)
		case []string:
			return MaskArgs(v)
		}
		return v
	}
	return f
}

// maskedMap is a keyed row whose values are shown unless they look like secrets.
func maskedMap(key string, proof Evidence, at func(*Spec) *map[string]string) Map[string] {
	m := keyed(key, proof, at)
	m.redactAt = func(elem string, v any) any {
		if s, ok := v.(string); ok && SecretPair(elem, s) {
			return Redacted
		}
		return v
	}
	return m
}

// volumes compares without what is said of labels, which no kernel shows.
func volumes(key string, proof Evidence, at func(*Spec) *map[string]Volume) Map[Volume] {
	m := keyed(key, proof, at)
	m.equality = func(planned, got Volume) bool {
		planned.Relabel, planned.Labelled, got.Relabel, got.Labelled = "", false, "", false
		return planned == got
	}
	return m
}

func derived[T any](f Field[T]) Field[T] { f.derived = true; return f }

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// Redacted stands in every output for a value that may be a secret.
const Redacted = "********"
