package container

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// What looks like a secret is hidden wherever a row is listed, and judged by the
// audit. A name counts by whole words, so that KEYBOARD_LAYOUT and MONKEY are
// none; a value counts by the shape of known tokens.

// secretName matches the words of a variable, option or label that holds a
// secret. Some are written without a hyphen in front: PGPASSWORD. pass, pat (a
// personal access token) and jwt count as the last word alone: DB_PASS, GITHUB_PAT,
// and not PASS_THROUGH or JWT_ISSUER.
var secretName = lazyregexp.New(`(?i)((^|[^a-z0-9])(token|secrets?|passphrase|pwd|creds?|credentials?|bearer|auth_?token` +
	`|(api|access|private|secret|encryption|decryption|signing|master|storage|account)[_-]?key)|passwords?|passwd|requirepass)($|[^a-z0-9])` +
	`|(^|[^a-z0-9])(pass|pat|jwt|jwk|basic[_-]auth|auth[_-]config|jaas[_-]config|mnemonic|seed[_-]phrase|(app|license|session|hmac|ssh|rsa|gpg)[_-]?key)$`)

// pointer matches names that say where a secret is, how many there are, or what
// may stand in public: NAME_FILE, hashed_password, API_KEY_HEADER. The tokens of a
// tokenizer are words of its vocabulary: EOS_TOKEN. A cloud's application
// credentials are a file.
var pointer = lazyregexp.New(`(?i)((^|[^a-z0-9])(file|path|dir|count|max|min|ttl|length|size|limit|name|ids?|types?|policy|url|uri|endpoint|stdin|fd` +
	`|enabled|disabled|require|required|headers?)$)|(^|[^a-z0-9])hashed[_-]|application[_-]credentials$` +
	`|(^|[^a-z0-9])((eos|bos|pad|unk|sep|cls|mask|eot|eod|eom|stop|special|decoder[_-]start)[_-]?tokens?` +
	`|(by|low|high|band|single|one|two|multi|first|second|render)[_-]pass)$`)

// harmless matches values that are no secret whatever their name is.
var harmless = lazyregexp.New(`(?i)^(|\d+(\.\d+)?|true|false|yes|no|on|off|none|null|disabled|enabled|\*+\W*)$`)

// hostPath matches a path of short plain words, below a directory that a shell puts in
// or at the root. A token may begin with a slash too, but seldom looks like this.
var hostPath = lazyregexp.New(`^(~|\.{1,2}|\$[A-Z_][A-Z0-9_]*|\$\{\w+\})?(/[A-Za-z0-9._-]{1,30})+/?$`)

// variableAlone matches a value that is nothing but a variable, whose name may say that it is
// a file: CREDENTIALS="${CREDENTIALS_FILE}".
var variableAlone = lazyregexp.New(`^\$\{?(\w+)\}?$`)

// SecretName tells whether a name says that its value is a secret.
func SecretName(name string) bool {
	if !hinted(name) {
		return false
	}
	name = words(name)
	return secretName().MatchString(name) && !pointer().MatchString(name)
}

// nameHints are in every name that secretName can match.
var nameHints = []string{"token", "secret", "pass", "pwd", "key", "cred", "bearer", "pat", "jwt", "jwk", "auth", "jaas", "mnemonic", "seed"}

func hinted(name string) bool {
	low := strings.ToLower(name)
	return slices.ContainsFunc(nameHints, func(h string) bool { return strings.Contains(low, h) })
}

// words parts camelCase at its humps: apiToken is api_Token, APIToken API_Token.
func words(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if i > 0 && upper(name, i) && (lower(name, i-1) || upper(name, i-1) && lower(name, i+1)) {
			b.WriteByte('_')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

func upper(s string, i int) bool { return s[i] >= 'A' && s[i] <= 'Z' }
func lower(s string, i int) bool { return i < len(s) && s[i] >= 'a' && s[i] <= 'z' }

// SecretValue tells whether a value has the shape of a secret, whatever its name.
func SecretValue(v string) bool { return v != Redacted && maskShapes(v) != v }

// SecretPair tells whether a named value is a secret: by its name, unless the
// value cannot be one, or by its shape.
func SecretPair(name, value string) bool { return named(name, value) || SecretValue(value) }

// named tells whether a value is a secret by its name.
func named(name, value string) bool {
	if !SecretName(name) || harmless().MatchString(value) || hostPath().MatchString(value) {
		return false
	}
	v := variableAlone().FindStringSubmatch(value)
	return v == nil || !pointer().MatchString(words(v[1]))
}
