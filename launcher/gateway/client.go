package gateway

import "strings"

// IsClient tells whether s can name a token or the certificate of a client: a lower-case
// letter or digit, then 62 more of them, or of . _ -. Nothing in it has to be quoted in a
// file of the proxy.
func IsClient(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsAny(s[:1], "._-") && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && !isDigit(r) && !strings.ContainsRune("._-", r)
	})
}
