package content

import (
	"encoding/binary"
	"errors"

	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// npyHeader is what NumPy itself writes of an array (numpy.lib.format): of numbers, of complex
// ones or of letters.
var npyHeader = lazyregexp.New(`^\{'descr': '([|<>=]?)(b1|[iu][1248]|f2|f4|f8|f16|c8|c16|c32|[SU][0-9]{1,9})', 'fortran_order': (?:True|False), 'shape': \(((?:[0-9]{1,18}, ?)*[0-9]{0,18})\), \} *\n$`)

// maxNpyHeader is how much of a header is read; NumPy itself takes 10,000 bytes.
const maxNpyHeader = 10_000

// numpy is an array of numbers, or of objects, which are a pickle.
func numpy(f file) Kind {
	switch header, at, err := npyText(f); {
	case err != nil:
		return Kind{Format: "npy", Class: Unknown, Note: err.Error()}
	case strings.ContainsRune(header, 'O'):
		return Kind{Format: "npy", Class: Code, Note: "an array of objects, which is a pickle"}
	default:
		if err := npyFits(header, uint64(f.size-at)); err != nil {
			return Kind{Format: "npy", Class: Unknown, Note: err.Error()}
		}
		return Kind{Format: "npy", Class: Data}
	}
}

// npyText reads the header and tells where the numbers begin.
func npyText(f file) (header string, at int64, err error) {
	if len(f.head) < 12 || f.head[6] < 1 || f.head[6] > 3 || f.head[7] != 0 {
		return "", 0, errors.New("its header cannot be read")
	}
	n, at := int64(binary.LittleEndian.Uint16(f.head[8:])), int64(10)
	if f.head[6] > 1 {
		n, at = int64(binary.LittleEndian.Uint32(f.head[8:])), 12
	}
	if n > maxNpyHeader || n > f.size-at {
		return "", 0, errors.New("its header is too long")
	}
	b := make([]byte, n)
	if read, err := f.at.ReadAt(b, at); read < len(b) {
		return "", 0, errors.Join(errors.New("its header cannot be read"), err)
	}
	return string(b), at + n, nil
}

// npyFits tells whether so many bytes are the numbers of a header, and no more.
func npyFits(header string, size uint64) error {
	m := npyHeader().FindStringSubmatch(header)
	if m == nil {
		return errors.New("its header is none that NumPy writes of numbers")
	}
	width, err := strconv.ParseUint(m[2][1:], 10, 64)
	if err != nil {
		return err
	}
	if m[2][0] == 'U' {
		width *= 4
	}
	var shape []uint64
	for text := range strings.SplitSeq(m[3], ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return err
		}
		shape = append(shape, n)
	}
	if want, ok := product(width, shape); !ok || want != size {
		return errors.New("it is not as long as its shape")
	}
	return nil
}
