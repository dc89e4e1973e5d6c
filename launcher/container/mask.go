package container

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// tokenShapes are the prefixes and forms under which services give out tokens.
var tokenShapes = []func() *regexp.Regexp{
	lazyregexp.New(`gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}`),
	lazyregexp.New(`hf_[A-Za-z0-9]{16,}`),
	lazyregexp.New(`\b(sk|rk|pk)-[A-Za-z0-9_-]{20,}|nvapi-[A-Za-z0-9_-]{20,}|dckr_pat_[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}`),
	lazyregexp.New(`xox[abprs]-[A-Za-z0-9-]{10,}`),
	lazyregexp.New(`\bsk-ant-[A-Za-z0-9_-]{8,}|\bgsk_[A-Za-z0-9]{20,}|\br8_[A-Za-z0-9]{30,}|\bpplx-[A-Za-z0-9]{30,}|\bxai-[A-Za-z0-9]{30,}|\btgp_v1_[A-Za-z0-9_-]{20,}`), // model services
	lazyregexp.New(`\b[rs]k_(live|test|prod)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/]{20,}|\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}`),                                              // payments
	lazyregexp.New(`\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|\bkey-[0-9a-f]{32}\b`),                                                                                  // mail
	lazyregexp.New(`\bpypi-AgE[A-Za-z0-9_-]{20,}|\brubygems_[0-9a-f]{48}|\bcio[A-Za-z0-9]{32}\b`),                                                                        // packages
	lazyregexp.New(`\bdo[opr]_v1_[0-9a-f]{40,}|\bhv[sbr]\.[A-Za-z0-9_-]{20,}|\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,}|\bLTAI[A-Za-z0-9]{16,}|\btskey-[a-z]+-[A-Za-z0-9-]{10,}`),
	lazyregexp.New(`\bgl(dt|rt|cbt|ptt|ft|soat|imt|agent|ffct)-[A-Za-z0-9_-]{20,}|\blin_api_[A-Za-z0-9]{30,}|\bntn_[A-Za-z0-9]{30,}|\bsecret_[A-Za-z0-9]{40,}|\bATATT3[A-Za-z0-9_=-]{20,}|\bATBB[A-Za-z0-9]{20,}|\bfigd_[A-Za-z0-9_-]{30,}`),
	lazyregexp.New(`\bglsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|\bNRAK-[A-Z0-9]{20,}|\bsntr[yu]s_[A-Za-z0-9+/=_-]{30,}|\bdapi[0-9a-f]{32}`),
	lazyregexp.New(`\bAGE-SECRET-KEY-1[0-9A-Z]{50,}|\bops_eyJ[A-Za-z0-9+/=]{50,}`),
	lazyregexp.New(`(?i)hooks\.slack\.com/(services|workflows)/[A-Za-z0-9_/]{20,}|discord(app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{20,}`),
	lazyregexp.New(`\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b`), // a bot's, of Telegram
	lazyregexp.New(`(AKIA|ASIA)[A-Z0-9]{16}`),
	lazyregexp.New(`AIza[A-Za-z0-9_-]{30,}`),
	lazyregexp.New(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`),
	lazyregexp.New(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\z)`),
	lazyregexp.New(`(?i)\baccountkey=[^;\s"'$*][^;\s"']*`), // in the connection strings of a cloud's storage
	lazyregexp.New(`(?i)\b(bearer|basic)[ \t]+[A-Za-z0-9._~+/=-]{8,}`),
}

// tokenHints are what one of tokenShapes holds, in lower case: most text holds
// none, and then no pattern is tried.
var tokenHints = []string{"gh", "glpat-", "hf_", "k-", "nvapi-", "dckr_pat_", "npm_", "xox", "gsk_", "r8_", "pplx-", "xai-", "tgp_v1_",
	"k_live_", "k_test_", "k_prod_", "whsec_", "sq0", "sg.", "key-", "pypi-", "rubygems_", "cio", "_v1_", "hv", "atlasv1", "ltai", "tskey-", "gl", "lin_api_", "ntn_", "secret_",
	"atatt3", "atbb", "figd_", "nrak-", "sntr", "dapi", "ops_eyj", "hooks.slack.com/", "/api/webhooks/", ":aa", "akia", "asia", "aiza", "eyj", "-----begin", "accountkey=", "bearer", "basic"}

// userinfo matches the password of a URL, and what stands alone in its place and
// is too long for a name.
var userinfo = lazyregexp.New(`([a-zA-Z][a-zA-Z0-9+.-]*://)([^/\s:@]*:[^/\s]+|[^/\s:@]{20,})@`)

// login matches the password of USER:PASSWORD@REGISTRY/IMAGE, which has no scheme. A
// tag with a digest has no slash behind the @.
var login = lazyregexp.New(`(^|[\s"'=])([A-Za-z0-9._-]+):([^\s/@:"']+)@([A-Za-z0-9.-]+(?::\d+)?/)`)

// maskShapes hides tokens by their shape and the passwords of URLs.
func maskShapes(text string) string {
	if strings.Contains(text, "@") {
		text = login().ReplaceAllString(text, "${1}${2}:"+Redacted+"@${4}")
	}
	if strings.Contains(text, "@") && strings.Contains(text, "://") {
		text = userinfo().ReplaceAllStringFunc(text, maskUser)
	}
	low := strings.ToLower(text)
	if !slices.ContainsFunc(tokenHints, func(h string) bool { return strings.Contains(low, h) }) {
		return text
	}
	for _, re := range tokenShapes {
		text = re().ReplaceAllString(text, Redacted)
	}
	return text
}

func maskUser(match string) string {
	scheme, rest, _ := strings.Cut(match, "://")
	if user, _, ok := strings.Cut(rest, ":"); ok {
		return scheme + "://" + user + ":" + Redacted + "@"
	}
	return scheme + "://" + Redacted + "@"
}

// maxPasses bounds how often a text is gone over until nothing is left to hide.
const maxPasses = 16

// MaskText hides what looks like a secret in a text: passwords of URLs, tokens
// by their shape, and the values of names that say so: NAME=VALUE, "name": "value",
// --name value, whether the name is quoted, or in parts, or not, in its line or those
// behind it. What it returns it
// returns again unchanged.
func MaskText(text string) string {
	text = maskArray(text)
	for range maxPasses {
		once := maskOnce(MaskBlocks(text), maxQuotes)
		if once == text {
			return text
		}
		text = once
	}
	return Redacted
}

// maskOnce goes over a text once; quotes is how deep it looks into quotes.
func maskOnce(text string, quotes int) string {
	if quotes == 0 || !strings.ContainsAny(text, `"'\`) {
		return maskNames(maskTools(maskShapes(text)))
	}
	// First the words, for what is hidden in the text as it stands may take a quote along.
	text = maskWords(text, true, quotes-1)
	return maskWords(maskNames(maskTools(maskShapes(text))), false, quotes-1)
}

func maskNames(text string) string {
	if !hinted(text) {
		return text
	}
	if strings.Contains(text, "-") && strings.ContainsAny(text, " \t") {
		text = optionValue().ReplaceAllStringFunc(text, maskOption)
	}
	return maskPairs(text)
}

// optionValue matches an option and the word behind it in a text, which may be
// quoted.
var optionValue = lazyregexp.New(`(^|[\s"'=])(--?[A-Za-z][A-Za-z0-9_.-]*)([ \t]+)("[^"]*"|'[^']*'|[^\s-]\S*)`)

// maskOption hides the word behind an option whose name says so. --secret is
// podman's own: it names a secret and holds none.
func maskOption(match string) string {
	m := optionValue().FindStringSubmatch(match)
	if m == nil || m[2] == podmanSecret || !named(strings.TrimLeft(m[2], "-"), strings.Trim(m[4], `"'`)) {
		return match
	}
	return m[1] + m[2] + m[3] + Redacted
}

const podmanSecret = "--secret"

// maskPairs hides the values of NAME=VALUE and NAME: VALUE, in one go from left to
// right.
func maskPairs(text string) string {
	if !strings.ContainsAny(text, "=:") {
		return text
	}
	var b strings.Builder
	done := 0 // what is before it is written
	for i := 0; i < len(text); i++ {
		if text[i] != '=' && text[i] != ':' {
			continue
		}
		name := nameBefore(text[done:i], text[i] == ':')
		if !hinted(name) || name == podmanSecret || verdict(text, i) {
			continue
		}
		from, to := valueAfter(text, i+1, text[i] == ':')
		if named(strings.TrimLeft(name, "-"), strings.Trim(text[from:to], `"'`)) {
			b.WriteString(text[done:from])
			b.WriteString(Redacted)
			done, i = to, to-1
		}
	}
	b.WriteString(text[done:])
	return b.String()
}

// verdict tells "pass: why" at a colon, as reports write it, from the quoted name of
// a password.
func verdict(text string, colon int) bool {
	return strings.HasPrefix(text[colon:], ": ") && strings.EqualFold(nameBefore(text[:colon], false), "pass")
}

// nameBefore is the word at the end of a text, without the quote behind it. Before
// a colon a word behind a slash is part of an image or a path, and no name; neither
// is what a shell expands: "$PWD":/work.
func nameBefore(text string, colon bool) string {
	if colon {
		text = strings.TrimRight(text, `"'`)
	}
	from := len(text)
	for from > 0 && nameByte(text[from-1]) {
		from--
	}
	if colon && from > 0 && strings.IndexByte("/$", text[from-1]) >= 0 {
		return ""
	}
	return text[from:]
}

func nameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// valueAfter finds the value at a place of a text: what a quote holds, to the end
// where none closes it, or the next word.
func valueAfter(text string, from int, colon bool) (int, int) {
	for colon && from < len(text) && (text[from] == ' ' || text[from] == '\t') {
		from++
	}
	rest := text[from:]
	if colon && strings.HasPrefix(rest, "--") { // an option, whose own value may be one
		return from, from
	}
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		if end := strings.IndexByte(rest[1:], rest[0]); end >= 0 {
			return from, from + end + 2
		}
		return from, len(text)
	}
	if n := substitution(rest); n > 0 {
		return from, from + n
	}
	if end := strings.IndexAny(rest, " \t\r\n\"'"); end >= 0 {
		return from, from + end
	}
	return from, len(text)
}

// MaskArgs hides what looks like a secret in a command line: the value of an
// option whose name says so, whole words NAME=VALUE, and [MaskText] of every word.
func MaskArgs(args []string) []string {
	if args == nil {
		return nil
	}
	return maskArgs(args, MaskText)
}

// maskArgs hides the secrets of words, by mask where they are no option's.
func maskArgs(args []string, mask func(string) string) []string {
	out := make([]string, len(args))
	hide, program := false, tool{}
	for i, a := range args {
		hidden, glued := program.hide(a)
		name, value, pair := strings.Cut(a, "=")
		option := strings.TrimLeft(name, "-")
		switch {
		case hide && !strings.HasPrefix(a, "-") && named("token", a):
			out[i] = Redacted
		case glued:
			out[i] = hidden
		case pair && nameBefore(name, false) == name && named(option, strings.Trim(value, `"'`)):
			out[i] = name + "=" + Redacted
		default:
			out[i] = mask(a)
		}
		hide = strings.HasPrefix(a, "-") && !pair && SecretName(option)
	}
	return out
}
