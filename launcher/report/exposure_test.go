package report_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/exposure"
	"github.com/zlaunch/zlaunch/launcher/report"
)

func answer(is exposure.State) exposure.Answer {
	return exposure.Answer{Is: is, Why: "because", From: exposure.Kernel}
}

// exposed is a port that listens: reached by those whose letter is in who.
func exposed(number uint16, who string, doors ...exposure.Door) exposure.Port {
	is := func(letter string) exposure.Answer {
		switch {
		case strings.Contains(who, letter):
			return answer(exposure.Yes)
		case strings.Contains(who, "?"):
			return answer(exposure.Unknown)
		}
		return answer(exposure.No)
	}
	return exposure.Port{Protocol: "tcp", Address: "::", Number: number, Process: "serve", Doors: append([]exposure.Door{}, doors...), TLS: answer(exposure.Unknown), Auth: answer(exposure.Unknown),
		LAN: is("l"), Users: is("u"), Host: is("h"), Others: is("c")}
}

func door(at string, n uint16) exposure.Door {
	return exposure.Door{Address: at, Port: n, Process: "rootlessport", Open: exposure.Yes, Stated: true}
}

// outways are the ways out that are open by number.
func outways(open ...int) (out []exposure.Way) {
	for _, to := range exposure.Ways {
		out = append(out, exposure.Way{To: to, Answer: answer(exposure.No)})
	}
	for _, i := range open {
		out[i].Is = exposure.Yes
	}
	return out
}

func exposures() exposure.Document {
	hostile := "\x1b[31m<script>alert(1)</script>\" & \u202e日本語の名前がここに続く"
	secure := exposed(8443, "luh", door("0.0.0.0", 8443))
	secure.TLS, secure.Auth = answer(exposure.Yes), answer(exposure.Yes)
	ranged := []exposure.Port{exposed(8000, "uh", door("127.0.0.1", 9000)), exposed(8001, "uh", door("127.0.0.1", 9001)), exposed(8002, "uh", door("127.0.0.1", 9002))}
	closed := exposed(9090, "")
	closed.Address, closed.Process, closed.Remarks = "", "", []string{"nothing listens behind it"}
	closed.Doors = []exposure.Door{door("127.0.0.1", 9090)}
	unsure := exposed(7000, "?")
	unsure.Others.Probe = exposure.Disagrees
	return exposure.Document{Schema: exposure.Schema, Engine: "4.3.1", Rootless: true, Containers: []exposure.Container{
		{Name: "zlaunch-shop-front", ID: "a", Ours: true, Profile: "front", State: "running", Network: "bridge", Networks: []string{"zlaunch-shop-edge", "zlaunch-shop-inner"}, Ports: []exposure.Port{secure}, Ways: outways(0, 1, 3, 4)},
		{Name: "zlaunch-shop-server", ID: "b", Ours: true, Profile: "web", State: "running", Network: "bridge", Networks: []string{"zlaunch-shop-inner"}, Ports: []exposure.Port{exposed(8000, "c")}, Ways: outways()},
		{Name: "range", ID: "c", State: "running", Network: "slirp4netns", Ports: append(ranged, closed), Ways: outways(0, 1, 3, 4)},
		{Name: hostile, ID: "d", Pod: hostile, State: "running", Network: "host", Ports: []exposure.Port{unsure}, Ways: outways(0, 1, 2, 3, 4, 5), Unread: []string{hostile}},
		{Name: "stopped", ID: "e", State: "exited", Network: "bridge", Ports: []exposure.Port{}, Ways: outways()},
	}}
}

func TestExposure(t *testing.T) {
	d := exposures()
	var b bytes.Buffer
	if err := report.JSON(&b, d); err != nil {
		t.Fatal(err)
	}
	conforms(t, "../../docs/schema/exposure-v1.json", b.Bytes())
	rules, err := exposure.ParseRules("lan: none")
	if err != nil {
		t.Fatal(err)
	}
	e := report.Exposure{Document: d, Asserted: true, Violations: rules.Check(d)}
	for name, screen := range map[string]report.Screen{"exposure.txt": {Width: 160}, "exposure-narrow.txt": {Width: 80}} {
		b.Reset()
		if err := e.Text(&b, screen); err != nil {
			t.Fatal(err)
		}
		holds(t, name, b.Bytes())
	}
}

// The drawing is one well-formed file that loads and runs nothing, whatever a container is
// called, and the same each time.
func TestExposureSVG(t *testing.T) {
	draw := func(d exposure.Document) string {
		var b bytes.Buffer
		if err := (report.Exposure{Document: d}).SVG(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	text := draw(exposures())
	if text != draw(exposures()) {
		t.Error("it is another drawing each time")
	}
	holds(t, "exposure.svg", []byte(text))
	for _, bad := range []string{"<script>", "href", "url(", "@import", "<image", "<foreignObject", "\x1b", "\u202e", "on" + "load"} {
		if strings.Contains(text, bad) {
			t.Errorf("it holds %q", bad)
		}
	}
	for _, d := range []exposure.Document{exposures(), {}} {
		dec := xml.NewDecoder(strings.NewReader(draw(d)))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestExposureDiff(t *testing.T) {
	after := exposures()
	after.Containers = after.Containers[1:]
	var b bytes.Buffer
	if err := (report.ExposureDiff{Difference: exposure.Compare(exposures(), after)}).Text(&b, report.Screen{}); err != nil {
		t.Fatal(err)
	}
	holds(t, "exposure-diff.txt", b.Bytes())
}
