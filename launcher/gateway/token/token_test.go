package token

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/gateway/files"
)

var now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// store is one of a gateway in a directory of its own.
func store(t *testing.T) (Store, files.Dir) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := files.Root(dir).Gateway("fraud")
	if err != nil {
		t.Fatal(err)
	}
	return Of(d), d
}

func ask(name string, scopes ...gateway.Scope) Token {
	return Token{Name: name, Scopes: scopes, Created: now, Expires: now.AddDate(0, 0, 90)}
}

func add(t *testing.T, s Store, tk Token) string {
	t.Helper()
	secret, err := s.Add(context.Background(), tk)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func read(t *testing.T, d files.Dir, file string) string {
	t.Helper()
	data, err := os.ReadFile(d.Path(file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A token is added, found by what the proxy works out, and gone once it is revoked; its
// secret stands nowhere.
func TestStore(t *testing.T) {
	s, d := store(t)
	ctx := context.Background()
	secret := add(t, s, ask("app", gateway.Inference, gateway.Metrics))
	raw, ok := strings.CutPrefix(secret, "zlt_")
	bits, err := base64.RawURLEncoding.DecodeString(raw)
	if !ok || err != nil || len(bits) != 32 {
		t.Errorf("secret %q, %v", secret, err)
	}
	sum := sha256.Sum256([]byte("Bearer " + secret))
	line := fmt.Sprintf("%s app,inference+metrics,%d\n", strings.ToUpper(hex.EncodeToString(sum[:])), now.AddDate(0, 0, 90).Unix())
	if got := read(t, d, "files/tokens.map"); got != line {
		t.Errorf("map %q, want %q", got, line)
	}
	if text := read(t, d, "tokens.json"); strings.Contains(text, raw) || strings.Contains(text, "zlt_") {
		t.Errorf("the secret is kept: %s", text)
	}
	if _, err := s.Add(ctx, ask("app", gateway.Inference)); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second one of that name: %v", err)
	}
	other := add(t, s, ask("a.b_c-d", gateway.Admin))
	if other == secret || !slices.IsSorted(strings.SplitAfter(strings.TrimSpace(read(t, d, "files/tokens.map")), "\n")) {
		t.Errorf("not sorted:\n%s", read(t, d, "files/tokens.map"))
	}
	if err := s.Revoke(ctx, "nobody", now); err == nil {
		t.Error("what is not there is revoked")
	}
	if err := s.Revoke(ctx, "app", now); err != nil {
		t.Fatal(err)
	}
	all, err := s.List()
	if err != nil || len(all) != 1 || all[0].Name != "a.b_c-d" || strings.Contains(read(t, d, "files/tokens.map"), "app") {
		t.Errorf("%+v, %v", all, err)
	}
	for _, file := range []string{"tokens.json", "files/tokens.map"} {
		if info, err := os.Stat(d.Path(file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	if err := s.Publish(ctx, now.AddDate(1, 0, 0)); err != nil || read(t, d, "files/tokens.map") != "" {
		t.Errorf("a token that is over is given to the proxy: %v", err)
	}
}

func TestWrongTokens(t *testing.T) {
	s, d := store(t)
	for _, name := range []string{"", "A", "a b", "a,b", "a\nb", "-a", ".a", "ä", strings.Repeat("a", 64), "a/b", "a+b"} {
		if _, err := s.Add(context.Background(), ask(name, gateway.Inference)); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
	for _, tk := range []Token{ask("a"), ask("a", "root"), ask("a", gateway.Admin, gateway.Admin), {Name: "a", Scopes: gateway.Scopes}, {Name: "a", Scopes: gateway.Scopes, Created: now, Expires: now}} {
		if _, err := s.Add(context.Background(), tk); err == nil {
			t.Errorf("%+v is taken", tk)
		}
	}
	if d.There() {
		t.Error("something was made for what was refused")
	}
}

func TestExpiry(t *testing.T) {
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	for text, want := range map[string]time.Time{
		"": now.AddDate(0, 0, 90), "1d": now.AddDate(0, 0, 1), "3650d": now.AddDate(0, 0, 3650), "2027-01-01": day(2027, 1, 2), "2026-11-30": day(2026, 12, 1),
	} {
		if got, err := Expiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"0d", "-1d", "3651d", "99999999999999999999d", "9223372036854775807d", "30", "30 d", "+30d", "030d", "d", "30h", "2026-11-29", "2027-13-01", "2036-12-01", "01.01.2027", " 30d", "30d\n"} {
		if got, err := Expiry(text, now); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestScopes(t *testing.T) {
	for words, want := range map[string]string{"": "[inference]", "admin": "[admin]", "metrics inference": "[inference metrics]", "admin admin": "[admin]"} {
		if got, err := Scopes(strings.Fields(words)); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v", words, got, err)
		}
	}
	if _, err := Scopes([]string{"inference", "root"}); err == nil {
		t.Error("root is a scope")
	}
}

// What is no file of tokens, or was written by somebody else, is none: no gateway opens by it.
func FuzzParse(f *testing.F) {
	good := `{"schema":"zlaunch.dev/gateway-tokens/v1","tokens":[{"name":"app","hash":"` + strings.Repeat("0F", 32) +
		`","scopes":["inference"],"created":"2026-11-30T12:00:00Z","expires":"2027-02-28T12:00:00Z"}]}`
	for _, s := range []string{good, good + "{}", strings.Replace(good, `"app"`, `"app\n0"`, 1), strings.Replace(good, "inference", "root", 1), `{}`, `[]`, ``,
		strings.Replace(good, "0F", "0f", 1), strings.Replace(good, "2027-02", "9999-02", 1), strings.Replace(good, `"name"`, `"Name"`, 1)} {
		f.Add([]byte(s))
	}
	line := regexp.MustCompile(`^[0-9A-F]{64} [a-z0-9][a-z0-9._-]{0,62},(inference|admin|metrics)(\+(inference|admin|metrics)){0,2},[0-9]+$`)
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := parse(data)
		if err != nil {
			return
		}
		text := string(Map(all, now))
		for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
			if l != "" && !line.MatchString(l) {
				t.Errorf("%q writes the line %q", data, l)
			}
		}
	})
}
