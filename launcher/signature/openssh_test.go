package signature

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keygen is OpenSSH's own program.
func keygen(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("NOT TESTED AGAINST OPENSSH: there is no ssh-keygen; test/setup installs openssh-client")
	}
	return program
}

func run(t *testing.T, stdin []byte, program string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "TZ=UTC")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// stock makes a key with ssh-keygen.
func stock(t *testing.T, passphrase string, kind ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "key")
	if out, err := run(t, nil, keygen(t), append([]string{"-q", "-N", passphrase, "-f", path, "-t"}, kind...)...); err != nil {
		t.Fatal(out, err)
	}
	return path
}

func write(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What ssh-keygen signs verifies here, and what is signed here verifies there, with one
// list of allowed signers for both.
func TestOpenSSH(t *testing.T) {
	for _, kind := range [][]string{{"ed25519"}, {"ecdsa"}, {"ecdsa", "-b", "521"}, {"rsa", "-b", "2048"}, {"rsa", "-b", "4096"}} {
		t.Run(strings.Join(kind, ""), func(t *testing.T) {
			path := stock(t, "", kind...)
			pub := must(os.ReadFile(path + ".pub"))
			line := `*@example.org,!root@* namespaces="git,zlaunch-profiles@v1",valid-after="20200101",valid-before="20991231235959Z" ` + string(pub)

			theirs, err := run(t, fraud.Message(), keygen(t), "-q", "-Y", "sign", "-n", Profiles, "-f", path)
			if err != nil {
				t.Fatal(theirs, err)
			}
			if s, err := check(t, line).Verify(fraud.Message(), []byte(theirs)); err != nil {
				t.Errorf("theirs, here: %+v, %v", s, err)
			}

			k, err := OpenKey(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			ours := write(t, string(sign(t, k, fraud.Message(), Profiles)))
			verify := func(message []byte, who, namespace string) (string, error) {
				return run(t, message, keygen(t), "-Y", "verify", "-n", namespace, "-I", who, "-f", write(t, line), "-s", ours)
			}
			if out, err := verify(fraud.Message(), "ann@example.org", Profiles); err != nil {
				t.Errorf("ours, there: %s %v", out, err)
			}
			for _, wrong := range [][3]string{{"x", "ann@example.org", Profiles}, {"", "root@example.org", Profiles}, {"", "ann@example.org", Evidence}} {
				if out, err := verify(append(fraud.Message(), wrong[0]...), wrong[1], wrong[2]); err == nil {
					t.Errorf("ssh-keygen takes %q: %s", wrong, out)
				}
			}
		})
	}
}

// A list says here what it says to ssh-keygen; where the two differ, it is refused here.
func TestOpenSSHReadsTheSame(t *testing.T) {
	path := stock(t, "", "ed25519")
	pub := strings.TrimSpace(string(must(os.ReadFile(path + ".pub"))))
	k := must(OpenKey(path, nil))
	sig := write(t, string(sign(t, k, fraud.Message(), Profiles)))
	for _, start := range []string{
		"ann@example.org", "  ann@example.org\t", "*@example.org", "a?n@example.*", "**", "ann@*,!*@example.org", "!ann@example.org,*", "Ann@example.org", "ann",
		`ann@example.org namespaces="zlaunch-profiles@v1"`, `ann@example.org NameSpaces="x,zlaunch-*"`, `ann@example.org namespaces="git"`, `ann@example.org namespaces="*,!zlaunch*"`,
		`* valid-after="20200101"`, `* valid-after="20200101Z",valid-before="209912312359"`, `* valid-before="20200101"`, `* valid-after="20990101z"`, `* valid-after="20200101UTC"`,
		`* valid-before="20200101",valid-after="20210101"`, `* valid-after="2020"`, `* valid-after=20200101`, `* valid-after="20200101`, `* valid-after="x"`,
		`* namespaces=zlaunch-profiles@v1`, `* namespaces="a",namespaces="zlaunch-profiles@v1"`, `* no-such-option`, `* cert-authority`, `* namespaces="*" x`, `* namespaces="*"x`,
	} {
		line := start + " " + pub
		out, err := run(t, fraud.Message(), keygen(t), "-Y", "verify", "-n", Profiles, "-I", "ann@example.org", "-f", write(t, line+"\n"), "-s", sig)
		theirs := err == nil
		a, err := ParseAllowed("list", []byte(line), nil)
		if err == nil {
			_, err = Check{Profiles, a, []Identity{{Principal: "ann@example.org"}}, noon}.Verify(fraud.Message(), []byte(must(os.ReadFile(sig))))
		}
		if theirs != (err == nil) {
			t.Errorf("%s: ssh-keygen %t (%s), here %v", start, theirs, strings.TrimSpace(out), err)
		}
	}
}

// An encrypted key is opened by its passphrase; one that others can read is not.
func TestOpenKey(t *testing.T) {
	path := stock(t, "open sesame", "ed25519")
	phrase := func(text string) func(string) ([]byte, error) {
		return func(string) ([]byte, error) { return []byte(text), nil }
	}
	if k, err := OpenKey(path, phrase("open sesame")); err != nil || !strings.Contains(string(must(os.ReadFile(path+".pub"))), k.Public()) {
		t.Error(err)
	}
	for says, ask := range map[string]func(string) ([]byte, error){"nobody can be asked": nil, "decryption password incorrect": phrase("x")} {
		if _, err := OpenKey(path, ask); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v", err)
		}
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o602} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKey(path, phrase("open sesame")); err == nil || !strings.Contains(err.Error(), "others may read or write it") {
			t.Errorf("%o: %v", mode, err)
		}
	}
	for _, other := range []string{path + ".pub", write(t, "no key"), t.TempDir(), "/dev/null", path + "-none"} {
		if _, err := OpenKey(other, nil); err == nil {
			t.Errorf("%s is a key", other)
		}
	}
	if _, err := OpenKey(stock(t, "", "rsa", "-b", "1024"), nil); err == nil || !strings.Contains(err.Error(), "1024 bits") {
		t.Errorf("a weak key: %v", err)
	}
}
