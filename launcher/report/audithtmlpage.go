package report

import (
	"crypto/sha256"
	_ "embed" // the style
	"encoding/base64"
	"io"
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/internal/markup"
)

//go:embed page/audit.css
var htmlStyle string

// write writes the page: each $ of its markup is a value, escaped.
func (d htmlPage) write(to io.Writer) error {
	var p markup.Page
	d.head(&p)
	p.Add("<main id=\"subjects\">\n")
	if len(d.Rows) > 1 {
		d.overview(&p)
	}
	for _, s := range d.Subjects {
		s.section(&p)
	}
	p.Add(`</main>
<footer><p class="soft">Written by zlaunch $. Open is what could not be known from here: it is never passed. <code>zlaunch explain ID</code> tells more of a control.</p></footer>
</body>
</html>
`, d.Tool)
	return p.Write(to)
}

// head is what stands before the subjects. The page may load its own style alone.
func (d htmlPage) head(p *markup.Page) {
	sum := sha256.Sum256([]byte(htmlStyle))
	p.Add(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-$'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="zlaunch $">
<title>$: audit of $</title>
`, base64.StdEncoding.EncodeToString(sum[:]), d.Tool, d.Verdict, d.Of)
	p.Style(htmlStyle)
	p.Add(`
</head>
<body>
<a class="skip" href="#subjects">to the findings</a>
<header>
<h1>Audit of $</h1>
<p class="verdict $"><strong>$</strong>: $</p>
<p class="soft">standard $, catalogue $, threshold $</p>
`, d.Of, d.Verdict, d.Verdict, d.Sum, d.Standard, d.Catalogue, d.FailOn)
	paragraph(p, d.Unjudged)
	paragraph(p, d.Hides)
	for _, w := range d.Walked {
		paragraph(p, w)
	}
	p.Add("</header>\n")
}

// paragraph adds a text that may be none.
func paragraph(p *markup.Page, text string) {
	if text != "" {
		p.Add("<p>$</p>\n", text)
	}
}

// overview is the table of all subjects.
func (d htmlPage) overview(p *markup.Page) {
	p.Add(`<section aria-labelledby="overview">
<h2 id="overview">Subjects</h2>
<div class="wide" role="region" aria-labelledby="overview" tabindex="0"><table>
<thead><tr><th scope="col">Subject</th><th scope="col">Verdict</th><th scope="col">Exposure</th>`)
	for _, name := range []string{"Critical", "High", "Medium", "Low", "To look at", "Open", "Waived"} {
		p.Add(`<th scope="col" class="n">$</th>`, name)
	}
	p.Add("</tr></thead>\n<tbody>\n")
	for _, s := range d.Rows {
		p.Add(`<tr><th scope="row">`)
		if s.ID != "" {
			p.Add(`<a href="#$">$</a>`, s.ID, s.Name)
		} else {
			p.Add("$", s.Name)
		}
		p.Add(`</th><td><span class="tag $">$</span></td><td>$ $</td>`, s.Verdict, s.Verdict, s.Score, s.Band)
		for _, n := range []int{s.Counts.Critical, s.Counts.High, s.Counts.Medium, s.Counts.Low, s.Counts.Review, s.Counts.Open, s.Counts.Waived} {
			p.Add(`<td class="n">$</td>`, strconv.Itoa(n))
		}
		p.Add("</tr>\n")
	}
	p.Add("</tbody>\n</table></div>\n")
	paragraph(p, d.More)
	p.Add("</section>\n")
}

// section is a subject in full.
func (s htmlSubject) section(p *markup.Page) {
	p.Add(`<section aria-labelledby="$">
<h2 id="$">$</h2>
<p><span class="tag $">$</span> exposure <strong>$ $</strong> <meter min="0" low="2" high="5" max="10" optimum="0" value="$">$ of 10</meter>`,
		s.ID, s.ID, s.Name, s.Verdict, s.Verdict, s.Score, s.Band, s.Score, s.Score)
	if s.Raw != s.Score {
		p.Add(" ($ without waivers)", s.Raw)
	}
	p.Add("</p>\n<p class=\"soft\">$</p>\n", s.About)
	n := s.Counts
	p.Add(`<p class="soft">$, $ to look at, $ open, $ waived, $ passed, $ not applicable`, n.fails(), strconv.Itoa(n.Review),
		strconv.Itoa(n.Open), strconv.Itoa(n.Waived), strconv.Itoa(n.Pass), strconv.Itoa(n.NotApplicable))
	if s.Rungs != "" {
		p.Add("; evidence of the settings: $", s.Rungs)
	}
	p.Add("</p>\n")
	s.command(p)
	for _, t := range s.Tables {
		t.write(p, s.Name)
	}
	if len(s.Said) > 0 {
		p.Add("<h3>Beside the findings</h3>\n<ul>\n")
		for _, text := range s.Said {
			p.Add("<li>$</li>\n", text)
		}
		p.Add("</ul>\n")
	}
	p.Add("</section>\n")
}

// command is the command of a subject, the controls below the words they are about.
func (s htmlSubject) command(p *markup.Page) {
	if len(s.Words) == 0 {
		return
	}
	p.Add(`<h3>As it is written</h3>
<div class="line" role="region" aria-label="The command, with the controls below the words they are about">`)
	for _, w := range s.Words {
		if w.IDs != "" {
			p.Add(`<span class="word"><u>$</u><small>$</small></span> `, w.Text, w.IDs)
		} else {
			p.Add(`<span class="word"><span>$</span></span> `, w.Text)
		}
	}
	p.Add("</div>\n")
}

func (t htmlTable) write(p *markup.Page, subject string) {
	p.Add(`<h3>$</h3>
<div class="wide" role="region" aria-label="$: $" tabindex="0"><table>
<caption>$</caption>
<thead><tr><th scope="col">Control</th><th scope="col">Severity</th><th scope="col" class="n">Exposure</th><th scope="col" class="why">Why, where and what to do</th><th scope="col">Evidence</th></tr></thead>
<tbody>
`, t.Title, t.Title, subject, t.About)
	for _, f := range t.Findings {
		f.row(p)
	}
	p.Add("</tbody>\n</table></div>\n")
	paragraph(p, t.More)
}

func (f htmlFinding) row(p *markup.Page) {
	p.Add(`<tr><th scope="row">$<br>$</th><td><span class="tag $">$</span></td><td class="n">$</td><td>`, f.ID, f.Title, f.Severity, f.Severity, f.Exposure)
	if f.Waiver != "" {
		p.Add("<p><strong>$</strong></p>", f.Waiver)
	}
	p.Add("<p>$</p>", f.Message)
	for _, l := range f.Lines {
		p.Add("<p><code><u>$</u></code></p>", l)
	}
	if f.Fix != "" {
		p.Add("<p>fix: <code>$</code></p>", f.Fix)
	}
	p.Add("</td><td>$</td></tr>\n", f.Evidence)
}
