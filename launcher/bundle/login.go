package bundle

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// logins is a file as podman login writes it (containers-auth.json(5)). That of oras is
// not used: it takes a login for quay.io/team to be one for all of quay.io.
type logins struct {
	Auths map[string]struct {
		Auth          string `json:"auth"`
		IdentityToken string `json:"identitytoken"`
	} `json:"auths"`
	Helpers map[string]string `json:"credHelpers"`
	Store   string            `json:"credsStore"`
}

// login finds who we are for a repository; nobody where no file knows it.
func (s Settings) login(ctx context.Context, r Ref) (auth.Credential, error) {
	for _, file := range s.Logins {
		data, err := believed(file)
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0 {
			continue
		}
		var l logins
		if err == nil && json.Unmarshal(data, &l) != nil {
			err = errors.New("it is not JSON of logins") // and not a word of it
		}
		c := auth.EmptyCredential
		if err == nil {
			c, err = l.find(ctx, r)
		}
		if err != nil {
			return c, fmt.Errorf("reading the logins in %s: %w", file, err)
		}
		if c != auth.EmptyCredential {
			return c, nil
		}
	}
	return auth.EmptyCredential, nil
}

// find asks for the repository and what is above it, up to the host.
func (l logins) find(ctx context.Context, r Ref) (auth.Credential, error) {
	if helper := cmp.Or(l.Helpers[r.Host], l.Store); helper != "" {
		if strings.ContainsAny(helper, `/\`) {
			return auth.EmptyCredential, fmt.Errorf("%s is no credential helper", quoted(helper))
		}
		return credentials.NewNativeStore(helper).Get(ctx, r.Host)
	}
	for key := r.Host + "/" + r.Repository; ; key = key[:strings.LastIndexByte(key, '/')] {
		if a, ok := l.Auths[key]; ok && a.IdentityToken != "" {
			return auth.Credential{RefreshToken: a.IdentityToken}, nil
		} else if ok && a.Auth != "" {
			return basic(key, a.Auth)
		}
		if !strings.Contains(key, "/") {
			return auth.EmptyCredential, nil
		}
	}
}

func basic(key, encoded string) (auth.Credential, error) {
	text, err := base64.StdEncoding.DecodeString(encoded)
	user, password, ok := strings.Cut(string(text), ":")
	if err != nil || !ok {
		return auth.EmptyCredential, fmt.Errorf("that of %s is not USER:PASSWORD in base64", quoted(key))
	}
	return auth.Credential{Username: user, Password: strings.TrimRight(password, "\x00")}, nil
}
