package report

import (
	_ "embed" // the style
	"io"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/internal/markup"
)

//go:embed page/exposure.css
var svgStyle string

// Measures of the drawing, in pixels at 1x.
const (
	svgWidth  = 1000
	firstRow  = 118 // the top of the first container
	rowHeight = 44
	chip      = 20 // the height of a way out
	between   = 16 // between containers
	railFirst = 56
	railNext  = 90
	actorHalf = 42
	pillLeft  = 378
	pillWidth = 272
	boxLeft   = 672
	boxWidth  = 186
	waysLeft  = 892
	inPill    = 39 // columns of a port's text in its pill
	inBox     = 19 // of a name in its box
	inSoft    = 25 // of a line below it
	boxLeast  = 76
)

// actor is who may reach a port, each on a rail of its own.
type actor struct {
	name, class string
	of          func(exposure.Port) exposure.Answer
}

var actors = []actor{
	{"LAN", "lan", func(p exposure.Port) exposure.Answer { return p.LAN }},
	{"other users", "users", func(p exposure.Port) exposure.Answer { return p.Users }},
	{"you", "you", func(p exposure.Port) exposure.Answer { return p.Host }},
	{"containers", "containers", func(p exposure.Port) exposure.Answer { return p.Others }},
}

// SVG draws the document: who reaches which port of which container, and what gets out of
// it. The drawing is one file that loads nothing and runs nothing.
func (e Exposure) SVG(w io.Writer) error {
	d := drawing{}
	height := firstRow
	for _, c := range e.Containers {
		height += d.heightOf(c) + between
	}
	if len(e.Containers) == 0 {
		height += between
	}
	d.open(e, height)
	y := firstRow
	for _, c := range e.Containers {
		d.container(c, y)
		y += d.heightOf(c) + between
	}
	d.legend(e, height)
	d.Add("</svg>\n")
	return d.Write(w)
}

type drawing struct{ markup.Page }

func px(n int) string { return strconv.Itoa(n) }

// clip shortens text to so many columns.
func clip(s string, most int) string {
	s = Escape(s)
	if Columns(s) <= most {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if Columns(b.String()+string(r)) > most-1 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + "…"
}

func railAt(n int) int { return railFirst + n*railNext }

// open writes the head, and the rails down to the last container.
func (d *drawing) open(e Exposure, height int) {
	total := px(height + 40)
	d.Add(`<svg xmlns="http://www.w3.org/2000/svg" role="img" width="$" height="$" viewBox="0 0 $ $">
<title>Who reaches what</title>
`, px(svgWidth), total, px(svgWidth), total)
	d.Style(svgStyle)
	rootless := pick(e.Rootless, "rootless Podman ", "Podman ")
	d.Add(`
<text class="head" x="16" y="30">Who reaches what</text>
<text class="soft" x="16" y="50">$$, $</text>
<text class="soft" x="$" y="98">port</text><text class="soft" x="$" y="98">container</text><text class="soft" x="$" y="98">gets out to</text>
`, rootless, Escape(e.Engine), pick(e.Probed, "as the kernel shows it, and tried", "as the kernel shows it"), px(pillLeft), px(boxLeft), px(waysLeft))
	for n, a := range actors {
		x := railAt(n)
		d.Add(`<path class="rail $" d="M$ 104V$"/>
<rect class="actor $" x="$" y="78" width="84" height="26" rx="6" fill-opacity="0"/><rect class="$fill soften" x="$" y="78" width="84" height="26" rx="6"/>
<text class="who" x="$" y="95">$</text>
`, a.class, px(x), px(height-between), a.class, px(x-actorHalf), a.class, px(x-actorHalf), px(x), a.name)
	}
}

// heightOf is what a container takes: its ports, or its ways out.
func (d *drawing) heightOf(c exposure.Container) int {
	ports := max(len(merged(c.Ports)), 1)
	return max(ports*rowHeight+8, len(outward(c))*chip+16, boxLeast+pick(len(c.Unread) > 0, 16, 0))
}

// outward are the ways that are not known to be closed.
func outward(c exposure.Container) (out []exposure.Way) {
	for _, w := range c.Ways {
		if w.Is != exposure.No {
			out = append(out, w)
		}
	}
	return out
}

func (d *drawing) container(c exposure.Container, y int) {
	h := d.heightOf(c)
	idle := pick(c.State == "running", "", " idle")
	d.Add(`<rect class="box$" x="$" y="$" width="$" height="$" rx="8"/>
<text class="name" x="$" y="$">$</text>
<text class="soft" x="$" y="$">$</text>
<text class="soft" x="$" y="$">$</text>
`, idle, px(boxLeft), px(y), px(boxWidth), px(h), px(boxLeft+14), px(y+24), clip(c.Name, inBox), px(boxLeft+14), px(y+42), clip(d.about(c), inSoft),
		px(boxLeft+14), px(y+58), clip(d.on(c), inSoft))
	if len(c.Unread) > 0 {
		d.Add(`<text class="soft" x="$" y="$">? not all of it is known</text>
`, px(boxLeft+14), px(y+74))
	}
	ports := merged(c.Ports)
	for i, p := range ports {
		d.port(p, y+(h-len(ports)*rowHeight)/2+3+i*rowHeight, c.State == "running")
	}
	if len(c.Ports) == 0 {
		d.Add(`<text class="soft" x="$" y="$">nothing listens</text>
`, px(pillLeft+12), px(y+h/2+4))
	}
	d.ways(c, y, h)
}

// about says whose a container is, or that it does not run.
func (d *drawing) about(c exposure.Container) string {
	whose := pick(c.Ours, "zlaunch", "foreign")
	switch {
	case c.State != "running":
		return whose + ", " + c.State
	case c.Pod != "":
		return whose + ", pod " + c.Pod
	}
	return whose
}

// on says by which networks it is reached.
func (d *drawing) on(c exposure.Container) string {
	if len(c.Networks) == 0 {
		return "network: " + c.Network
	}
	return strings.Join(c.Networks, ", ")
}

// wayNames are the ways out as the drawing calls them.
var wayNames = map[string]string{
	exposure.Outside: "outside", exposure.Names: "outside names", exposure.Loopback: "host loopback",
	exposure.HostItself: "this host", exposure.Metadata: "cloud metadata", exposure.Networks: "other networks",
}

// ways draws the arrows out.
func (d *drawing) ways(c exposure.Container, y, h int) {
	list := outward(c)
	if len(list) == 0 {
		d.Add(`<text class="soft shut" x="$" y="$">nothing</text>
`, px(waysLeft), px(y+h/2+4))
		return
	}
	top := y + (h-len(list)*chip)/2
	for i, w := range list {
		at := top + i*chip + chip/2
		d.Add(`<path class="edge out$" d="M$ $H$"/><path class="outfill" d="M$ $l-8 -4v8z"/><text class="way" x="$" y="$">$</text>
`, pick(w.Is == exposure.Unknown, " unsure", ""), px(boxLeft+boxWidth), px(at), px(waysLeft-14), px(waysLeft-6), px(at), px(waysLeft), px(at+4),
			wayNames[w.To]+pick(w.Is == exposure.Unknown, " ?", ""))
	}
}

// legend says what the lines mean.
func (d *drawing) legend(e Exposure, y int) {
	text := "A line is a way in, a dashed one is not known and counts as open. Firewalls of this host are not seen."
	if len(e.Containers) == 0 {
		text = "There is no container."
	}
	d.Add(`<text class="soft" x="16" y="$">$</text>
`, px(y+16), text)
}
