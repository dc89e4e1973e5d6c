package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// However a secret and the word that makes it one are quoted, no output shows it.
func TestAuditHidesQuotedSecrets(t *testing.T) {
	const secret = "hunter2xyzzy"
	random := rand.New(rand.NewPCG(7, 11))
	w := newWorld(t)
	for range 40 {
		line, unit := "podman run", "Exec=srv"
		for _, words := range [][]string{{"--creds", "bob:" + secret}, {"-e", "TOKEN=" + secret}, {"--env=DB_PASS=" + secret},
			{"--log-opt", "splunk-token=" + secret}, {"--label", "password=" + secret}, {"localhost/x:1"}, {"srv"}, {"--password", secret},
			{"--api-key=" + secret}, {"-H", "Authorization: Bearer " + secret}, {"http://me:" + secret + "@h/"}, {"curl", "-u", "bob:" + secret}} {
			for _, word := range words {
				line += " " + shellQuoted(random, word)
				unit += " " + unitQuoted(random, word)
			}
		}
		w.write(t, "s.sh", line+"\n")
		w.write(t, "u.container", "[Container]\nImage=localhost/x:1\n"+unit+"\nPodmanArgs="+strings.TrimPrefix(unit, "Exec=srv ")+"\n")
		for _, options := range []string{"--all", "--json", "--sarif", "--markdown", "--html", "--fix"} {
			for _, file := range []string{"s.sh", "u.container"} {
				w.run("audit", options, filepath.Join(w.dir, file))
				out := strings.NewReplacer("'", "", `"`, "", `\`, "").Replace(w.stdout.String() + w.stderr.String())
				if at := strings.Index(out, secret); at >= 0 {
					t.Errorf("%s shows …%s\nof %s\nand %s", options, out[max(0, at-40):at+len(secret)], line, unit)
				}
			}
		}
	}
}

// shellQuoted writes a word in pieces, each quoted in one of a shell's ways.
func shellQuoted(random *rand.Rand, word string) string {
	return quotedBy(random, word, []func(string) string{
		func(s string) string { return "'" + s + "'" },
		func(s string) string { return `"` + s + `"` },
		func(s string) string { return "$'" + s + "'" },
		func(s string) string { return strings.ReplaceAll(s, " ", `\ `) },
		func(s string) string { return `\` + s[:1] + strings.ReplaceAll(s[1:], " ", `\ `) },
		func(s string) string { return fmt.Sprintf(`$'\x%02x'`, s[0]) + strings.ReplaceAll(s[1:], " ", `\ `) },
	})
}

// unitQuoted is the same for a unit, whose escapes are those of C everywhere.
func unitQuoted(random *rand.Rand, word string) string {
	return quotedBy(random, word, []func(string) string{
		func(s string) string { return "'" + s + "'" },
		func(s string) string { return `"` + s + `"` },
		func(s string) string { return strings.ReplaceAll(s, " ", `\x20`) },
		func(s string) string { return fmt.Sprintf(`\x%02x`, s[0]) + strings.ReplaceAll(s[1:], " ", `\s`) },
	})
}

func quotedBy(random *rand.Rand, word string, ways []func(string) string) string {
	var b strings.Builder
	for word != "" {
		n := 1 + random.IntN(min(len(word), 8))
		b.WriteString(ways[random.IntN(len(ways))](word[:n]))
		word = word[n:]
	}
	return b.String()
}
