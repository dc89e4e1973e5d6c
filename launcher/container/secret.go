package container

import (
	"regexp"
	"slices"
	"strings"
)

// What looks like a secret is hidden wherever a row is listed, and judged by the
// audit. A name counts by whole words, so that KEYBOARD_LAYOUT and MONKEY are
// none; a value counts by the shape of known tokens.

// secretName matches the words of a variable, option or label that holds a secret.
var secretName = regexp.MustCompile(`(?i)(^|[^a-z0-9])(token|secret|secrets|password|passwd|passphrase|pwd|api_?key|apikey|access_?key|private_?key|secret_?key|credentials?|auth_?token|bearer)($|[^a-z0-9])`)

// pointer matches names that say where a secret is, or how many: NAME_FILE.
var pointer = regexp.MustCompile(`(?i)(^|[^a-z0-9])(file|path|dir|count|max|min|ttl|length|size|limit|name|id|type|policy|url|uri|endpoint|enabled|disabled|require|required)$`)

// harmless matches values that are no secret whatever their name is.
var harmless = regexp.MustCompile(`(?i)^(|\d+(\.\d+)?|true|false|yes|no|on|off|none|null|disabled|enabled|\*+)$`)

// tokenShapes are the prefixes and forms under which services give out tokens.
var tokenShapes = []*regexp.Regexp{
	regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,})`),
	regexp.MustCompile(`\bhf_[A-Za-z0-9]{16,}`),
	regexp.MustCompile(`\b(sk|rk|pk)-[A-Za-z0-9_-]{20,}`),
	regexp.MustCompile(`\bxox[abprs]-[A-Za-z0-9-]{10,}`),
	regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`),
	regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{30,}`),
	regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`),
	regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`),
}

// tokenHints are what one of tokenShapes begins with: most text holds none, and
// then no pattern is tried.
var tokenHints = []string{"gh", "glpat-", "hf_", "k-", "xox", "AKIA", "ASIA", "AIza", "eyJ", "-----BEGIN"}

// userinfo matches the password of a URL.
var userinfo = regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s:@]*:)([^/\s@]+)@`)

// SecretName tells whether a name says that its value is a secret.
func SecretName(name string) bool {
	return hinted(name) && secretName.MatchString(words(name)) && !pointer.MatchString(words(name))
}

// nameHints are in every name that secretName can match.
var nameHints = []string{"token", "secret", "pass", "pwd", "key", "credential", "bearer"}

func hinted(name string) bool {
	low := strings.ToLower(name)
	return slices.ContainsFunc(nameHints, func(h string) bool { return strings.Contains(low, h) })
}

// words parts camelCase at its humps: apiToken is api_Token.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// SecretValue tells whether a value has the shape of a secret, whatever its name.
func SecretValue(v string) bool {
	if strings.Contains(v, "@") && userinfo.MatchString(v) {
		return true
	}
	if !slices.ContainsFunc(tokenHints, func(h string) bool { return strings.Contains(v, h) }) {
		return false
	}
	return slices.ContainsFunc(tokenShapes, func(re *regexp.Regexp) bool { return re.MatchString(v) })
}

// SecretPair tells whether a named value is a secret: by its name, unless the
// value cannot be one, or by its shape.
func SecretPair(name, value string) bool {
	return SecretName(name) && !harmless.MatchString(value) && !strings.HasPrefix(value, "/") || SecretValue(value)
}

// MaskText hides what looks like a secret in a text: passwords of URLs, tokens
// by their shape, and NAME=VALUE words whose name says so.
func MaskText(text string) string {
	if strings.Contains(text, "@") {
		text = userinfo.ReplaceAllString(text, "${1}"+Redacted+"@")
	}
	if slices.ContainsFunc(tokenHints, func(h string) bool { return strings.Contains(text, h) }) {
		for _, re := range tokenShapes {
			text = re.ReplaceAllString(text, Redacted)
		}
	}
	if !strings.Contains(text, "=") || !hinted(text) {
		return text
	}
	return pair.ReplaceAllStringFunc(text, func(m string) string {
		name, value, _ := strings.Cut(m, "=")
		if SecretName(name) && !harmless.MatchString(value) {
			return name + "=" + Redacted
		}
		return m
	})
}

// pair matches NAME=VALUE in a text.
var pair = regexp.MustCompile(`[A-Za-z0-9_.-]+=[^\s,;&"']+`)

// MaskArgs hides what looks like a secret in a command line: the value of an
// option whose name says so, and [MaskText] of every word.
func MaskArgs(args []string) []string {
	if args == nil {
		return nil
	}
	out := make([]string, len(args))
	hide := false
	for i, a := range args {
		out[i] = MaskText(a)
		if hide && !strings.HasPrefix(a, "-") && !harmless.MatchString(a) {
			out[i] = Redacted
		}
		hide = strings.HasPrefix(a, "-") && !strings.Contains(a, "=") && SecretName(strings.TrimLeft(a, "-"))
	}
	return out
}
