package haproxy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/haproxy"
)

// words parts a line as HAProxy does (section 2.2 of its manual): by blanks, outside of quotes;
// '#' begins a comment. ok is false where a quote does not end.
func words(line string) (all []string, ok bool) {
	var word strings.Builder
	var quote byte
	within := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == '\'' && c != '\'' || quote == '"' && c != '"' && c != '\\' && c != '$':
			word.WriteByte(c)
		case c == '$' || quote == '"' && c == '\\' || quote == 0 && c == '\\':
			word.WriteByte(c) // our own lines have it where it is no more than a letter
			if c == '\\' && i+1 < len(line) {
				i++
				word.WriteByte(line[i])
			}
			within = true
		case quote != 0:
			quote = 0
		case c == '\'' || c == '"':
			quote, within = c, true
		case c == ' ' || c == '\t':
			if within {
				all, within = append(all, word.String()), false
				word.Reset()
			}
		case c == '#':
			return all, quote == 0
		default:
			word.WriteByte(c)
			within = true
		}
	}
	if within {
		all = append(all, word.String())
	}
	return all, quote == 0
}

// shape is what the lines of a configuration are, whatever names stand in them: how many
// words each has and the first.
func shape(t *testing.T, text []byte) []string {
	var all []string
	for l := range strings.Lines(string(text)) {
		l = strings.TrimSuffix(l, "\n")
		if strings.ContainsFunc(l, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("a byte that is no letter: %q", l)
		}
		w, ok := words(l)
		if !ok {
			t.Errorf("a quote without end: %q", l)
		}
		if len(w) == 0 {
			continue
		}
		all = append(all, w[0]+strings.Repeat(" _", len(w)-1))
	}
	return all
}

// FuzzConfig writes gateways of any words: an error, or the lines that one of harmless words has.
func FuzzConfig(f *testing.F) {
	f.Add("fraud", "http", "server", "/v2/models/{model}/infer", "https://idp.example.com", "fraud", "fraud-app", "/etc/zlaunch-gateway")
	f.Add("a\nglobal", "b\"", "c d", "/e#", "%[src]", "$x", "y\\", "/'")
	f.Add("fraud", "http", "::1", "/v1/models/{model}:predict", "a", "a", "a", "/a")
	f.Fuzz(func(t *testing.T, name, port, host, path, issuer, audience, subject, dir string) {
		harmless := written(t, "fraud", "http", "server", "/v2/models/model", "issuer", "audience", "subject", "/dir")
		g := worded(name, port, host, path, issuer, audience, subject)
		text, err := haproxy.Layout{Dir: dir, Address: "::", Port: 1, Metrics: 2, Health: 3}.Config(g)
		if err != nil {
			return
		}
		got, want := shape(t, text), shape(t, harmless)
		if !strings.Contains(string(text), "resolvers network") { // the server is an address
			want = slices.DeleteFunc(want, func(l string) bool { return l == "resolvers _" || l == "parse-resolv-conf" || l == "hold _ _" })
			for i := range want {
				want[i] = strings.Replace(want[i], "server"+strings.Repeat(" _", 8), "server _ _", 1)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("other lines than a harmless gateway has:\n%s", text)
		}
	})
}

func worded(name, port, host, path, issuer, audience, subject string) *gateway.Gateway {
	return &gateway.Gateway{Name: name, Limits: gateway.DefaultLimits,
		Backends: []gateway.Backend{{Name: port, Host: host, Port: 8000, Protocol: gateway.HTTP, Rules: []gateway.Rule{{Scope: gateway.Inference, Method: "POST", Path: path}}}},
		Clients: gateway.Clients{Tokens: true, Certificates: &gateway.Certificates{CRL: true, Subjects: []string{subject}},
			JWT: &gateway.JWT{Algorithm: "RS256", Issuer: issuer, Audience: audience, Keys: 1}}}
}

func written(t *testing.T, name, port, host, path, issuer, audience, subject, dir string) []byte {
	text, err := haproxy.Layout{Dir: dir, Address: "::", Port: 1, Metrics: 2, Health: 3}.Config(worded(name, port, host, path, issuer, audience, subject))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
