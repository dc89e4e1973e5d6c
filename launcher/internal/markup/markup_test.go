package markup

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func written(form constant, values ...string) (string, error) {
	var p Page
	var b strings.Builder
	p.Add(form, values...)
	err := p.Write(&b)
	return b.String(), err
}

func TestValuesAreText(t *testing.T) {
	got, err := written(`<p class="tag $"><a href="#$">$: $</a></p>`, `" onclick="x`, `"><script>`, `</a>'&`, "$")
	want := `<p class="tag &#34; onclick=&#34;x"><a href="#&#34;&gt;&lt;script&gt;">&lt;/a&gt;&#39;&amp;: $</a></p>`
	if got != want || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

// Where escaping alone would not do, nothing is written.
func TestPlacesRefused(t *testing.T) {
	for _, form := range []constant{
		`<a href="$">`, `<a href="#x$">`, `<img src="$">`, `<p onclick="$">`, `<p style="$">`, `<p class=$>`, `<p class='$'>`, `<p $="x">`,
		`<$>`, `<p id="x" $>`, `<p`, `<a href="`, `<script>$</script>`, `<style>$</style>`, `$`, `$$$`, `<meta http-equiv="$">`,
		`<p title="a b$">`, `<iframe srcdoc="$">`,
	} {
		values := []string{"x"}
		if form == "$" {
			values = nil
		}
		if got, err := written(form, values...); err == nil || got != "" {
			t.Errorf("%s: wrote %s", form, got)
		}
	}
	var p Page
	p.Style("</style><script>")
	if p.Write(&strings.Builder{}) == nil {
		t.Error("a style sheet ends its element")
	}
}

// Whatever a value is, the page has the elements and attributes of the constant, and
// reads as the value.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"x", `"'><b>`, "</title>", "<!--", "]]>", "&amp;", "`=x", "\u2028", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\x00\r") {
			return // HTML's own reader replaces those
		}
		got, err := written(`<title>$</title><p class="$">$</p>`, s, s, s)
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(strings.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for e := range root.Descendants() {
			switch {
			case e.Type == html.TextNode && e.Data != s, e.Type == html.CommentNode:
				t.Fatalf("%q reads as %q", s, e.Data)
			case e.Type == html.ElementNode && len(e.Attr) > 0:
				n += len(e.Attr)
				if e.Attr[0].Key != "class" || e.Attr[0].Val != s {
					t.Fatalf("%q reads as %v", s, e.Attr)
				}
			case e.Type == html.ElementNode:
				n++
			}
		}
		if n != 5 { // html, head, title, body, and the class of the paragraph
			t.Fatalf("%q makes %d elements", s, n)
		}
	})
}
