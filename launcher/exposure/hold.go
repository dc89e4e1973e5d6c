package exposure

// Hold holds what came of a vantage's tries against the document: each answer says
// whether the probe agrees. What the probe reached is open whatever was known before.
func (d *Document) Hold(v Vantage, got []Outcome) {
	d.Probed = true
	for i, t := range v.Tries {
		o := Outcome{Got: Unknown, Detail: "it was not tried"}
		if i < len(got) {
			o = got[i]
		}
		c := &d.Containers[t.Container]
		if t.Kind == Ask {
			c.Ports[t.Port].asked(o)
			continue
		}
		tried := Tried{From: v.Name(), To: t.about(), Of: c.Name, Expect: t.Expect, Got: o.Got, Detail: o.Detail, Probe: held(t.Expect, o.Got)}
		d.Tried = append(d.Tried, tried)
		for _, a := range c.answers(v, t) {
			a.hold(tried)
		}
	}
}

func held(expect, got State) Held {
	switch {
	case got == Unknown || expect == Unknown:
		return NotTried
	case got == expect:
		return Agrees
	}
	return Disagrees
}

// answers are those that a try is about.
func (c *Container) answers(v Vantage, t Try) []*Answer {
	switch {
	case t.Port < 0:
		return []*Answer{&c.Ways[t.Way].Answer}
	case t.Lan:
		return []*Answer{&c.Ports[t.Port].LAN}
	case v.Network != "":
		return []*Answer{&c.Ports[t.Port].Others}
	}
	return []*Answer{&c.Ports[t.Port].Host, &c.Ports[t.Port].Users}
}

// hold marks an answer; one that disagrees once stays so.
func (a *Answer) hold(t Tried) {
	if a.Probe != Disagrees && (a.Probe == "" || a.Probe == NotTried || t.Probe == Disagrees) {
		a.Probe = t.Probe
	}
	if t.Probe == Disagrees && t.Got == Yes {
		a.Is, a.From, a.Why = Yes, Probe, t.From+" reached "+t.To
	}
}

// asked takes what a port said of itself. A gateway's own word is not outdone by silence.
func (p *Port) asked(o Outcome) {
	for _, x := range []struct {
		a   *Answer
		is  State
		why string
	}{{&p.TLS, o.Got, o.Detail}, {&p.Auth, o.Auth, o.Why}} {
		switch {
		case x.is == "" || x.is == Unknown:
			x.a.Probe = NotTried
			if x.a.From == Nobody && x.why != "" {
				x.a.Why = x.why
			}
		case x.a.Is == Unknown:
			*x.a = Answer{Is: x.is, Why: x.why, From: Probe, Probe: Agrees}
		default:
			x.a.Probe = held(x.a.Is, x.is)
			if x.a.Probe == Disagrees {
				x.a.Is, x.a.Why, x.a.From = x.is, x.why, Probe
			}
		}
	}
}

// Finish marks the answers that no try was about.
func (d *Document) Finish() {
	for i := range d.Containers {
		c := &d.Containers[i]
		for n := range c.Ways {
			c.Ways[n].Answer.untried()
		}
		for n := range c.Ports {
			p := &c.Ports[n]
			for _, a := range []*Answer{&p.TLS, &p.Auth, &p.LAN, &p.Users, &p.Host, &p.Others} {
				a.untried()
			}
		}
	}
}

func (a *Answer) untried() {
	if a.Probe == "" {
		a.Probe = NotTried
	}
}

// Disagree are the tries that came out otherwise than the document says.
func (d Document) Disagree() (out []Tried) {
	for _, t := range d.Tried {
		if t.Probe == Disagrees {
			out = append(out, t)
		}
	}
	return out
}
