package report

import (
	"io"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/token"
)

// TokensSchema is the version of the JSON of tokens.
const TokensSchema = "zlaunch.dev/tokens/v1"

// Tokens are the tokens of gateways.
type Tokens struct {
	Schema string  `json:"schema"`
	Tokens []Token `json:"tokens"`
}

// Token is one of them, without what it is told by.
type Token struct {
	Gateway string          `json:"gateway"`
	Name    string          `json:"name"`
	Scopes  []gateway.Scope `json:"scopes"`
	Created time.Time       `json:"created"`
	Expires time.Time       `json:"expires"`
	State   string          `json:"state"` // counts, ends soon, over
}

// TokenOf is what is told of a token.
func TokenOf(of string, t token.Token, now time.Time) Token {
	return Token{of, t.Name, t.Scopes, t.Created, t.Expires, Validity(t.Expires, token.Soon, now)}
}

// Text writes the list for a person.
func (t Tokens) Text(w io.Writer, on Screen) error {
	out := table{columns: []column{{title: "GATEWAY", most: 24}, {title: "TOKEN", most: 24}, {title: "STATE", means: true}, {title: "UNTIL"}, {title: "SCOPES", wraps: true}}}
	for _, k := range t.Tokens {
		var scopes []string
		for _, s := range k.Scopes {
			scopes = append(scopes, string(s))
		}
		out.add(k.Gateway, k.Name, k.State, until(k.Expires), strings.Join(scopes, " "))
	}
	return out.write(w, on)
}

// until is when something ends, to the minute.
func until(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
