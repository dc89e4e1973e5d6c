package content

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
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
	case calls(text):
		return Kind{Format: "JSON", Class: Unknown, Note: callsNote}
	case bytes.Contains(text, []byte(`"auto_map"`)):
		return Kind{Format: "JSON", Class: Data, Note: "names Python code to be run (auto_map), where the server trusts remote code"}
	}
	return Kind{Format: "JSON", Class: Data}
}

// called are keys by which settings name a function or a class of Python that their loader looks
// up and calls, whichever it is: Hydra's _target_, Lightning's class_path, and jsonpickle's.
var called = lazyregexp.New(`(?m)(?:^|[\s{,"'-])(_target_|class_path|py/(?:object|reduce|function|type|new\w*))["']?\s*:\s*["'\w{\[]`)

const callsNote = "it names what a loader of settings has Python call, as Hydra, Lightning and jsonpickle do"

// calls tells whether settings do, in JSON or YAML. A number behind such a word is a vocabulary's.
func calls(text []byte) bool {
	if !slices.ContainsFunc([]string{"_target_", "class_path", "py/"}, func(word string) bool { return bytes.Contains(text, []byte(word)) }) {
		return false // a vocabulary has megabytes
	}
	return slices.ContainsFunc(called().FindAll(text, -1), func(m []byte) bool { return m[len(m)-1] < '0' || m[len(m)-1] > '9' })
}

// modules is the list by which sentence-transformers puts a model together: it imports what that names.
func modules(f file, is Kind) Kind {
	k := settings(f, is)
	text, _ := f.all(maxSettings)
	var list []struct{ Type string }
	own := func(m struct{ Type string }) bool { return strings.HasPrefix(m.Type, "sentence_transformers.") }
	if k.Class != Data || json.Unmarshal(text, &list) == nil && !slices.ContainsFunc(list, func(m struct{ Type string }) bool { return !own(m) }) {
		return k
	}
	return Kind{Format: "JSON", Class: Unknown, Note: "it names modules that are not sentence-transformers's own, which loads what it names"}
}

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
	case calls(text):
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
