package jsonwalk

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

// walk reads any document and writes it anew, by the calls that readers use.
func walk(r *Reader, b *strings.Builder, depth int) error {
	b.WriteString("{")
	err := r.Object(func(key string) error {
		b.WriteString(key + "=")
		switch {
		case strings.HasPrefix(key, "o") && depth < 3:
			return walk(r, b, depth+1)
		case strings.HasPrefix(key, "l"):
			var list []string
			err := r.Texts(&list, 3)
			b.WriteString(strings.Join(list, ","))
			return err
		case strings.HasPrefix(key, "t"):
			var s string
			err := r.Text(&s)
			b.WriteString(s)
			return err
		case strings.HasPrefix(key, "n"):
			var n int
			return r.Int(&n)
		case strings.HasPrefix(key, "b"):
			var is bool
			return r.Bool(&is)
		case strings.HasPrefix(key, "w"):
			var at time.Time
			err := r.Time(&at)
			b.WriteString(at.Format(time.RFC3339))
			return err
		}
		return r.Skip()
	})
	b.WriteString("}")
	return err
}

func read(doc string) (string, error) {
	r := New(strings.NewReader(doc), 2<<20)
	var b strings.Builder
	err := walk(r, &b, 0)
	if err == nil {
		err = r.End()
	}
	return b.String(), err
}

func TestWalk(t *testing.T) {
	for doc, want := range map[string]string{
		`{}`: "{}", `null`: "{}", " {\"t\":\"x\"} \n": "{t=x}", `{"t":null,"o":null,"l":null,"n":null,"b":null,"w":null}`: "{t=o={}l=n=b=w=0001-01-01T00:00:00Z}",
		`{"o":{"t":"a"},"l":["b","c"],"x":[{"o":[1,{}]}],"T":1}`: "{o={t=a}l=b,cx=T=}",
		`{"w":"2026-01-02T03:04:05+01:00"}`:                      "{w=2026-01-02T02:04:05Z}", `{"w":1579839105.5}`: "{w=2020-01-24T04:11:45Z}", `{"w":"2023-11-01T10:00:00.5"}`: "{w=2023-11-01T10:00:00Z}",
	} {
		if got, err := read(doc); err != nil || got != want {
			t.Errorf("%s: %s, %v", doc, got, err)
		}
	}
}

// Whatever is wrong is said with its place.
func TestWrong(t *testing.T) {
	deep := strings.Repeat(`{"o":`, MaxDepth+1)
	for doc, want := range map[string]string{
		``: "ends in the middle", `{`: "ends in the middle", `{"o":{"t":`: "o.t", `{"t":1}`: "t, at byte 6: a text is due", `{"o":[]}`: "an object is due",
		`{"l":[1]}`: "l[0]", `{"n":"1"}`: "a number is due", `{"n":1.5}`: "a whole number", `{"n":1e999}`: "out of range", `{"n":NaN}`: "invalid character", `{"b":1}`: "true or false",
		`{"t":"a","t":"b"}`: "t, at byte 12: the key comes twice", `{} {}`: "stands behind the end", `{}x`: "invalid character", `{"w":"today"}`: "no point in time", `{"w":-1}`: "no point in time",
		`[]`: "the document, at byte 1: an object is due", `{"l":["a","b","c","d"]}`: "more than 3 texts", deep: "nested deeper", strings.Repeat("[", 1000): "nested deeper",
		`{"t":"` + strings.Repeat("x", MaxText+1) + `"}`: "a text of more than", `{"x":"` + strings.Repeat("x", MaxString+1) + `"}`: "longer than 1 MiB",
		strings.Repeat(" ", MaxString+1) + "{}": "longer than 1 MiB", `{"n":` + strings.Repeat("1", MaxString+1) + `}`: "longer than 1 MiB",
		`{"x":[` + strings.Repeat("1,", 1<<20) + `1]}`: "more than 2097152 bytes", `{"a` + "\x1b" + `":1, "t":2}`: `invalid character`, "{\"a\\u001b[31m\":1,\"a\\u001b[31m\":1}": `"a\x1b[31m"`,
	} {
		if _, err := read(doc); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v", doc, err)
		}
	}
	var keys strings.Builder
	for i := range MaxKeys + 1 {
		keys.WriteString(`,"x` + strings.Repeat("y", i%50) + time.Duration(i).String() + `":1`)
	}
	if _, err := read(`{` + keys.String()[1:] + `}`); err == nil || !strings.Contains(err.Error(), "keys") {
		t.Error(err)
	}
}

// A string of any length is refused long before it is held.
func TestLongString(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"x":"`), &same{})
	if err := New(endless, 1<<40).Object(func(string) error { return nil }); err == nil {
		t.Error("an endless string passed")
	}
}

// same is text without an end.
type same struct{ n int64 }

func (s *same) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	if s.n += int64(len(p)); s.n > 64<<20 {
		panic("64 MiB of one string were read")
	}
	return len(p), nil
}

// What is read is JSON, and what is JSON and within the bounds is read but for its types
// and double keys.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{`{"o":{"t":"a"},"l":["b"],"n":1,"b":true,"w":"2026-01-02T03:04:05Z","x":[{}]}`, `{"t":"\u001b"}`, `{"n":1e5}`, "{\"t\":\"\xff\"}", `{"x":"\""}`, `{"t":"a","t":"b"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		if _, err := read(doc); err == nil && !json.Valid([]byte(doc)) {
			t.Errorf("%q was read and is no JSON", doc)
		}
	})
}
