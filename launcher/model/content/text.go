package content

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// isText tells whether the beginning reads as UTF-8 without control characters.
func isText(head []byte, size int64) bool {
	if int64(len(head)) < size { // a rune may be cut
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
			head = head[:len(head)-1]
		}
	}
	return utf8.Valid(head) && !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' })
}

// escaped is a letter of ASCII as JSON may write it.
var escaped = lazyregexp.New(`\\u00[2-7][0-9a-fA-F]`)

// settings are JSON; those of Hugging Face may name Python files that a loader runs where it
// is told to trust them, and those of Keras layers.
func settings(f file, is Kind) Kind {
	text, ok := f.all(maxSettings)
	switch {
	case !ok:
		return Kind{Format: "JSON", Class: Unknown, Note: "too large to be looked at whole"}
	case !json.Valid(text):
		is.Class, is.Note = Unknown, "it is called JSON and is none"
		return is
	}
	if bytes.Contains(text, []byte(`\u00`)) {
		text = escaped().ReplaceAllFunc(text, func(b []byte) []byte {
			n, _ := strconv.ParseUint(string(b[2:]), 16, 8)
			return []byte{byte(n)}
		})
	}
	switch {
	case bytes.Contains(text, []byte(`"class_name"`)):
		raw, _ := f.all(maxSettings)
		return layers("JSON", raw)
	case mayCall(text) && calls(text):
		return Kind{Format: "JSON", Class: Unknown, Note: callsNote}
	case bytes.Contains(text, []byte(`"auto_map"`)):
		return Kind{Format: "JSON", Class: Data, Note: "names Python code to be run (auto_map), where the server trusts remote code"}
	}
	return Kind{Format: "JSON", Class: Data}
}

// yamlCalls are such keys in YAML, wherever they stand; spelled is what lets a key be written
// otherwise than it reads.
var (
	yamlCalls = lazyregexp.New(`(?m)_target_|class_path|import_path|py/|(?:^|[\s{,"'\-])(?:target|implementation|parent_library|worker_cls)["']?\s*:`)
	spelled   = lazyregexp.New(`\\[xuU0-7]`)
)

// tag is what has a loader of YAML make something else than words and numbers of a value,
// wherever it stands: no parser's view of it is relied on.
var (
	tag       = lazyregexp.New(`(?m)(?:^|[^0-9A-Za-z"'.)])!`)
	tagPython = lazyregexp.New(`(?m)python/|^%TAG`)
)

// yaml is settings, or whatever its tags have a loader build.
func yaml(f file, is Kind) Kind {
	if is.Format != "text" {
		return reads("YAML").judge(f, is)
	}
	text, ok := f.all(maxTagged)
	switch {
	case !ok:
		return Kind{Format: "YAML", Class: Unknown, Note: "too large to be looked at whole"}
	case !isText(text, f.size):
		return Kind{Format: "YAML", Class: Unknown, Note: "it is no text throughout"}
	case tag().Match(text) && tagPython().Match(text):
		return Kind{Format: "YAML", Class: Code, Note: "with tags that have Python make objects"}
	case tag().Match(text):
		return Kind{Format: "YAML", Class: Unknown, Note: "with tags, which may have a loader make objects"}
	case yamlCalls().Match(text), spelled().Match(text):
		return Kind{Format: "YAML", Class: Unknown, Note: callsNote}
	}
	return Kind{Format: "text", Class: Data}
}

// maxXML bounds the XML that is parsed, in bytes.
const maxXML = 16 << 20

// openVINO is a graph of OpenVINO, whose root is net; other XML is unknown.
func openVINO(f file, is Kind) Kind {
	d, root := xml.NewDecoder(io.NewSectionReader(f.at, 0, min(f.size, maxXML+1))), ""
	for {
		t, err := d.RawToken()
		if err == io.EOF && f.size <= maxXML && root == "net" {
			return Kind{Format: "OpenVINO", Class: Graph}
		}
		if err != nil {
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			if root == "" {
				root = t.Name.Local
			}
		case xml.Directive:
			root = "a document type"
		}
	}
	return Kind{Format: is.Format, Class: Unknown, Note: "it is called XML and is no graph of OpenVINO that can be read whole"}
}
