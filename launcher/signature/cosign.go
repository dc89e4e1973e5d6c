package signature

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// maxCosign bounds what cosign may say, in bytes; a signature has some 1 KiB.
const maxCosign = 1 << 20

// installCosign is what to do where there is none.
const installCosign = "install cosign: Debian 13's package has the same name"

var (
	// pinned is a name of OCI with a digest and no tag.
	pinned = lazyregexp.New(`^[a-z0-9][a-zA-Z0-9._:/-]{0,254}@(sha256:[0-9a-f]{64})$`)
	// identified is what cosign's options may be given: nothing of a control character.
	identified = lazyregexp.New(`^[[:graph:]]{1,1000}$`)
)

// Cosign is whose signatures of sigstore are taken, as a policy says: those of a key, or of
// an identity that an issuer vouched for. It never comes from what is verified.
type Cosign struct {
	Key      string // an absolute path of a public key; "" where Identity is set
	Identity string // --certificate-identity: "https://github.com/team/…", matched as a whole
	Issuer   string // --certificate-oidc-issuer
	// Private: the signers run no transparency log, so none is asked for an entry. A key that was
	// stolen, or a certificate that nobody asked for, then shows nowhere.
	Private bool
}

// Verify asks the cosign of PATH whether ref, NAME@sha256:…, is signed so. nil tells that
// it is: cosign ended with 0 and named the same digest. It is given the environment that
// it needs to reach a registry and nothing that changes whom it trusts.
func (c Cosign) Verify(ctx context.Context, ref string) error {
	of := pinned().FindStringSubmatch(ref)
	if of == nil {
		return fmt.Errorf("asking cosign: %.200q is not NAME@sha256:…", ref)
	}
	who, err := c.arguments()
	if err != nil {
		return fmt.Errorf("asking cosign: %w", err)
	}
	program, err := exec.LookPath("cosign")
	if err != nil {
		return hint.Errorf(installCosign, "asking cosign: there is none in PATH, and %s is to be verified by it", ref)
	}
	if c.Private {
		who = append(who, "--private-infrastructure")
	}
	cmd := exec.CommandContext(ctx, program, append(append([]string{"verify", "--output=json"}, who...), "--", ref)...)
	cmd.Env = cosignEnviron()
	cmd.WaitDelay = time.Second // for what it left behind with its pipes
	out, said := &limited{}, &limited{}
	cmd.Stdout, cmd.Stderr = out, said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("asking cosign: %s is not verified: %w: %s", ref, err, printable(lastLine(said.text)))
	}
	if err := names(out.text, of[1]); err != nil {
		return fmt.Errorf("asking cosign: %s is not verified: %w", ref, err)
	}
	return nil
}

func (c Cosign) arguments() ([]string, error) {
	switch {
	case c.Key != "" && c.Identity == "" && c.Issuer == "":
		if !filepath.IsAbs(c.Key) || !identified().MatchString(c.Key) {
			return nil, fmt.Errorf("key %.200q is not the absolute path of a public key", c.Key)
		}
		return []string{"--key=" + c.Key}, nil
	case c.Key == "" && identified().MatchString(c.Identity) && identified().MatchString(c.Issuer):
		return []string{"--certificate-identity=" + c.Identity, "--certificate-oidc-issuer=" + c.Issuer}, nil
	}
	return nil, errors.New("it takes a key, or an identity and its issuer")
}

// cosignEnviron leaves out COSIGN_*, SIGSTORE_* and TUF_*, which name other roots of trust.
func cosignEnviron() []string {
	var out []string
	for _, name := range []string{"PATH", "HOME", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG",
		"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// The types of what is signed by cosign sign: until version 2, and in the bundles of 3. Beside them
// cosign 3's verify lists attestations, whose signer may have said that the image is bad.
const (
	simpleType = "cosign container image signature"
	bundleType = "https://sigstore.dev/cosign/sign/v1"
)

// names tells whether each payload of cosign's answer is of the digest, and one is a signature:
// https://github.com/containers/image/blob/main/docs/containers-signature.5.md.
func names(answer []byte, digest string) error {
	var payloads []struct {
		Critical struct {
			Image struct {
				Digest string `json:"docker-manifest-digest"`
			} `json:"image"`
			Type string `json:"type"`
		} `json:"critical"`
	}
	if err := json.Unmarshal(answer, &payloads); err != nil {
		return errors.New("its answer is not understood")
	}
	signed := false
	for _, p := range payloads {
		if p.Critical.Image.Digest != digest {
			return fmt.Errorf("it names another digest, %.80q", p.Critical.Image.Digest)
		}
		signed = signed || p.Critical.Type == simpleType || p.Critical.Type == bundleType
	}
	if !signed {
		return errors.New("it names no signature")
	}
	return nil
}

// limited keeps what is written into it, and fails beyond [maxCosign] bytes. It embeds no
// buffer, whose ReadFrom would go past the limit.
type limited struct{ text []byte }

// Write takes all or nothing.
func (l *limited) Write(p []byte) (int, error) {
	if len(l.text)+len(p) > maxCosign {
		return 0, fmt.Errorf("more than %d KiB", maxCosign>>10)
	}
	l.text = append(l.text, p...)
	return len(p), nil
}

func lastLine(text []byte) string {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return fmt.Sprintf("%.300s", lines[len(lines)-1])
}
