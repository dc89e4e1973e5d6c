package podman

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
)

// maxAuthFile bounds an auth file.
const maxAuthFile = 1 << 20

// credential is a login on the wire; see docker's AuthConfig.
type credential struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// pullAuth is the header that lets another user's or host's engine pull ref in
// this user's name: the one entry that fits, under its registry's name so that
// no mirror gets it. The user's own service reads the user's auth file itself,
// with its credential helpers, but not REGISTRY_AUTH_FILE: that is for Podman's
// command line alone. It is nil where there is nothing to send.
func pullAuth(env func(string) string, elsewhere bool, ref string) (http.Header, error) {
	if !elsewhere && env("REGISTRY_AUTH_FILE") == "" {
		return nil, nil
	}
	for _, file := range authFiles(env) {
		data, err := readFile(file, maxAuthFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		key, c, err := findLogin(data, ref)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		if key == "" {
			continue
		}
		value, err := json.Marshal(map[string]credential{key: c})
		if err != nil {
			return nil, err
		}
		return http.Header{"X-Registry-Auth": {base64.URLEncoding.EncodeToString(value)}}, nil
	}
	return nil, nil
}

// authFiles lists the files containers-auth.json(5) names, in its order.
func authFiles(env func(string) string) []string {
	if f := env("REGISTRY_AUTH_FILE"); f != "" {
		return []string{f}
	}
	conf, docker := env("XDG_CONFIG_HOME"), env("DOCKER_CONFIG")
	if conf == "" {
		conf = filepath.Join(env("HOME"), ".config")
	}
	if docker == "" {
		docker = filepath.Join(env("HOME"), ".docker")
	}
	return []string{
		filepath.Join(runtimeDir(env), "containers", "auth.json"),
		filepath.Join(conf, "containers", "auth.json"),
		filepath.Join(docker, "config.json"),
	}
}

// findLogin finds the most specific login for ref in an auth file. The key is ""
// where there is none. Errors hold no part of the file: it is a secret.
func findLogin(data []byte, ref string) (key string, c credential, err error) {
	var file struct {
		Auths map[string]struct {
			Auth string `json:"auth"`
		} `json:"auths"`
	}
	if json.Unmarshal(data, &file) != nil {
		return "", c, errors.New("not an auth file")
	}
	for _, key := range loginKeys(ref) {
		entry, ok := file.Auths[key]
		if !ok || entry.Auth == "" {
			continue
		}
		plain, err := base64.StdEncoding.DecodeString(entry.Auth)
		name, password, found := strings.Cut(string(plain), ":")
		if err != nil || !found {
			return "", c, fmt.Errorf("the login for %s is damaged", printable(key))
		}
		return key, credential{name, strings.TrimRight(password, "\x00")}, nil
	}
	return "", c, nil
}

// loginKeys lists the names a login for ref may have, the most specific first.
func loginKeys(ref string) []string {
	registry := registryOf(ref)
	var keys []string
	if repo := repositoryOf(ref); strings.HasPrefix(repo, registry+"/") {
		for ; repo != registry; repo = repo[:strings.LastIndex(repo, "/")] {
			keys = append(keys, repo)
		}
	}
	keys = append(keys, registry, "https://"+registry)
	if registry == "docker.io" {
		keys = append(keys, "https://index.docker.io/v1/")
	}
	return keys
}
