package report

import (
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/exposure"
)

// port draws a port, and a line from each who reaches it.
func (d *drawing) port(p shownPort, y int, runs bool) {
	mid := y + rowHeight/2 - 2
	for n, a := range actors {
		answer := a.of(p.Port)
		if answer.Is == exposure.No {
			continue
		}
		at := mid - 12 + n*8
		unsure := pick(answer.Is == exposure.Unknown, " unsure", "")
		d.Add(`<path class="edge $$" d="M$ $H$"/><circle class="$fill" cx="$" cy="$" r="4"/><path class="$fill" d="M$ $l-8 -4v8z"/>
`, a.class, unsure, px(railAt(n)), px(at), px(pillLeft-8), a.class, px(railAt(n)), px(at), a.class, px(pillLeft-1), px(at))
	}
	d.Add(`<rect class="pill$" x="$" y="$" width="$" height="38" rx="7"/>
<path class="edge box" d="M$ $H$"/>
<text class="port" x="$" y="$">$</text>
<text class="soft" x="$" y="$">$</text>
`, pick(runs && p.Address != "", "", " idle"), px(pillLeft), px(y), px(pillWidth), px(pillLeft+pillWidth), px(mid-1), px(boxLeft),
		px(pillLeft+12), px(mid-3), clip(p.drawn(), inPill), px(pillLeft+12), px(mid+12), clip(p.secrecy(), inPill+2))
}

// drawn is the port as it is drawn: by what it is reached, and where that leads.
func (s shownPort) drawn() string {
	inside := s.span(strconv.Itoa(int(s.Number)), s.Number) + "/" + s.Protocol
	if len(s.Doors) == 0 {
		return s.label()
	}
	d := s.Doors[0]
	outside := s.span(d.String(), d.Port)
	if len(s.Doors) > 1 {
		outside += " +" + strconv.Itoa(len(s.Doors)-1)
	}
	if d.Port == s.Number && d.Address == s.Address { // this host's own network
		return outside + "/" + s.Protocol
	}
	return outside + " → " + inside
}

// secrecy says what is known of who is let in.
func (s shownPort) secrecy() string {
	if s.Address == "" && len(s.Remarks) > 0 {
		return s.Remarks[len(s.Remarks)-1]
	}
	say := func(a exposure.Answer, what string) string {
		return map[exposure.State]string{exposure.Yes: what, exposure.No: "no " + what, exposure.Unknown: what + " not known"}[a.Is]
	}
	if s.TLS.Is == exposure.Unknown && s.Auth.Is == exposure.Unknown {
		return "TLS and login not known"
	}
	return say(s.TLS, "TLS") + ", " + say(s.Auth, "login")
}
