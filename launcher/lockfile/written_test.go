package lockfile

import (
	"reflect"
	"strings"
	"testing"
)

// What is written here is read line by line, and comes to what all of TOML would.
func TestWritten(t *testing.T) {
	f := sample()
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	doc, ok := written(string(data))
	if !ok || !reflect.DeepEqual(doc.Bundles, f.Bundles) || doc.Schema != Schema {
		t.Errorf("%v, %+v of\n%s", ok, doc, data)
	}
}

// Whatever is read line by line, all of TOML reads, and to the same.
func FuzzWritten(f *testing.F) {
	data, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	text := string(data)
	f.Add(text)
	for _, change := range [][2]string{
		{"[[bundle]]", "[bundle]"}, {"[[bundle]]", "[[bundle]] "}, {"[[bundle]]", "[[ bundle ]]"}, {"[[bundle]]\n", ""}, {"[[bundle]]", "[[bundle]]\n[[bundle]]"},
		{"[bundle.signer]", "[[bundle.signer]]"}, {"[bundle.signer]", "[bundle.signer]\n[bundle.signer]"}, {"[bundle.signer]\n", ""}, {"[[bundle.image]]", "[bundle.image]"},
		{"name = ", "name="}, {"name = ", "name = \"a\"\nname = "}, {"name = ", "\"name\" = "}, {"name = ", "name.x = "}, {"name = ", "signer = "}, {"name = ", "NAME = "},
		{`"fraud"`, `'fraud'`}, {`"fraud"`, `"fr\u0061ud"`}, {`"fraud"`, `"fraud" # so`}, {`"fraud"`, `"fraud`}, {`"fraud"`, `"fra"ud"`}, {`"fraud"`, `""`}, {`"fraud"`, `"""fraud"""`}, {`"fraud"`, `1`},
		{`["fraud", "triton"]`, `[]`}, {`["fraud", "triton"]`, `["fraud", "triton",]`}, {`["fraud", "triton"]`, `["fraud" , "triton"]`}, {`["fraud", "triton"]`, `["fraud", ["triton"]]`},
		{`["fraud", "triton"]`, `["", ""]`}, {`["fraud", "triton"]`, `["]`}, {`["fraud", "triton"]`, `["fraud", "triton"`}, {`["fraud", "triton"]`, `"fraud"`}, {`["fraud", "triton"]`, `["a\", "b"]`},
		{"schema", "# schema"}, {"schema", "version"}, {"#", "#\x01"}, {"#", "\n#\t"}, {"\n", "\r\n"}, {"\n\n", "\n"}, {"# ", ""}, {"a trial", "ä"}, {"a trial", "a # trial"}, {"a trial", "\x80"},
		{"[[bundle.outline]]", "[bundle.outline]"}, {"file = ", "name = "}, {`\"is`, `\is`}, {`\"is`, `"is`}, {`\\fraud"`, `\"`}, {`\\fraud"`, `\\\"`}, {`C:`, "\u202e"}, {`C:`, "\ufeff"}, {`C:`, "\u00a0"}, {`C:`, "\x7f"},
		{`["amd64", "s390x"]`, `["amd64\\", "s390x"]`}, {"requires", "requires = \"1\"\nrequires"},
	} {
		f.Add(strings.Replace(text, change[0], change[1], 1))
		f.Add(strings.ReplaceAll(text, change[0], change[1]))
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, ok := written(text)
		if !ok {
			return
		}
		if all, err := decode(text); err != nil || !reflect.DeepEqual(doc, all) {
			t.Errorf("%q\nline by line %+v\nall of TOML  %+v, %v", text, doc, all, err)
		}
	})
}
