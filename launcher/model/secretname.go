package model

import (
	"slices"
	"strings"
)

// credentialNames are files and directories that hold a key or a token whatever lies
// beside them: of OpenSSH, of tools' logins, of clouds and clusters, of a Hugging Face
// home.
var credentialNames = []string{"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", "_netrc",
	".git-credentials", ".pypirc", ".pgpass", ".vault-token", ".dockercfg", ".dockerconfigjson", ".bash_history", ".python_history", "kubeconfig", "stored_tokens"}

// likelySecrets may be: a certificate is a .pem too, and .env need hold no password.
var (
	likelySecrets  = []string{".env", ".npmrc", "auth.json", "credentials", "credentials.json", "service-account.json", "service_account.json", "client_secret.json", "secrets.json", "secrets.yaml", "secrets.yml", "token", ".token", "hf_token"}
	likelyEndings  = []string{".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".keytab", ".kdbx", ".ppk", ".ovpn", ".tfstate"}
	likelyPrefixes = []string{".env."}
)

// secretName tells by the name of an entry whether it is, or may be, a secret.
func secretName(name string) (kind, bool) {
	name = strings.ToLower(name)
	has := func(list []string, is func(string, string) bool) bool {
		return slices.ContainsFunc(list, func(s string) bool { return is(name, s) })
	}
	switch {
	case slices.Contains(credentialNames, name):
		return credential, true
	case slices.Contains(likelySecrets, name), has(likelyEndings, strings.HasSuffix), has(likelyPrefixes, strings.HasPrefix):
		return likelySecret, true
	}
	return 0, false
}
