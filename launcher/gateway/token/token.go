// Package token keeps the bearer tokens of a gateway: who may call, what for, and until
// when. Of a secret only its SHA-256 is kept, which is enough for 256 random bits; it is
// shown once, to whoever asked for it.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// Token is one token of a gateway, without its secret.
type Token struct {
	Name    string          `json:"name"`
	Hash    string          `json:"hash"` // see [hash]
	Scopes  []gateway.Scope `json:"scopes"`
	Created time.Time       `json:"created"`
	Expires time.Time       `json:"expires"`
}

// Bounds of a token's life.
const (
	DefaultDays = 90
	MostDays    = 3650
)

// Soon is how long before its end a token is told of.
const Soon = 30 * 24 * time.Hour

// prefix marks a secret as one, for who finds it in a file or a log.
const prefix = "zlt_"

// newSecret draws 256 bits.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// hash is what the proxy works out of a request's Authorization, the whole of it: SHA-256
// in upper-case hexadecimal digits.
func hash(secret string) string { return fmt.Sprintf("%X", sha256.Sum256([]byte("Bearer "+secret))) }

// Over tells whether the token no longer counts.
func (t Token) Over(now time.Time) bool { return !now.Before(t.Expires) }

// check finds what is wrong with a token, of whatever wrote it.
func (t Token) check() error {
	switch {
	case !gateway.IsClient(t.Name):
		return hint.Errorf("a name is lower-case letters, digits and . _ -, at most 63", "%s is not a token's name", bounded.Shown(fmt.Sprintf("%q", t.Name)))
	case len(t.Hash) != 64 || strings.ContainsFunc(t.Hash, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'F') }):
		return fmt.Errorf("token %s has no SHA-256", t.Name)
	case len(t.Scopes) == 0:
		return fmt.Errorf("token %s has no scope", t.Name)
	case t.Created.IsZero() || !t.Created.Before(t.Expires) || t.Expires.Sub(t.Created) > (MostDays+1)*24*time.Hour:
		return fmt.Errorf("token %s has no time: from %s to %s", t.Name, t.Created.Format(time.RFC3339), t.Expires.Format(time.RFC3339))
	}
	for i, s := range t.Scopes {
		if !slices.Contains(gateway.Scopes, s) || slices.Contains(t.Scopes[:i], s) {
			return fmt.Errorf("token %s has scope %s, or has it twice", t.Name, bounded.Shown(fmt.Sprintf("%q", s)))
		}
	}
	return nil
}

// Scopes reads scopes as they are typed; none are inference alone.
func Scopes(words []string) ([]gateway.Scope, error) {
	var out []gateway.Scope
	for _, s := range gateway.Scopes {
		if slices.Contains(words, string(s)) {
			out = append(out, s)
		}
	}
	for _, w := range words {
		if !slices.Contains(out, gateway.Scope(w)) {
			return nil, hint.Errorf("--scope inference, admin or metrics", "%s is no scope", bounded.Shown(fmt.Sprintf("%q", w)))
		}
	}
	if len(words) == 0 {
		out = []gateway.Scope{gateway.Inference}
	}
	return out, nil
}

// Expiry reads when a token ends, as it is typed: "30d", days from now, or "2027-01-01", the
// last day on which it counts, in UTC. "" is [DefaultDays] from now.
func Expiry(text string, now time.Time) (time.Time, error) {
	const next = "--expires 30d, or the last day: --expires 2027-01-01"
	now = now.UTC().Truncate(time.Second)
	end, days := time.Time{}, DefaultDays
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		end = day.AddDate(0, 0, 1)
	} else {
		if _, err := fmt.Sscanf(text, "%dd", &days); text != "" && (err != nil || fmt.Sprintf("%dd", days) != text) {
			return end, hint.Errorf(next, "%s is neither days nor a date", bounded.Shown(fmt.Sprintf("%q", text)))
		}
		if days > MostDays { // before it overflows
			return end, hint.Errorf(next, "a token counts for at most %d days", MostDays)
		}
		end = now.AddDate(0, 0, days)
	}
	switch {
	case !end.After(now):
		return end, hint.Errorf(next, "%s is over already", text)
	case end.After(now.AddDate(0, 0, MostDays)):
		return end, hint.Errorf(next, "a token counts for at most %d days", MostDays)
	}
	return end, nil
}

// Map writes the file of tokens that a proxy reads, gateway.TokensFile: a line for each that
// counts now, "HASH NAME,SCOPE+SCOPE,EXPIRY", sorted, where EXPIRY is in seconds of Unix.
func Map(tokens []Token, now time.Time) []byte {
	var lines []string
	for _, t := range tokens {
		if t.Over(now) {
			continue
		}
		var scopes []string
		for _, s := range t.Scopes {
			scopes = append(scopes, string(s))
		}
		lines = append(lines, fmt.Sprintf("%s %s,%s,%d\n", t.Hash, t.Name, strings.Join(scopes, "+"), t.Expires.Unix()))
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, ""))
}
