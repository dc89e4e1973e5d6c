package content

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// headed is what begins like safetensors, with that header and these numbers.
func headed(header, numbers string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + numbers
}

// npyOf is an array with a header as NumPy pads it.
func npyOf(header, numbers string) string {
	header += strings.Repeat(" ", (64-(10+len(header)+1)%64)%64) + "\n"
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + numbers
}

// ggufWith is a model with the tables between the counts and the numbers, in one byte order.
type ggufWith struct {
	order   binary.AppendByteOrder
	version uint32
	pairs   []string
	tensors []string
	numbers string
}

func (g ggufWith) text(s string) string {
	return string(g.order.AppendUint64(nil, uint64(len(s)))) + s
}

func (g ggufWith) u32(n uint32) string { return string(g.order.AppendUint32(nil, n)) }
func (g ggufWith) u64(n uint64) string { return string(g.order.AppendUint64(nil, n)) }

// pair is a key, its type and its value.
func (g ggufWith) pair(key string, is uint32, value string) string {
	return g.text(key) + g.u32(is) + value
}

func (g ggufWith) tensor(name string, is uint32, offset uint64, shape ...uint64) string {
	s := g.text(name) + g.u32(uint32(len(shape)))
	for _, n := range shape {
		s += g.u64(n)
	}
	return s + g.u32(is) + g.u64(offset)
}

func (g ggufWith) String() string {
	b := "GGUF" + g.u32(g.version) + g.u64(uint64(len(g.tensors))) + g.u64(uint64(len(g.pairs))) + strings.Join(g.pairs, "") + strings.Join(g.tensors, "")
	if len(g.tensors) > 0 {
		b += strings.Repeat("\x00", (32-len(b)%32)%32)
	}
	return b + g.numbers
}

// llama is a small model as llama.cpp reads it: settings, a vocabulary and two tensors.
func llama(order binary.AppendByteOrder) ggufWith {
	g := ggufWith{order: order, version: 3}
	g.pairs = []string{
		g.pair("general.architecture", 8, g.text("llama")), g.pair("llama.block_count", 4, g.u32(1)), g.pair("general.alignment", 4, g.u32(32)),
		g.pair("tokenizer.ggml.tokens", 9, g.u32(8)+g.u64(2)+g.text("a")+g.text("b")), g.pair("tokenizer.ggml.scores", 9, g.u32(6)+g.u64(2)+g.u64(0)),
	}
	g.tensors = []string{g.tensor("token_embd.weight", 8, 0, 32, 1), g.tensor("output.weight", 0, 64, 2)}
	g.numbers = strings.Repeat("\x01", 34) + strings.Repeat("\x00", 30) + "\x00\x00\x80\x3f\x00\x00\x80\x3f"
	return g
}

func with(g ggufWith, change func(*ggufWith)) string {
	change(&g)
	return g.String()
}

func TestSafetensors(t *testing.T) {
	const w = `"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`
	for _, c := range []struct{ header, numbers, note string }{
		{`{` + w + `}  `, "1234", ""},
		{`{"__metadata__":{"format":"pt"},` + w + `,"v":{"data_offsets":[4,8],"dtype":"BF16","shape":[2,1]}}`, "12345678", ""},
		{`{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},"z":{"dtype":"I8","shape":[0],"data_offsets":[1,1]}}`, "1", ""},
		{`{}`, "", ""},
		{`{` + w + `}`, "12345", "end where the file ends"},
		{`{` + w + `}`, "123", "end where the file ends"},
		{`{` + w + `,` + w + `}`, "1234", "twice"},
		{`{` + w + `,"v":{"dtype":"I8","shape":[1],"data_offsets":[3,4]}}`, "1234", "overlap"},
		{`{` + w + `,"v":{"dtype":"I8","shape":[1],"data_offsets":[5,6]}}`, "123456", "gaps"},
		{`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, "1234", "another size"},
		{`{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}`, "1234", "another size"},
		{`{"w":{"dtype":"O","shape":[1],"data_offsets":[0,4]}}`, "1234", "not described"},
		{`{"w":{"dtype":"F32"}}`, "", "not described"},
		{`{"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234", "twice"},
		{`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, "1234", `a tensor has "x"`},
		{`{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, "1234", "cannot be read"},
		{`{"__metadata__":{"a":1}}`, "", "cannot be read"},
		{`{` + w + `}{}`, "1234", "more stands"},
		{`{` + w, "1234", "cannot be read"},
	} {
		class := Unknown
		if c.note == "" {
			class = Data
		}
		judged{"m.safetensors", headed(c.header, c.numbers), "safetensors", class, c.note}.check(t)
	}
	judged{"m.safetensors", "\xff\xff\xff\x01\x00\x00\x00\x00{\"", "safetensors", Unknown, "too long"}.check(t)
}

func TestGGUF(t *testing.T) {
	little, big := llama(binary.LittleEndian), llama(binary.BigEndian)
	judged{"m.gguf", little.String(), "GGUF", Data, "little-endian"}.check(t)
	judged{"m.gguf", big.String(), "GGUF", Data, "big-endian"}.check(t)
	for _, c := range []struct {
		note   string
		change func(g *ggufWith)
	}{
		{"little-endian", func(g *ggufWith) { g.numbers += strings.Repeat("\x00", 24) }}, // filled up, as gguf-py does
		{"little-endian", func(g *ggufWith) { g.tensors, g.numbers = nil, "" }},          // a vocabulary alone
		{"little-endian", func(g *ggufWith) { g.version = 2 }},
		{"end where", func(g *ggufWith) { g.numbers = g.numbers[1:] }},
		{"end where", func(g *ggufWith) { g.numbers += strings.Repeat("\x00", 25) }},
		{"or behind them", func(g *ggufWith) { g.numbers += "x" }},
		{"end where", func(g *ggufWith) { g.tensors = nil }},
		{"version 1", func(g *ggufWith) { g.version = 1 }},
		{"version 4", func(g *ggufWith) { g.version = 4 }},
		{"behind the one before", func(g *ggufWith) { g.tensors[1] = g.tensor("output.weight", 0, 32, 2) }},
		{"behind the one before", func(g *ggufWith) { g.tensors[0] = g.tensor("token_embd.weight", 8, 0, 31) }},
		{"behind the one before", func(g *ggufWith) { g.tensors[1] = g.tensor("output.weight", 0, 64, 1<<63, 1<<63) }},
		{"type 4, whose size", func(g *ggufWith) { g.tensors[1] = g.tensor("output.weight", 4, 64, 2) }},
		{"four dimensions", func(g *ggufWith) { g.tensors[1] = g.tensor("output.weight", 0, 64, 2, 1, 1, 1, 1) }},
		{"twice", func(g *ggufWith) { g.tensors[1] = g.tensor("token_embd.weight", 0, 64, 2) }},
		{"twice", func(g *ggufWith) { g.pairs = append(g.pairs, g.pair("general.architecture", 7, "\x01")) }},
		{"type 13", func(g *ggufWith) { g.pairs = append(g.pairs, g.pair("x", 13, "")) }},
		{"type 9", func(g *ggufWith) { g.pairs = append(g.pairs, g.pair("x", 9, g.u32(9)+g.u64(1))) }},
		{"cut short or too long", func(g *ggufWith) { g.pairs = append(g.pairs, g.pair("x", 8, g.u64(1<<63))) }},
		{"too long", func(g *ggufWith) { g.pairs = append(g.pairs, g.pair("x", 9, g.u32(10)+g.u64(1<<61))) }},
		{"alignment", func(g *ggufWith) { g.pairs[2] = g.pair("general.alignment", 4, g.u32(1<<31)) }},
		{"alignment", func(g *ggufWith) { g.pairs[2] = g.pair("general.alignment", 4, g.u32(0)) }},
		{"empty or too long", func(g *ggufWith) { g.pairs[2] = g.pair(strings.Repeat("x", maxName+1), 7, "\x01") }},
	} {
		class := Unknown
		if c.note == "little-endian" {
			class = Data
		}
		judged{"m.gguf", with(llama(binary.LittleEndian), c.change), "GGUF", class, c.note}.check(t)
	}
}

// A zip whose front is another one than its end is none of arrays.
func TestZipTwice(t *testing.T) {
	array := npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "1234")
	good := zipped("x.npy", array, "y.npy", array)
	for i, text := range []string{zipped("z.npy", array) + good, good + good, good[:len(good)-22] + "x" + good[len(good)-22:], strings.Replace(good, "x.npy", "x.pkl", 1)} {
		if k, err := Of("a.npz", strings.NewReader(text), int64(len(text))); err != nil || k.Class != Unknown {
			t.Errorf("%d: %+v, %v", i, k, err)
		}
	}
	judged{"a.npz", zipped("x.npy", array, "x.npy", array), "npz", Unknown, "twice"}.check(t)
}

// Reading tells how much of a file is read: never the numbers of a model.
func TestReadsLittle(t *testing.T) {
	const size = 4 << 30
	header := fmt.Sprintf(`{"w":{"dtype":"I8","shape":[%d],"data_offsets":[0,%[1]d]}}`, size)
	g := llama(binary.LittleEndian)
	g.tensors, g.numbers = []string{g.tensor("w", 24, 0, size)}, ""
	for name, head := range map[string]string{"m.safetensors": headed(header, ""), "m.gguf": g.String(),
		"m.npy": npyOf(fmt.Sprintf("{'descr': '|i1', 'fortran_order': False, 'shape': (%d,), }", size), "")} {
		r := &counted{head: head}
		if k, err := Of(name, r, int64(len(head))+size); err != nil || k.Class != Data || r.read > 256<<10 {
			t.Errorf("%s: %+v, %v, %d bytes read", name, k, err, r.read)
		}
	}
}

// counted is a head and zeros behind it.
type counted struct {
	head string
	read int
}

func (c *counted) ReadAt(b []byte, off int64) (int, error) {
	clear(b)
	if off < int64(len(c.head)) {
		copy(b, c.head[off:])
	}
	c.read += len(b)
	return len(b), nil
}

func FuzzGGUF(f *testing.F) {
	f.Add([]byte(llama(binary.LittleEndian).String()))
	f.Add([]byte(llama(binary.BigEndian).String()))
	fuzzOf(f, "m.gguf")
}

func FuzzSafetensors(f *testing.F) {
	f.Add([]byte(safetensorsFile()))
	fuzzOf(f, "m.safetensors")
}

func FuzzNumPy(f *testing.F) {
	array := npyOf("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "1234")
	f.Add([]byte(array))
	f.Add([]byte(zipped("x.npy", array, "y.npy", array)))
	fuzzOf(f, "m.npz")
}

func FuzzPickle(f *testing.F) {
	f.Add([]byte(ran[1:]))
	f.Add([]byte("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R."))
	fuzzOf(f, "m.txt")
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"class_name":"Dense","config":{"module":"keras.layers"}}`))
	f.Add([]byte(`{"auto_m\u0061p":{}}`))
	fuzzOf(f, "m.json")
}

// fuzzOf wants an answer, and none of data that is not the same with more behind it.
func fuzzOf(f *testing.F, name string) {
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := Of(name, bytes.NewReader(text), int64(len(text)))
		if err != nil || k.Format == "" || k.Class == "" {
			t.Fatalf("%+v, %v", k, err)
		}
		more := append(bytes.Clone(text), "PK\x03\x04 and more"...)
		if l, err := Of(name, bytes.NewReader(more), int64(len(more))); err != nil || k.Class == Data && l.Class == Data && k.Format != "text" && k.Format != "empty" {
			t.Fatalf("%+v is %+v with more behind it, %v", k, l, err)
		}
	})
}
