package content

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds of a GGUF file's tables, in bytes; the vocabulary of a large model is some 10 MB.
const (
	maxTables    = 64 << 20
	maxName      = 64 << 10 // of a key: the format's own (docs/gguf.md of ggml)
	maxAlignment = 4096
	ggufArray    = 9
)

// ggufWidths are the bytes of a value by its type (gguf.h); a string has 0, and its length.
var ggufWidths = map[uint32]int64{0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 8: 0, 10: 8, 11: 8, 12: 8}

// ggmlTypes are how many numbers a block has and how many bytes, by the type of a tensor
// (GGML_QUANT_SIZES in gguf-py/gguf/constants.py of llama.cpp).
var ggmlTypes = map[uint32]struct{ numbers, bytes uint64 }{
	0: {1, 4}, 1: {1, 2}, 2: {32, 18}, 3: {32, 20}, 6: {32, 22}, 7: {32, 24}, 8: {32, 34},
	10: {256, 84}, 11: {256, 110}, 12: {256, 144}, 13: {256, 176}, 14: {256, 210}, 15: {256, 292},
	16: {256, 66}, 17: {256, 74}, 18: {256, 98}, 19: {256, 50}, 20: {32, 18}, 21: {256, 110}, 22: {256, 82}, 23: {256, 136},
	24: {1, 1}, 25: {1, 2}, 26: {1, 4}, 27: {1, 8}, 28: {1, 8}, 29: {256, 56}, 30: {1, 2}, 34: {256, 54}, 35: {256, 66}, 39: {32, 17},
}

// gguf reads the tables of a GGUF file, and whether its tensors end where the file ends. It
// tells the byte order, which the file does not record.
func gguf(f file) (note string, err error) {
	if len(f.head) < 24 {
		return "", errors.New("cut short")
	}
	g := &ggufReader{r: bufio.NewReaderSize(io.NewSectionReader(f.at, 0, min(f.size, maxTables)), 64<<10), order: binary.LittleEndian, alignment: 32}
	note = "little-endian"
	if binary.LittleEndian.Uint32(f.head[4:])&0xffff == 0 {
		note, g.order = "big-endian", binary.BigEndian
	}
	g.skip(4)
	if v := g.u32(); v != 2 && v != 3 {
		return "", fmt.Errorf("of the version %d, which is not known", v)
	}
	tensors, pairs := g.u64(), g.u64()
	g.pairs(pairs)
	data := g.tensors(tensors)
	if g.err != nil {
		return "", fmt.Errorf("its tables cannot be read: %w", g.err)
	}
	return note, g.ends(f, data)
}

// ends wants the tensors to end with the file, and zeros where it is filled up.
func (g *ggufReader) ends(f file, data uint64) error {
	from := g.pad(uint64(g.read))
	filled := data == 0 && uint64(f.size) == uint64(g.read)
	last := from + g.pad(data)
	if !filled && (last < from || uint64(f.size) > last || uint64(f.size) < from+data) {
		return errors.New("its tensors do not end where the file ends")
	}
	if gap := int64(min(from, uint64(f.size))) - g.read; !zeros(f, g.read, gap) || !zeros(f, int64(from+data), f.size-int64(from+data)) {
		return errors.New("something stands between its tables and its tensors, or behind them")
	}
	return nil
}

// zeros tells whether so many bytes, if any, are all zero.
func zeros(f file, from, count int64) bool {
	if count <= 0 {
		return true
	}
	b := make([]byte, min(count, maxAlignment))
	n, err := f.at.ReadAt(b, from)
	for _, c := range b[:n] {
		if c != 0 {
			return false
		}
	}
	return int64(n) == count && (err == nil || err == io.EOF)
}

// ggufReader reads numbers; after the first error it reads none.
type ggufReader struct {
	r         *bufio.Reader
	order     binary.ByteOrder
	read      int64
	alignment uint64
	err       error
}

func (g *ggufReader) pad(n uint64) uint64 { return (n + g.alignment - 1) &^ (g.alignment - 1) }

func (g *ggufReader) fail(why string) {
	if g.err == nil {
		g.err = errors.New(why)
	}
}

func (g *ggufReader) bytes(n int) []byte {
	b := make([]byte, n)
	if g.err == nil {
		read, err := io.ReadFull(g.r, b)
		if g.read += int64(read); err != nil {
			g.fail("they are cut short or too long")
		}
	}
	return b
}

func (g *ggufReader) u32() uint32 { return g.order.Uint32(g.bytes(4)) }
func (g *ggufReader) u64() uint64 { return g.order.Uint64(g.bytes(8)) }

func (g *ggufReader) skip(n uint64) {
	for g.err == nil && n > 0 {
		now := int(min(n, 1<<20))
		read, err := g.r.Discard(now)
		g.read, n = g.read+int64(read), n-uint64(now)
		if err != nil {
			g.fail("they are cut short or too long")
		}
	}
}

// name reads a string that must differ from those seen.
func (g *ggufReader) name(seen map[string]bool) string {
	n := g.u64()
	if n == 0 || n > maxName {
		g.fail("a name is empty or too long")
		return ""
	}
	name := string(g.bytes(int(n)))
	if seen[name] {
		g.fail(fmt.Sprintf("%.40q stands there twice", name))
	}
	seen[name] = true
	return name
}

func (g *ggufReader) pairs(n uint64) {
	seen := map[string]bool{}
	for ; n > 0 && g.err == nil; n-- {
		key, is := g.name(seen), g.u32()
		switch {
		case key == "general.alignment":
			g.alignment = uint64(g.u32())
			if a := g.alignment; is != 4 || a == 0 || a > maxAlignment || a&(a-1) != 0 {
				g.fail("its alignment is none")
			}
		case is == ggufArray:
			of := g.u32()
			g.values(of, g.u64())
		default:
			g.values(is, 1)
		}
	}
}

// values skips values of one type.
func (g *ggufReader) values(is uint32, n uint64) {
	width, known := ggufWidths[is]
	if !known {
		g.fail(fmt.Sprintf("a value is of the type %d, which is not known", is))
		return
	}
	if width > 0 {
		if n > maxTables {
			g.fail("an array is too long")
			return
		}
		g.skip(n * uint64(width))
		return
	}
	for ; n > 0 && g.err == nil; n-- {
		g.skip(g.u64())
	}
}

// tensors reads their table and returns where the last ends, from where the first begins.
func (g *ggufReader) tensors(n uint64) (end uint64) {
	seen := map[string]bool{}
	for ; n > 0 && g.err == nil; n-- {
		g.name(seen)
		dims := g.u32()
		if dims > 4 {
			g.fail("a tensor has more than four dimensions")
			return 0
		}
		shape := make([]uint64, dims)
		for i := range shape {
			shape[i] = g.u64()
		}
		is, offset := g.u32(), g.u64()
		block, known := ggmlTypes[is]
		if !known {
			g.fail(fmt.Sprintf("a tensor is of the type %d, whose size is not known", is))
			return 0
		}
		size, ok := g.size(shape, block.numbers, block.bytes)
		if from := g.pad(end); !ok || offset != from || from < end || from+size < from || from+size > 1<<62 {
			g.fail("a tensor does not lie behind the one before it")
		}
		end = offset + size
	}
	return end
}

func (g *ggufReader) size(shape []uint64, numbers, bytes uint64) (uint64, bool) {
	if len(shape) > 0 && shape[0]%numbers != 0 || len(shape) == 0 && numbers != 1 {
		return 0, false
	}
	all, ok := product(bytes, shape)
	return all / numbers, ok
}
