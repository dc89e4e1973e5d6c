package container

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encoded is one setting with its mark, as a record keeps it. Complete stands for
// the collection itself: these elements and no others.
type Encoded struct {
	Setting  Path            `json:"setting"`
	Value    json.RawMessage `json:"value,omitempty"`
	Complete bool            `json:"complete,omitempty"`
	Evidence Evidence        `json:"evidence"`
	Origin   []Origin        `json:"origin,omitempty"`
	Why      string          `json:"why,omitempty"`
	By       string          `json:"by,omitempty"`
}

// Encode lists every known setting of s in row order, with marks, redacted.
// [Decode] reads it back.
func Encode(s *Spec) ([]Encoded, error) {
	var out []Encoded
	for _, r := range all {
		if m, ok := s.MarkOf(Path{Key: r.Key()}); ok && r.keyed() {
			out = append(out, encoded(Path{Key: r.Key()}, nil, m, true))
		}
		for _, set := range r.Settings(s) {
			raw, err := maskedJSON(set.Value)
			if err != nil {
				return nil, fmt.Errorf("writing %s: %w", set.Path, err)
			}
			out = append(out, encoded(set.Path, raw, set.Mark, false))
		}
	}
	return out, nil
}

// maskedJSON writes a value with every text in it masked: a secret may stand where
// no row expects one.
func maskedJSON(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	if masked, changed := maskTree(tree); changed {
		return json.Marshal(masked)
	}
	return raw, nil
}

func maskTree(v any) (masked any, changed bool) {
	switch v := v.(type) {
	case string:
		m := MaskText(v)
		return m, m != v
	case []any:
		for i := range v {
			m, c := maskTree(v[i])
			v[i], changed = m, changed || c
		}
	case map[string]any:
		for k := range v {
			m, c := maskTree(v[k])
			v[k], changed = m, changed || c
		}
	}
	return v, changed
}

func encoded(p Path, raw json.RawMessage, m Mark, complete bool) Encoded {
	return Encoded{Setting: p, Value: raw, Complete: complete, Evidence: m.Evidence, Origin: m.Origin, Why: m.Why, By: m.By}
}

// maxEncoded bounds what [Decode] reads; a real record holds about two hundred.
const maxEncoded = 100_000

// Decode reads what [Encode] wrote. A setting that no row has, one that stands
// twice, or a value of another type is an error.
func Decode(in []Encoded) (*Spec, error) {
	if len(in) > maxEncoded {
		return nil, fmt.Errorf("reading settings: %d are more than %d", len(in), maxEncoded)
	}
	s := &Spec{}
	for _, e := range in {
		r := ByKey(e.Setting.Key)
		if r == nil {
			return nil, fmt.Errorf("reading setting %q: no such setting", e.Setting.Key)
		}
		if _, twice := s.MarkOf(e.Setting); twice {
			return nil, fmt.Errorf("reading setting %q: it stands twice", e.Setting)
		}
		if err := r.decode(s, e); err != nil {
			return nil, fmt.Errorf("reading setting %q: %w", e.Setting, err)
		}
	}
	return s, nil
}

func (e Encoded) mark() Mark {
	return Mark{Origin: e.Origin, Evidence: e.Evidence, Why: e.Why, By: e.By}
}

func (f Field[T]) keyed() bool { return false }
func (f Map[T]) keyed() bool   { return true }

func (f Field[T]) decode(s *Spec, e Encoded) error {
	if e.Setting.Elem != "" || e.Complete {
		return fmt.Errorf("it is one value, no collection")
	}
	var v T
	if err := json.Unmarshal(e.Value, &v); err != nil {
		return err
	}
	f.Set(s, v, e.mark())
	return nil
}

func (f Map[T]) decode(s *Spec, e Encoded) error {
	if e.Complete {
		if e.Setting.Elem != "" || e.Value != nil {
			return fmt.Errorf("an element cannot be complete")
		}
		f.SetComplete(s, e.mark())
		return nil
	}
	if e.Setting.Elem == "" {
		return fmt.Errorf("which element is not said")
	}
	var v T
	if err := json.Unmarshal(e.Value, &v); err != nil {
		return err
	}
	f.Set(s, e.Setting.Elem, v, e.mark())
	return nil
}
