package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/exposure"
)

// Exposure is who can reach what, for a person.
type Exposure struct {
	exposure.Document
	Violations []exposure.Violation
	Asserted   bool // Violations were looked for
}

// Text writes the ports, and then the ways out.
func (e Exposure) Text(w io.Writer, on Screen) error {
	ports := table{columns: []column{{title: "CONTAINER", most: 24}, {title: "PORT", most: 24}, {title: "LAN", means: true}, {title: "USERS", means: true},
		{title: "YOU", means: true}, {title: "CONTAINERS", short: "OTHERS", means: true}, {title: "TLS", means: true}, {title: "AUTH", means: true}, {title: "HOW", wraps: true, below: true}}}
	ways := table{columns: []column{{title: "CONTAINER", most: 24}, {title: "OUTSIDE", means: true}, {title: "NAMES", means: true}, {title: "LOOPBACK", short: "LOOP", means: true},
		{title: "HOST", means: true}, {title: "METADATA", short: "META", means: true}, {title: "NETWORKS", short: "NETS", means: true}, {title: "HOW", wraps: true, below: true}}}
	for _, c := range e.Containers {
		for _, p := range merged(c.Ports) {
			ports.add(c.Name, p.label(), reached(p.LAN), reached(p.Users), reached(p.Host), reached(p.Others), reached(p.TLS), reached(p.Auth), p.how())
		}
		if len(c.Ports) == 0 {
			ports.add(c.Name, "none", "-", "-", "-", "-", "-", "-", pick(c.State == "running", "nothing listens", "it is "+c.State))
		}
		cells := []string{c.Name}
		for _, a := range c.Ways {
			cells = append(cells, reached(a.Answer))
		}
		ways.add(append(cells, strings.Join(reasons(c), "; "))...)
	}
	if len(e.Containers) == 0 {
		_, err := io.WriteString(w, "there is no container\n")
		return err
	}
	if err := ports.write(w, on); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\nWHAT GETS OUT\n"); err != nil {
		return err
	}
	if err := ways.write(w, on); err != nil {
		return err
	}
	return e.rest(w, on)
}

// rest is what could not be read, what a probe found, and what an assertion says.
func (e Exposure) rest(w io.Writer, on Screen) error {
	var b strings.Builder
	for _, u := range e.Unread {
		b.WriteString(on.Hang("not known: ", Escape(u)))
	}
	for _, c := range e.Containers {
		for _, u := range c.Unread {
			b.WriteString(on.Hang("not known: ", Escape(c.Name+": "+u)))
		}
	}
	if e.Probed {
		b.WriteString(e.probed(on))
	}
	if e.Asserted {
		b.WriteString(e.asserted(on))
	}
	text := b.String()
	if text == "" {
		return nil
	}
	_, err := io.WriteString(w, "\n"+text)
	return err
}

func (e Exposure) probed(on Screen) string {
	counts := map[exposure.Held]int{}
	for _, t := range e.Tried {
		counts[t.Probe]++
	}
	var b strings.Builder
	b.WriteString(on.Hang("probe: ", fmt.Sprintf("of what was tried %d agree, %d disagree, %d tell nothing",
		counts[exposure.Agrees], counts[exposure.Disagrees], counts[exposure.NotTried])))
	for _, t := range e.Disagree() {
		b.WriteString(on.Hang("disagrees: ", Escape(t.Of+": from "+t.From+" to "+t.To+": expected "+string(t.Expect)+", got "+string(t.Got)+" ("+t.Detail+")")))
	}
	return b.String()
}

func (e Exposure) asserted(on Screen) string {
	if len(e.Violations) == 0 {
		return "asserted: it holds\n"
	}
	var b strings.Builder
	for _, v := range e.Violations {
		b.WriteString(on.Hang("violated: ", Escape(v.String())))
	}
	return b.String()
}

// reached is an answer in one word: a question mark counts as yes.
func reached(a exposure.Answer) string {
	word := map[exposure.State]string{exposure.Yes: "yes", exposure.No: "no", exposure.Unknown: "?"}[a.Is]
	return word + pick(a.Probe == exposure.Disagrees, "!", "")
}

// shownPort is one port, or several in a row that differ in their numbers alone.
type shownPort struct {
	exposure.Port
	last uint16
}

// merged joins ports that follow each other and are alike.
func merged(ports []exposure.Port) (out []shownPort) {
	for _, p := range ports {
		if n := len(out) - 1; n >= 0 && out[n].goesOn(p) {
			out[n].last = p.Number
			continue
		}
		out = append(out, shownPort{p, p.Number})
	}
	return out
}

// goesOn tells whether a port is the next of a row: with one door or none, in step.
func (s shownPort) goesOn(p exposure.Port) bool {
	step := p.Number - s.Number
	same := p.Number == s.last+1 && p.Protocol == s.Protocol && p.Address == s.Address && p.Process == s.Process && len(p.Doors) == len(s.Doors) &&
		p.LAN.Is == s.LAN.Is && p.Users.Is == s.Users.Is && p.Others.Is == s.Others.Is && p.TLS == s.TLS && p.Auth == s.Auth && slices.Equal(p.From, s.From)
	for i := range p.Doors {
		same = same && p.Doors[i].Address == s.Doors[i].Address && p.Doors[i].Port == s.Doors[i].Port+step && p.Doors[i].Open == s.Doors[i].Open
	}
	return same
}

// label is the port as people write it.
func (s shownPort) label() string { return s.span(s.Row(), s.Number) }

// span writes a row of numbers into what names the first.
func (s shownPort) span(text string, first uint16) string {
	if s.last == s.Number {
		return text
	}
	old := strconv.Itoa(int(first))
	at := strings.LastIndex(text, old)
	if at < 0 { // it is not known
		return text
	}
	return text[:at] + old + "-" + strconv.Itoa(int(first+s.last-s.Number)) + text[at+len(old):]
}

// doors are the addresses of this host that lead to it, with who holds them.
func (s shownPort) doors() (out []string) {
	for _, d := range s.Doors {
		text := s.span(d.String(), d.Port)
		if d.Process != "" && d.Process != s.Process {
			text += " (" + d.Process + ")"
		}
		out = append(out, text)
	}
	return out
}

// how says by what a port is reached, and what is odd.
func (s shownPort) how() string {
	var out []string
	if s.Process != "" {
		out = append(out, s.Process+" listens")
	}
	if doors := s.doors(); len(doors) > 0 {
		out = append(out, "this host's "+strings.Join(doors, ", "))
	}
	if len(s.Through) > 0 {
		out = append(out, "through "+strings.Join(s.Through, ", "))
	}
	if len(s.From) > 0 {
		out = append(out, "from "+strings.Join(s.From, ", "))
	}
	if s.last == s.Number {
		out = append(out, s.Remarks...)
	} else if len(s.Remarks) > 0 {
		out = append(out, s.Remarks[len(s.Remarks)-1])
	}
	return strings.Join(out, "; ")
}

// reasons say why a container gets out; of one that does not, why not. What leads
// outside leads to this host and to the metadata address too.
func reasons(c exposure.Container) (out []string) {
	all := slices.ContainsFunc(c.Ways, func(w exposure.Way) bool { return w.To == exposure.Outside && w.Is == exposure.Yes })
	for _, w := range c.Ways {
		follows := all && w.Probe != exposure.Disagrees && (w.To == exposure.HostItself || w.To == exposure.Metadata)
		if w.Is != exposure.No && !follows && !slices.Contains(out, w.Why) {
			out = append(out, w.Why)
		}
	}
	if len(out) == 0 && len(c.Ways) > 0 {
		out = []string{c.Ways[0].Why}
	}
	return out
}
