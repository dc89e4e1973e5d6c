package subject

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/signature"
	"github.com/zlaunch/zlaunch/launcher/signoff"
	"github.com/zlaunch/zlaunch/test/sharing"
)

func signingKey(t *testing.T) *signature.Key {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	sharing.WriteKey(t, path)
	key, err := signature.OpenKey(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// allowing are files of which the lines are the list of signers.
func allowing(lines string) Files {
	return Files{Signers: func() (signature.AllowedSigners, error) {
		return signature.ParseAllowed("/etc/zlaunch/allowed_signers", []byte(lines), time.UTC)
	}}
}

func signedRecord(t *testing.T, a *Audited, key *signature.Key) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "record.json")
	if err := WriteEvidence(path, a, "test", key); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A record that somebody signed whom a list allows says what the audit said and who
// signed; by anybody else it is worth no more than one that nobody signed, and says so.
func TestSignedEvidence(t *testing.T) {
	a, key := seenContainer(t), signingKey(t)
	text := signedRecord(t, a, key)
	for lines, want := range map[string]struct{ note, doubt string }{
		`ann@example.org namespaces="zlaunch-evidence@v1" ` + key.Public(): {"signed by ann@example.org: ssh-ed25519 key " + key.Fingerprint() + ", allowed by /etc/zlaunch/allowed_signers:1", ""},
		"": {key.Public(), "nobody who is known signed the record: verifying a signature: unknown signer: no list of allowed signers has the key (key " + key.Fingerprint() + ")"},
		`ann@example.org namespaces="zlaunch-profiles@v1" ` + key.Public(): {"", "allows the key for zlaunch-profiles@v1"},
		`ann@example.org valid-before="20200101" ` + key.Public():          {"", "key expired"},
	} {
		found, err := allowing(lines).Text("f.json", text)
		if err != nil || len(found) != 1 {
			t.Fatal(lines, err)
		}
		got := found[0]()
		if !strings.Contains(got.Notes[0], want.note) {
			t.Errorf("%s: %q", lines, got.Notes)
		}
		verdicts := verdictsOf(got.Findings)
		if want.doubt == "" && verdicts != verdictsOf(a.Findings) || !strings.Contains(verdicts, want.doubt) ||
			want.doubt != "" && strings.Contains(verdicts, "ZL-001 pass") {
			t.Errorf("%s:\n%s", lines, verdicts)
		}
	}
}

// A signed record names the policy that held: by the texts of its files, whatever they are
// called.
func TestSignedPolicy(t *testing.T) {
	key := signingKey(t)
	digest := func(names ...string) string {
		var set policy.Set
		for _, name := range names {
			f, err := policy.Parse(name, []byte("schema = 1\n[require]\nread_only = true\n"))
			if err != nil {
				t.Fatal(err)
			}
			set = append(set, f)
		}
		a := seenContainer(t)
		(&Gate{Standard: audit.Standards()[0], FailOn: audit.High, Policy: set}).Apply(a, time.Now())
		check := signoff.Check{SSH: signature.Check{Accept: []signature.Identity{signature.Unlisted(key.Fingerprint())}, At: time.Now()}}
		s, err := check.Open(signedRecord(t, a, key))
		if err != nil {
			t.Fatal(err)
		}
		return s.Predicate.Policy
	}
	// printf 'schema = 1\n[require]\nread_only = true\n' | sha256sum | cut -c-64 | sha256sum
	const one = "sha256:f546724672e988d8786d170c3cdfa2bdb2698f26dd96fc9bedb273ddb33b0445"
	if digest() != "" || digest("a") != digest("b") || digest("a") == digest("a", "a") || digest("a") != one {
		t.Errorf("none %q, one %q, two %q", digest(), digest("a"), digest("a", "a"))
	}
}

// What was changed, or says one thing above and another in its record, is not judged.
func TestSignedEvidenceRefused(t *testing.T) {
	key := signingKey(t)
	text := signedRecord(t, seenContainer(t), key)
	forged := func(do func(*signoff.Statement)) []byte {
		var env signoff.Envelope
		var s signoff.Statement
		if err := json.Unmarshal(text, &env); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(env.Payload, &s); err != nil {
			t.Fatal(err)
		}
		do(&s)
		out, err := s.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var env signoff.Envelope
	if err := json.Unmarshal(text, &env); err != nil {
		t.Fatal(err)
	}
	env.Payload = bytes.Replace(env.Payload, []byte(`"fail"`), []byte(`"pass"`), 1)
	changed, err := json.Marshal(env)
	if err != nil {
		t.Fatal(err)
	}
	for says, text := range map[string][]byte{
		"not of this content":    changed,
		"than its own record":    forged(func(s *signoff.Statement) { s.Predicate.Verdicts["fail"] = 0 }),
		"than its own record ":   forged(func(s *signoff.Statement) { s.Predicate.Plan = "another" }),
		"than its own record   ": forged(func(s *signoff.Statement) { s.Predicate.Policy = "sha256:" + strings.Repeat("0", 64) }),
		"than its own record  ":  forged(func(s *signoff.Statement) { s.Subject[0].Digest["sha256"] = strings.Repeat("0", 64) }),
		"its own record":         forged(func(s *signoff.Statement) { s.Subject[0].Name = "another" }),
		"schema":                 forged(func(s *signoff.Statement) { s.Predicate.Record = json.RawMessage(`{}`) }),
	} {
		for _, lines := range []string{"ann@example.org " + key.Public(), ""} {
			if found, err := allowing(lines).Text("f.json", text); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(says)) {
				t.Errorf("%s: %d, %v (%s)", says, len(found), err, hint.Of(err))
			}
		}
	}
	broken := Files{Signers: func() (signature.AllowedSigners, error) {
		return signature.ParseAllowed("l", []byte("nonsense"), nil)
	}}
	if _, err := broken.Text("f.json", text); err == nil {
		t.Error("a list that is not understood is passed over")
	}
}

// In a directory a signed record is none of what runs there, and one that names an engine
// in the open is not passed over.
func TestSignedEvidenceInDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"signed.json": string(signedRecord(t, seenContainer(t), signingKey(t))),
		"posing.json": `{"payloadType":"x","payload":"","run":"podman run --privileged x"}`,
		"run.sh":      "podman run x\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Files{}.Path(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range found {
		names = append(names, filepath.Base(p().File))
	}
	slices.Sort(names)
	if strings.Join(names, " ") != "posing.json run.sh" {
		t.Errorf("audited: %q", names)
	}
}
