package hint

import "strings"

// Nearest returns the word of words that s most likely meant, or "" where none is
// near: more than a third of its letters differ and s begins none of them.
func Nearest(s string, words []string) string {
	s = strings.ReplaceAll(strings.ToLower(strings.TrimLeft(s, "-")), "-", "_")
	best, least := "", max(1, len(s)/3)+1
	for _, w := range words {
		plain := strings.ReplaceAll(w, "-", "_")
		d := distance(s, plain)
		if len(s) > 2 && strings.HasPrefix(plain, s) {
			d = 1
		}
		if d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is the number of single-letter edits between a and b, swaps of
// neighbours counted as one; strings beyond 64 bytes are not compared.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
