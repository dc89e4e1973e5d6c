package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func page(t *testing.T, a audits) string {
	t.Helper()
	var b bytes.Buffer
	if err := a.print(a.HTML(&b, now)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAuditHTML(t *testing.T) {
	got := page(t, several())
	holds(t, "several.html", []byte(got))
	if page(t, several()) != got {
		t.Error("the page differs from itself")
	}
	for _, want := range []string{"71 days left", "<u>-v /srv/m:/models</u><small>ZL-505</small>", "units/a.container:5: PublishPort=8501:8501", "exposure <strong>9.3 DANGEROUS</strong>", "not as planned: memory", "<td>planned</td>"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Index(got, `class="verdict fail"`) > strings.Index(got, "<table>") {
		t.Error("the verdict does not come first")
	}
}

// elements counts the elements of a page by name, and gives all attributes.
func elements(t *testing.T, page string) (map[string]int, []html.Attribute) {
	t.Helper()
	n, attrs := map[string]int{}, []html.Attribute(nil)
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for e := range root.Descendants() {
		if e.Type == html.ElementNode {
			n[e.Data]++
			attrs = append(attrs, e.Attr...)
		}
	}
	return n, attrs
}

// markup is a subject of which every text tries to be markup, or to drive a terminal.
func markup() report.Result {
	const evil = "\"'><script>document.title='pwned'</script><img src=x onerror=alert(1)>{{.}}\x1b]0;t\x07\u202e</style></title>\n"
	r := line()
	r.Subject, r.File, r.Engine, r.Identity, r.Notes = evil, evil, evil, evil, []string{evil}
	for i := range r.Findings {
		r.Findings[i].Message = evil
	}
	waiver := *r.Findings[8].Waiver
	waiver.Reason, waiver.Owner = evil, evil
	r.Findings[8].Waiver = &waiver
	r.Absent = []audit.Known{{Control: evil, Setting: evil}}
	for i := range r.Reading.Words {
		r.Reading.Words[i] = form.Word{Text: evil, Raw: evil}
	}
	return r
}

// Nothing of a subject is markup, and the page loads nothing but its own style, whose
// hash it names.
func TestHTMLEscapes(t *testing.T) {
	plain, _ := elements(t, page(t, audited(line())))
	evil := page(t, audited(markup()))
	n, attrs := elements(t, evil)
	for _, name := range []string{"script", "img", "link", "iframe", "object", "form", "svg"} {
		if n[name] > 0 {
			t.Errorf("%d elements %s", n[name], name)
		}
	}
	for _, name := range []string{"style", "title", "h1", "h2", "table", "tr", "meta"} {
		if n[name] != plain[name] {
			t.Errorf("%d elements %s, not %d", n[name], name, plain[name])
		}
	}
	for _, a := range attrs {
		if a.Key == "style" || a.Key == "src" || strings.HasPrefix(a.Key, "on") || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
			t.Errorf("attribute %s=%q", a.Key, a.Val)
		}
	}
	if strings.ContainsAny(evil, "\x1b\x07\u202e") || strings.Contains(evil, "ZgotmplZ") {
		t.Error("control characters, or a value out of its place")
	}
	style := evil[strings.Index(evil, "<style>")+len("<style>") : strings.Index(evil, "</style>")]
	sum := sha256.Sum256([]byte(style))
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]); !strings.Contains(html.UnescapeString(evil), want) {
		t.Errorf("the policy does not name its style: %s", want)
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the style loads something")
	}
}

// Each table has headers with a scope, each region a name, and headings no gap.
func TestHTMLIsAccessible(t *testing.T) {
	got := page(t, several())
	n, attrs := elements(t, got)
	count := func(key, val string) int {
		sum := 0
		for _, a := range attrs {
			sum += map[bool]int{true: 1}[a.Key == key && (val == "" || a.Val == val)]
		}
		return sum
	}
	if n["th"] != count("scope", "") || n["table"] != count("tabindex", "0") || n["main"] != 1 || n["h1"] != 1 || count("lang", "en") != 1 {
		t.Errorf("%v", n)
	}
	ids := map[string]bool{}
	for _, a := range attrs {
		if a.Key == "id" {
			if ids[a.Val] {
				t.Errorf("id %s twice", a.Val)
			}
			ids[a.Val] = true
		}
	}
	for _, a := range attrs {
		if a.Key == "aria-labelledby" && !ids[a.Val] || a.Key == "href" && !ids[strings.TrimPrefix(a.Val, "#")] {
			t.Errorf("%s=%s points nowhere", a.Key, a.Val)
		}
	}
}

// However much there is to tell, the page stays one that a browser opens, and says what
// is left out.
func TestHTMLIsBounded(t *testing.T) {
	var in []report.Result
	for i := range 3000 {
		in = append(in, unit(fmt.Sprintf("%04d.container", i)))
	}
	big := line()
	for i := range 20_000 {
		big.Findings = append(big.Findings, audit.Finding{Control: bounded, Verdict: audit.Fail, Severity: audit.Low, At: at("publish", fmt.Sprint(i)), Message: strings.Repeat("x", 10_000)})
	}
	got := page(t, audited(append([]report.Result{big}, in...)...))
	if len(got) > 4<<20 || !strings.Contains(got, "2801 of them are told in this table alone") || !strings.Contains(got, "This table ends at") {
		t.Errorf("%d bytes", len(got))
	}
}

// A real browser runs nothing of a hostile page, shows its own style, light and dark,
// and prints it.
func TestHTMLInABrowser(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && browser == "" {
			browser = found
		}
	}
	if browser == "" {
		t.Skip("SKIPPED: no chromium here; the page was not looked at")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	a := several()
	a.Results = append(a.Results, markup())
	if err := os.WriteFile(file, []byte(page(t, a)), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(options ...string) (out, log string) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, browser, append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=" + filepath.Join(dir, "profile"),
			"--enable-logging=stderr", "--window-size=800,600"}, append(options, "file://"+file)...)...)
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		if err := c.Run(); err != nil {
			t.Fatalf("%v: %v: %s", options, err, stderr.String())
		}
		return stdout.String(), stderr.String()
	}
	dom, log := run("--dump-dom")
	if n, _ := elements(t, dom); n["script"]+n["img"] > 0 || strings.Contains(dom, "<title>pwned") || n["section"] != 6 {
		t.Errorf("the browser made of it: %v", n)
	}
	if says := regexp.MustCompile(`.*CONSOLE.*`).FindString(log); says != "" {
		t.Errorf("the browser complains: %s", says)
	}
	for scheme, want := range map[string]color.RGBA{"1": {0xff, 0xff, 0xff, 0xff}, "0": {0x0d, 0x11, 0x17, 0xff}} {
		shot := filepath.Join(dir, scheme+".png")
		run("--hide-scrollbars", "--blink-settings=preferredColorScheme="+scheme, "--screenshot="+shot)
		data, err := os.ReadFile(shot)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if got := color.RGBAModel.Convert(img.At(2, 2)); got != want {
			t.Errorf("scheme %s: the page is %v", scheme, got)
		}
	}
	pdf := filepath.Join(dir, "page.pdf")
	run("--print-to-pdf=" + pdf)
	if data, err := os.ReadFile(pdf); err != nil || !bytes.HasPrefix(data, []byte("%PDF")) {
		t.Errorf("printing: %v", err)
	}
}
