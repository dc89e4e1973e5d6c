package podman

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

// maxPullLine bounds one message of a pull.
const maxPullLine = 1 << 20

// PullOptions says how to pull.
type PullOptions struct {
	Arch     string       // GOARCH; "" is the engine's own
	Policy   string       // missing, never, newer, always; "" is missing
	Progress func(string) // told each line Podman tells, made printable; nil: silence

	testOnlyPlainHTTP bool
}

// Pull fetches an image and returns its ID. Where the registry is the cause the
// error is [ErrUnauthorized], [ErrDigest], [ErrDelisted], [ErrOffline] or [ErrNoRoom], each with its next
// step. Credentials are the user's own auth file's: a service of the same user
// reads it itself, another engine is sent the one entry that fits ref.
func (e *Engine) Pull(ctx context.Context, ref string, o PullOptions) (id string, err error) {
	header, err := pullAuth(e.env, len(e.cli) > 0, ref)
	if err != nil {
		return "", err
	}
	query := url.Values{"reference": {ref}, "policy": {"missing"}}
	if o.Policy != "" {
		query.Set("policy", o.Policy)
	}
	if o.Arch != "" {
		query.Set("Arch", o.Arch)
	}
	if o.testOnlyPlainHTTP {
		query.Set("tlsVerify", "false")
	}
	doing := "pulling " + printable(ref)
	resp, err := e.api.send(ctx, request{doing: doing, method: http.MethodPost, path: "/images/pull", query: query, header: header})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		err = readError(resp)
	} else {
		id, err = readPull(resp.Body, o.Progress)
	}
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s: %w", doing, ctx.Err())
	case err != nil:
		return "", explainPull(ref, err)
	}
	return id, nil
}

// readPull reads the messages of a pull to their end and returns the image's ID.
func readPull(r io.Reader, progress func(string)) (id string, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxPullLine)
	for lines.Scan() {
		var m struct {
			Stream, Error, ID string
			Images            []string
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return "", fmt.Errorf("reading the engine's progress: %w", err)
		}
		if m.Error != "" {
			return "", parseError([]byte(m.Error), http.StatusInternalServerError)
		}
		if s := printable(m.Stream); s != "" && progress != nil {
			progress(s)
		}
		if m.ID != "" {
			id = m.ID
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("reading the engine's progress: %w", err)
	}
	if id == "" {
		return "", errors.New("the engine ended without naming an image")
	}
	return id, nil
}

// pullCauses are the words of registries and of Podman's image library for why a
// pull failed; the first match counts.
var pullCauses = []struct {
	kind  error
	texts []string
}{
	{ErrNoRoom, []string{"no space left on device", "disk quota exceeded"}},
	{ErrOffline, []string{
		"no such host", "connection refused", "i/o timeout", "network is unreachable", "no route to host",
		"server misbehaving", "temporary failure in name resolution", "tls handshake timeout",
	}},
	{ErrUnauthorized, []string{
		"unauthorized", "authentication required", "access forbidden", "invalid username/password",
		"401 (unauthorized)", "403 (forbidden)", "denied:", "access to the resource is denied", "unable to retrieve auth token",
	}},
	{ErrDigest, []string{"does not match provided manifest digest", "digest did not match"}},
	{ErrDelisted, []string{
		"manifest unknown", "name unknown", "404 (not found)", "no image found in",
	}},
}

// explainPull gives a failed pull its kind and its next step. The image's own
// name in the text says nothing of the cause.
func explainPull(ref string, err error) error {
	doing := "pulling " + printable(ref)
	text := strings.ToLower(strings.ReplaceAll(err.Error(), repositoryOf(ref), ""))
	for _, c := range pullCauses {
		for _, t := range c.texts {
			if strings.Contains(text, t) {
				return hint.Wrap(fmt.Errorf("%s: %w: %w", doing, c.kind, err), pullHint(c.kind, ref))
			}
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func pullHint(kind error, ref string) string {
	registry := registryOf(ref)
	switch {
	case kind == ErrNoRoom:
		return "podman system df; podman image prune; df -h \"$(podman info --format '{{.Store.GraphRoot}}')\" /var/tmp, where layers are unpacked and kept meanwhile"
	case kind == ErrUnauthorized && (registry == "icr.io" || strings.HasSuffix(registry, ".icr.io")):
		return "podman login --username iamapikey " + registry + " (it asks for your IBM Cloud API key), then the same command again"
	case kind == ErrUnauthorized:
		return "podman login " + registry + ", then the same command again"
	case kind == ErrDigest:
		return "do not trust that registry before its owner has explained it; skopeo inspect docker://" + repositoryOf(ref) + " shows what it offers now"
	case kind == ErrDelisted:
		return "skopeo list-tags docker://" + repositoryOf(ref) + ", then choose another with --image"
	}
	return "check the network and the proxy variables; an image that is here already needs --pull never"
}

// registryOf is the host part of a reference; a short name is Docker Hub's.
func registryOf(ref string) string {
	host, _, found := strings.Cut(ref, "/")
	if found && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return host
	}
	return "docker.io"
}

// repositoryOf is a reference without its tag and digest.
func repositoryOf(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndex(ref, ":"); i > strings.LastIndex(ref, "/") {
		ref = ref[:i]
	}
	return ref
}
