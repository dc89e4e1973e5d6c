package signature

import (
	"strings"
	"testing"
	"time"
)

// A line that is not understood stops the whole list, by its number.
func TestParseAllowedRefuses(t *testing.T) {
	key := edKey(t).Public()
	weak := keyText(made(t, weakKey(t)).signer.PublicKey())
	for line, says := range map[string]string{
		"ann":                  "no key",
		"ann " + key[:40]:      "not",
		"ann ssh-ed25519":      "no key",
		"ann ssh-ed25519 !!!!": "no key",
		"ann ssh-rsa " + key[len("ssh-ed25519 "):]: "the key is of type ssh-ed25519",
		"ann " + weak:               "an RSA key of 1024 bits",
		"ann,,bob " + key:           "an empty pattern",
		"ann,! " + key:              "an empty pattern",
		`"ann b" ` + key:            "in quotes",
		key:                         "no key",
		"ann cert-authority " + key: "cert-authority is not supported",
		"ann CERT-AUTHORITY,namespaces=\"git\" " + key:              "cert-authority is not supported",
		"ann no-touch-required " + key:                              `unknown option "no-touch-required"`,
		"ann namespaces=git " + key:                                 "must stand in quotes",
		`ann namespaces="git ` + key:                                "no closing quote",
		`ann namespaces="" ` + key:                                  "an empty pattern",
		`ann namespaces="git",, ` + key:                             "unknown option",
		`ann namespaces="git", ` + key:                              "unknown option",
		`ann namespaces="git"x ` + key:                              "text behind the value",
		`ann namespaces="a",namespaces="b" ` + key:                  "twice",
		`ann valid-before="20250101",valid-after="20250101" ` + key: "not later than",
		`ann valid-before="2025" ` + key:                            "is not YYYYMMDD[Z]",
		`ann valid-before="20250230" ` + key:                        "is not YYYYMMDD[Z]",
		`ann valid-before="00010101Z" ` + key:                       "is not YYYYMMDD[Z]",
		`ann valid-before="2025010112.5" ` + key:                    "is not YYYYMMDD[Z]",
		`ann valid-before="20250101UTCZ" ` + key:                    "is not YYYYMMDD[Z]",
		`ann valid-before=" 20250101" ` + key:                       "is not YYYYMMDD[Z]",
		"ann " + key + " \x1b[31m":                                  "not printed",
		"ann " + key + " \xff":                                      "not printed",
		"ann\x00 " + key:                                            "not printed",
		"ann " + key + strings.Repeat(" x", maxLine):                "longer than",
		"ssh-ed25519-cert-v01@openssh.com AAAA":                     "no key",
	} {
		got, err := ParseAllowed("/l", []byte("# one\r\n\n"+line+"\nann "+key+"\n"), nil)
		if err == nil || !strings.HasPrefix(err.Error(), "reading /l: line 3: ") || !strings.Contains(err.Error(), says) || got.Len() != 0 {
			t.Errorf("%.80q: %v", line, err)
		}
	}
	if _, err := ParseAllowed("/l", make([]byte, maxList+1), nil); err == nil {
		t.Error("a list of any size is read")
	}
}

// Times are those of the zone but where they say UTC; both ends count.
func TestParseTime(t *testing.T) {
	zone := time.FixedZone("east", 2*60*60)
	for text, want := range map[string]string{
		"20261129": "2026-11-28T22:00:00Z", "20261129Z": "2026-11-29T00:00:00Z", "20261129z": "2026-11-29T00:00:00Z", "20261129UTC": "2026-11-29T00:00:00Z",
		"202611291230": "2026-11-29T10:30:00Z", "20261129123015": "2026-11-29T10:30:15Z", "20261129123015Z": "2026-11-29T12:30:15Z",
	} {
		at, err := parseTime(text, zone)
		if err != nil || at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", text, at, err)
		}
	}
	key := edKey(t).Public()
	for _, at := range []string{`valid-after="20261129120000Z"`, `valid-before="20261129120000Z"`} {
		if e := list(t, "a "+at+" "+key).lines[0].refusal(Profiles, noon); e != nil {
			t.Errorf("%s: %v", at, e)
		}
	}
}

// A pattern costs no more than the product of the lengths.
func TestGlob(t *testing.T) {
	for pattern, fits := range map[string]map[string]bool{
		"*": {"": true, "a": true}, "": {"": true, "a": false}, "a*b*c": {"abc": true, "axxbxxc": true, "ab": false},
		"?": {"": false, "a": true, "ab": false}, "*.org": {"a.org": true, ".org": true, "a.orgs": false}, "a**": {"a": true},
		strings.Repeat("*a", 1000) + "b": {strings.Repeat("a", 8000): false},
	} {
		for s, want := range fits {
			if glob(pattern, s) != want {
				t.Errorf("%.20q and %.20q: %t", pattern, s, !want)
			}
		}
	}
}

// Whatever a list holds, it is refused by a line, or each line allows one key that is taken.
func FuzzParseAllowed(f *testing.F) {
	key := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5Q2y0MyGtbW9aPkVyOtQXxUOGZ7vWvO2yGzA4M3rYy"
	for _, s := range []string{"", "# x\n", "a " + key, `*@b,!c namespaces="x,\"y",valid-after="20200101Z",valid-before="203001011200" ` + key + " d", "a cert-authority " + key} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := ParseAllowed("l", text, time.UTC)
		if err != nil && a.Len() > 0 {
			t.Fatal("an error, and lines")
		}
		for _, l := range a.lines {
			if weak(l.key) != "" || len(l.principals) == 0 || strings.ContainsAny(l.principals.String(), " \x00\x1b\"") || l.line < 1 {
				t.Fatalf("%+v", l)
			}
			l.refusal(Profiles, noon)
		}
	})
}

// No armored text makes a panic, or a signer that no list has.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n"))
	c := Check{Profiles, AllowedSigners{}, []Identity{AnyListed()}, noon}
	f.Fuzz(func(t *testing.T, armored []byte) {
		if s, err := c.Verify(fraud.Message(), armored); err == nil {
			t.Fatalf("%+v", s)
		}
		if sig, err := parse(armored); err == nil && weak(sig.PublicKey) == "" {
			present(sig)
		}
	})
}
