package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of homes, and of the stores of keys and tokens in them.

var NoHome = &Control{
	ID: "ZL-507", Name: "no-home", Severity: High,
	Title:  "Not the whole home directory",
	Why:    "a home holds keys, tokens and shell start-up files: what an escape from rootless Podman can reach, without the escape",
	Fix:    "the one directory below it that is needed",
	Breaks: "what was read from elsewhere in the home has to be mounted by name",
	Refs:   []string{"IBM L165-172", "CIS 5.6", "PSS baseline", "systemd ProtectHome=", "NIST 3.5.5", "CWE-668"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.Rootfs},
	Judge:  eachPath(judgeNoHome, mounted),
}

func judgeNoHome(k *Case, p *hostPath) bool {
	if p.open != "" || !wholeHome(p.path) {
		return false
	}
	k.Fail(p.at, "%s must not come from %s, a whole home: keys, tokens and start-up files are there; mount the one directory that is needed", p.what, p.said)
	return true
}

var NoCredentialStore = &Control{
	ID: "ZL-508", Name: "no-credential-store", Severity: Critical,
	Title:  "No credential store",
	Why:    "tokens and keys leave with the first exfiltration",
	Fix:    "podman secret create, and --secret NAME,type=mount",
	Breaks: "a tool that wants its login file at a fixed path: give the secret that target",
	Refs:   []string{"IBM L170-172", "OWASP #12", "PSS baseline", "NIST 3.1.4", "NIST 4.1.4", "CWE-522"},
	Reads:  []container.Row{container.VolumeAt, container.MountOther, container.Rootfs, container.LogOpt, container.EnvFile, container.HostFiles},
	Judge:  eachPath(judgeNoCredentialStore, mounted, readIn, logged, kept, redirectedOut, redirectedIn),
}

// judgeNoCredentialStore grades a directory above a store lower: whether the store is there
// is not known. Lower still are caches that keep one token beside what they are for.
func judgeNoCredentialStore(k *Case, p *hostPath) bool {
	pl, r := reachesCredentials(p.path)
	if r == apart || !p.settled(r) {
		pl, r = namesStore(p.source)
	}
	if r == inside && p.open == "" && p.mount != nil && !p.writable() && isPublic(p.path) {
		k.say(Review, Medium, p.at, "whether %s may come from %s is for a person to say: it tells where keys of yours are good for, and no key", p.what, p.said)
		return true
	}
	severity, instead := Critical, "what is needed of it must come from "+k.secretWay()
	switch {
	case r == apart || r == above && p.mount == nil: // an engine opens files
		return false
	case r == above && caches[spellings(p.path)[0]] != "":
		severity, instead = Medium, "mount "+caches[spellings(p.path)[0]]+", and give the token as a secret"
	case r == above || p.use == kept:
		severity = High
	}
	if p.mount != nil || p.use == readIn || p.use == redirectedIn {
		k.FailAs(severity, p.at, "%s must not come from %s: %s; %s", p.what, p.said, r.words(pl), instead)
	} else {
		k.FailAs(severity, p.at, "%s must not be %s: %s, and %s", p.what, p.said, r.words(pl), p.use.does())
	}
	return true
}

// caches are directories that hold a token beside what they are for, and what to mount
// instead.
var caches = map[string]string{
	"~/.cache": "the one cache below it that is needed", "~/.cache/huggingface": "~/.cache/huggingface/hub", "~/.ollama": "~/.ollama/models",
	"~/.m2": "~/.m2/repository", "~/.gradle": "~/.gradle/caches", "~/.cargo": "~/.cargo/registry", "~/.composer": "~/.composer/cache",
}

// isPublic tells the files beside keys that hold none.
func isPublic(p string) bool {
	dir, base := path.Split(p)
	return path.Base(dir) == ".ssh" && (base == "known_hosts" || strings.HasSuffix(base, ".pub"))
}

// namesStore finds the store that a source names behind what is expanded
// elsewhere: of $HOME/.ssh it is known whatever HOME is.
func namesStore(s source) (place, relation) {
	if s.open == "" {
		return place{}, apart
	}
	behind := false
	names := strings.Split(path.Clean(s.said), "/")
	for i, name := range names {
		if behind && strings.HasPrefix(name, ".") {
			tail := strings.Join(names[i:min(i+storeDepth, len(names))], "/")
			if pl, r := credentialPlaces.find("/home/~/" + tail); r > above {
				return pl, r
			}
		}
		behind = behind || strings.ContainsAny(name, expansions)
	}
	return place{}, apart
}

// storeDepth is more names than any credential store has below a home.
const storeDepth = 5

// wholeHome tells whether a clean path is a home directory or holds all of them.
func wholeHome(p string) bool {
	rest, ok := beneathHome(p)
	return ok && rest == "" || p == "/" || slices.Contains(homes, p)
}

// reachesCredentials finds the store that a clean path is, lies in, or brings
// along; a whole home directory does too, and is ZL-507.
func reachesCredentials(p string) (place, relation) {
	pl, r := credentialPlaces.find(p)
	if q := spellings(p)[0]; r == above && !strings.HasPrefix(q, "~/") {
		r = apart
	}
	if i := strings.Index(p, "/."); r == apart && i >= 0 { // of a home that lies elsewhere
		if pl, r := credentialPlaces.find("/home/~" + p[i:]); r > above {
			return pl, r
		}
	}
	if r == apart {
		return place{}, apart
	}
	return pl, r
}

// credentialPlaces hold keys and tokens (ZL-508).
var credentialPlaces = newPlaceTable([][2]string{
	{"the key of a display", "~/.Xauthority ~/.ICEauthority ~/.config/pulse/cookie"},
	{"keys", "~/.ssh ~/.gnupg ~/.pki ~/.vault-token ~/.age ~/.config/age ~/.config/sops ~/.ollama/id_ed25519 ~/.local/share/gnupg"},
	{"what was typed", "~/.bash_history ~/.zsh_history ~/.python_history ~/.psql_history ~/.mysql_history ~/.rediscli_history ~/.local/share/fish/fish_history"},
	{"tokens of a cloud", "~/.aws ~/.azure ~/.bluemix ~/.config/gcloud ~/.config/doctl ~/.config/rclone ~/.config/openstack ~/.config/hcloud ~/.oci ~/.boto ~/.s3cfg ~/.terraform.d ~/.databrickscfg"},
	{"tokens of a cluster", "~/.kube"},
	{"registry logins", "~/.docker ~/.dockercfg ~/.config/containers/auth.json ~/.config/containers/certs.d %t/containers /run/containers"},
	{"the token of the Hugging Face hub", "~/.cache/huggingface/token ~/.cache/huggingface/stored_tokens ~/.huggingface"},
	{"tokens of assistants", "~/.config/github-copilot ~/.claude ~/.claude.json ~/.codex ~/.gemini ~/.config/openai ~/.config/anthropic ~/.config/wandb"},
	{"logins of tools", "~/.netrc ~/.authinfo ~/.authinfo.gpg ~/.config/pip/pip.conf ~/.pip/pip.conf ~/.condarc ~/.config/uv ~/.composer/auth.json ~/.gradle/gradle.properties ~/.docker-credential ~/.msmtprc ~/.pypirc ~/.npmrc ~/.pgpass ~/.my.cnf ~/.kaggle ~/.cargo/credentials ~/.cargo/credentials.toml ~/.gem/credentials ~/.m2/settings.xml"},
	{"logins of git", "~/.git-credentials ~/.config/git/credentials ~/.config/gh ~/.config/hub ~/.config/glab-cli"},
	{"stored passwords", "~/.password-store ~/.local/share/keyrings ~/.config/keepassxc ~/.config/op ~/.config/Bitwarden ~/.local/share/kwalletd %t/keyring %t/gnupg"},
	{"a browser's passwords and cookies", "~/.mozilla ~/.thunderbird ~/.config/google-chrome ~/.config/chromium ~/.config/BraveSoftware"},
	{"the SSH agent", agentSocket + " %t/ssh-agent.socket %t/openssh_agent %t/gcr"},
	{"Kerberos tickets", "/tmp/krb5cc*"},
})
