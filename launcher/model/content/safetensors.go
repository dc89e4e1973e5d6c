package content

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// dtypes are the bits of a number, by the names of safetensors (safetensors/src/tensor.rs).
var dtypes = map[string]uint64{
	"BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
	"I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64,
}

// maxHeader is how much of a safetensors header is read, in bytes: that of a model of some
// hundred thousand tensors.
const maxHeader = 32 << 20

// span is where the numbers of a tensor lie, behind the header.
type span struct{ from, to uint64 }

// safetensors reads the header, and whether its tensors are all there is behind it.
func safetensors(f file) (string, error) {
	n := binary.LittleEndian.Uint64(f.head)
	if n > maxHeader || n > uint64(f.size-8) {
		return "", errors.New("its header is too long")
	}
	d := json.NewDecoder(io.NewSectionReader(f.at, 8, int64(n)))
	var spans []span
	err := members(d, func(key string) error {
		if key == "__metadata__" {
			return members(d, func(string) error { return d.Decode(new(*string)) })
		}
		s, err := tensor(d)
		spans = append(spans, s)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("its header cannot be read: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return "", errors.New("more stands in its header")
	}
	return "", covers(spans, uint64(f.size)-8-n)
}

// tensor reads what the header says of one.
func tensor(d *json.Decoder) (at span, err error) {
	var dtype string
	var shape, offsets []uint64
	into := map[string]any{"dtype": &dtype, "shape": &shape, "data_offsets": &offsets}
	err = members(d, func(key string) error {
		value, ok := into[key]
		if !ok {
			return fmt.Errorf("a tensor has %.40q", key)
		}
		return d.Decode(value)
	})
	if err != nil {
		return at, err
	}
	width, known := dtypes[dtype]
	if !known || shape == nil || len(offsets) != 2 || offsets[0] > offsets[1] {
		return at, errors.New("a tensor is not described")
	}
	size, ok := product(width, shape)
	if !ok || size%8 != 0 || size/8 != offsets[1]-offsets[0] {
		return at, errors.New("a tensor has another size than its shape")
	}
	return span{offsets[0], offsets[1]}, nil
}

// product multiplies a width by all dimensions; ok is false where 64 bits do not hold it.
func product(width uint64, shape []uint64) (size uint64, ok bool) {
	if slices.Contains(shape, 0) {
		return 0, true
	}
	for _, n := range shape {
		high, low := bits.Mul64(width, n)
		if high != 0 {
			return 0, false
		}
		width = low
	}
	return width, true
}

// covers wants spans without gaps and overlaps, and nothing behind them.
func covers(spans []span, size uint64) error {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	end := uint64(0)
	for _, s := range spans {
		if s.from != end {
			return errors.New("its tensors overlap or leave gaps")
		}
		end = s.to
	}
	if end != size {
		return errors.New("its tensors do not end where the file ends")
	}
	return nil
}

// members reads a JSON object whose keys are all different; each reads one value.
func members(d *json.Decoder, each func(key string) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("it is no JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return errors.New("it is no JSON")
		}
		if seen[key] {
			return fmt.Errorf("%.40q stands there twice", key)
		}
		seen[key] = true
		if err := each(key); err != nil {
			return err
		}
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return errors.New("it is no JSON")
	}
	return nil
}
