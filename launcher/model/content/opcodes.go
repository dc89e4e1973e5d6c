package content

import "encoding/binary"

// Bounds of a walk through what may be a pickle.
const (
	maxOpcodes = 100_000
	maxLine    = 4096
	window     = 4096
)

// pickled tells whether a file reads, from its beginning, as a pickle that calls a function:
// protocols 0 and 1 have no first bytes of their own, and the heads of other formats can be
// arguments of an opcode. It is a tripwire and no proof of the contrary; over tells that the walk
// went as far as it goes.
func pickled(f file) (calls, over bool) {
	p := &pickle{file: f}
	for range maxOpcodes {
		more := p.step()
		if p.names && p.calls {
			return true, false
		}
		if !more {
			return false, false
		}
	}
	return false, true
}

// pickle is a walk: where it is, and what the stack would hold.
type pickle struct {
	file
	off   int64
	depth int
	marks []int
	buf   []byte
	bufAt int64
	// Whether it named a function, made the arguments of one, and called one with them.
	names, tuple, calls bool
}

// args are the bytes behind an opcode (pickletools.py); below 0 it is the width of a length
// that comes first.
var args = map[byte]int64{
	'K': 1, 'h': 1, 'q': 1, 0x80: 1, 0x82: 1, 'M': 2, 0x83: 2, 'J': 4, 'j': 4, 'r': 4, 0x84: 4, 'G': 8, 0x95: 8,
	'U': -1, 0x8c: -1, 'C': -1, 0x8a: -1, 'T': -4, 'X': -4, 'B': -4, 0x8b: -4, 0x8d: -8, 0x8e: -8, 0x96: -8,
}

// stack is what an opcode takes and gives; a mark is taken by those of toMark.
var stack = map[byte][2]int{
	'0': {1, 0}, '2': {1, 2}, 'N': {0, 1}, 'Q': {1, 1}, 'R': {2, 1}, 'a': {2, 1}, 'b': {2, 1}, '}': {0, 1}, ']': {0, 1}, ')': {0, 1}, 's': {3, 1},
	0x81: {2, 1}, 0x85: {1, 1}, 0x86: {2, 1}, 0x87: {3, 1}, 0x88: {0, 1}, 0x89: {0, 1}, 0x8f: {0, 1}, 0x92: {3, 1}, 0x93: {2, 1}, 0x94: {1, 1},
	0x97: {0, 1}, 0x98: {1, 1}, 'K': {0, 1}, 'h': {0, 1}, 'q': {1, 1}, 0x80: {0, 0}, 0x82: {0, 1}, 0x83: {0, 1}, 0x84: {0, 1}, 'M': {0, 1}, 'J': {0, 1},
	'j': {0, 1}, 'r': {1, 1}, 'G': {0, 1}, 0x95: {0, 0}, 'U': {0, 1}, 0x8c: {0, 1}, 'C': {0, 1}, 0x8a: {0, 1}, 'T': {0, 1}, 'X': {0, 1}, 'B': {0, 1},
	0x8b: {0, 1}, 0x8d: {0, 1}, 0x8e: {0, 1}, 0x96: {0, 1}, 'F': {0, 1}, 'I': {0, 1}, 'L': {0, 1}, 'P': {0, 1}, 'S': {0, 1}, 'V': {0, 1}, 'g': {0, 1}, 'p': {1, 1}, 'c': {0, 1},
}

// toMark are the opcodes that take all to the last mark, with what they give for it.
var toMark = map[byte]int{'1': 0, 'd': 1, 'e': 0, 'l': 1, 'o': 1, 't': 1, 'u': 0, 0x90: 0, 0x91: 1, 'i': 1}

// step reads an opcode; false where there is none, or none that a pickle would have there.
func (p *pickle) step() bool {
	op, ok := p.byte()
	if !ok || !p.moves(op) {
		return false
	}
	switch op {
	case 'I', 'L', 'F', 'g', 'p':
		return p.line(number)
	case 'P', 'S', 'V':
		return p.line(nil)
	case 'c', 'i':
		module := p.line(letter)
		p.names = module && p.line(letter)
		p.calls = p.calls || op == 'i' && p.names
		return p.names
	case 0x82, 0x83, 0x84, 0x93:
		p.names = true
	case 't', ')', 0x85, 0x86, 0x87:
		p.tuple = true
	case 'o':
		p.calls = true
	case 'R', 0x81, 0x92:
		p.calls = p.calls || p.tuple
	}
	return p.skip(args[op])
}

func number(c byte) bool { return c >= '0' && c <= '9' || c == '-' || c == '.' || c == 'L' || c == 'e' }

// letter is one of a module's name or a function's; protocol 2 and later have them in UTF-8.
func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c >= 0x80
}

// moves does to the stack what an opcode does.
func (p *pickle) moves(op byte) bool {
	if op == '(' {
		p.marks = append(p.marks, p.depth)
		return true
	}
	if gives, ok := toMark[op]; ok {
		if len(p.marks) == 0 {
			return false
		}
		p.depth, p.marks = p.marks[len(p.marks)-1]+gives, p.marks[:len(p.marks)-1]
		return true
	}
	change, ok := stack[op]
	if floor := p.floor(); !ok || p.depth-floor < change[0] && op != '0' {
		return false
	}
	if op == '0' && p.depth == p.floor() {
		if len(p.marks) == 0 {
			return false
		}
		p.marks = p.marks[:len(p.marks)-1] // POP takes a mark
		return true
	}
	p.depth += change[1] - change[0]
	return true
}

// floor is how deep the stack was at the last mark.
func (p *pickle) floor() int {
	if len(p.marks) == 0 {
		return 0
	}
	return p.marks[len(p.marks)-1]
}

// skip goes over an argument.
func (p *pickle) skip(n int64) bool {
	if n < 0 {
		var b [8]byte
		for i := range -n {
			c, ok := p.byte()
			if !ok {
				return false
			}
			b[i] = c
		}
		length := binary.LittleEndian.Uint64(b[:])
		if length > uint64(p.size) {
			return false
		}
		n = int64(length)
	}
	p.off += n
	return p.off < p.size
}

// line goes over one, whose bytes are all of a kind where one is wanted.
func (p *pickle) line(of func(byte) bool) bool {
	for range maxLine {
		c, ok := p.byte()
		if !ok || c == '\n' {
			return ok
		}
		if of != nil && c != '\r' && !of(c) {
			return false
		}
	}
	return false
}

func (p *pickle) byte() (byte, bool) {
	if p.off >= p.size {
		return 0, false
	}
	if p.off < p.bufAt || p.off >= p.bufAt+int64(len(p.buf)) {
		p.buf, p.bufAt = make([]byte, window), p.off
		n, _ := p.at.ReadAt(p.buf, p.off)
		if p.buf = p.buf[:n]; n == 0 {
			return 0, false
		}
	}
	p.off++
	return p.buf[p.off-1-p.bufAt], true
}
