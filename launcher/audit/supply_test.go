package audit_test

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	. "github.com/zlaunch/zlaunch/launcher/container"
)

var digest = "@sha256:" + strings.Repeat("a", 64)

func env(name, value string) func(*Spec) {
	return func(s *Spec) { Env.Set(s, name, value, by) }
}

func secret(v Secret) func(*Spec) {
	return func(s *Spec) { SecretOf.Set(s, "key", v, by) }
}

func bound(v Volume) func(*Spec) {
	return func(s *Spec) { VolumeAt.Set(s, "/models", v, by) }
}

var models = Volume{Source: "/srv/m", ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}

func from(source string) Volume { v := models; v.Source = source; return v }

// steersBy is an image with a label, and a run that has it as given.
func steersBy(name, image, run string) func(*Spec) {
	return func(s *Spec) {
		ImageLabels.Set(s, name, image, by)
		ImageSteers.Set(s, []string{"label[" + name + "]"}, by)
		Labels.Set(s, name, run, by)
	}
}

var supplyFixtures = map[string][]fixture{
	"ZL-901": {
		{name: "a tag", change: to(Image, "icr.io/ibmz/x:1.0"), says: "digest", also: []string{"ZL-907"}},
		{name: "half a digest", change: to(Image, "icr.io/ibmz/x:1.0@sha256:abc"), says: "digest", also: []string{"ZL-907"}},
		{name: "the id of an image", change: to(Image, strings.Repeat("a", 64)), verdict: audit.Pass},
	},
	"ZL-902": {
		{name: "latest", change: to(Image, "icr.io/ibmz/x:latest"), says: "latest", also: []string{"ZL-901", "ZL-907"}},
		{name: "no tag", change: to(Image, "icr.io:443/ibmz/x"), says: ":latest", also: []string{"ZL-901", "ZL-907"}},
		{name: "latest and a digest", change: to(Image, "icr.io/ibmz/x:latest"+digest), verdict: audit.Pass},
		{name: "an archive", change: to(Image, "docker-archive:/srv/x.tar"), verdict: audit.NotApplicable, also: []string{"ZL-901", "ZL-903"}},
	},
	"ZL-903": {
		{name: "short", change: to(Image, "tensorflow/serving"+digest), says: "registry"},
		{name: "one word", change: to(Image, "ubi9"+digest), says: "registry"},
		{name: "built here", change: to(Image, "localhost/x"+digest), verdict: audit.Pass},
		{name: "a port", change: to(Image, "registry:5000/x"+digest), verdict: audit.Pass},
		{name: "a transport", change: to(Image, "docker://icr.io/x"+digest), verdict: audit.Pass},
	},
	"ZL-904": {
		{name: "not verified", change: to(TlsVerify, false), says: "tls_verify"},
		{name: "plain http", change: to(Image, "http://icr.io/x"+digest), says: "http"},
	},
	"ZL-905": {
		{name: "anything", change: to(SignedBy, "anything"), says: "policy.json"},
		{name: "a policy of its own", change: to(SignaturePolicy, "/tmp/p.json"), says: "signature_policy"},
		{name: "not known", change: func(s *Spec) { SignedBy.Clear(s) }, verdict: audit.Open},
		{name: "rejected", change: to(SignedBy, "reject"), verdict: audit.Pass},
	},
	"ZL-906": {
		{name: "the image", change: to(ImageArch, "amd64"), says: "s390x"},
		{name: "the platform", change: to(Platform, "linux/amd64"), says: "linux/amd64"},
		{name: "the platform without its system", change: to(Platform, "s390x"), verdict: audit.Pass},
		{name: "another host", change: to(HostArch, "amd64"), says: "s390x"},
	},
	"ZL-907": {
		{name: "always", change: to(Pull, "always"), says: "digest"},
		{name: "a tag", change: to(Image, "icr.io/ibmz/x:1.0"), says: "never", also: []string{"ZL-901"}},
		{name: "a tag, never pulled", change: func(s *Spec) { Image.Set(s, "icr.io/ibmz/x:1.0", by); Pull.Set(s, "never", by) }, verdict: audit.Pass, also: []string{"ZL-901"}},
	},
	"ZL-908": {
		{name: "root", change: to(ImageUser, "root:root"), says: "root"},
		{name: "none", change: to(ImageUser, ""), says: "root"},
		{name: "zero", change: to(ImageUser, "00:0"), says: "root"},
		{name: "signed", change: to(ImageUser, "+0:1000"), says: "root"},
		{name: "a name", change: to(ImageUser, "ibm-user"), verdict: audit.Open, says: "ibm-user"},
	},
	"ZL-915": {
		{name: "asks for more", change: func(s *Spec) { ImageLabels.Set(s, "io.containers.capabilities", "CHOWN,CAP_SYS_ADMIN", by) }, says: "sys_admin"},
		{name: "asks for less", change: func(s *Spec) { ImageLabels.Set(s, "io.containers.capabilities", "chown, kill", by) }, verdict: audit.Pass},
		{name: "asks for nothing", change: func(s *Spec) { ImageLabels.Set(s, "io.containers.capabilities", "", by) }, verdict: audit.Pass},
		{name: "its own filter", change: to(SeccompPolicy, "image"), says: "seccomp_policy", also: []string{"ZL-209"}},
	},
	"ZL-916": {{name: "old", change: to(ImageCurrent, false), says: "anew"}},
	"ZL-921": {
		{name: "by name", change: env("HF_TOKEN", "abc123"), says: "HF_TOKEN"},
		{name: "by value", change: env("GREETING", "hf_"+strings.Repeat("a", 30)), says: "GREETING"},
		{name: "from the caller", change: to(EnvImport, []string{"HF_TOKEN"}), says: "HF_TOKEN"},
		{name: "a password", change: env("DB_PASS", "abc123"), says: "DB_PASS"},
		{name: "a storage account", change: env("STORE", "AccountName=a;AccountKey=abcdefgh==;Suffix=b"), says: "STORE"},
		{name: "a word of the tokenizer", change: env("EOS_TOKEN", "endoftext"), verdict: audit.Pass},
		{name: "the name of a header", change: env("API_KEY_HEADER", "X-Api-Key"), verdict: audit.Pass},
		{name: "a keyboard", change: env("KEYBOARD_LAYOUT", "de"), verdict: audit.Pass},
		{name: "where the secret is", change: env("TOKEN_FILE", "/run/secrets/t"), verdict: audit.Pass},
		{name: "not all is known", change: func(s *Spec) { Env.Clear(s) }, raw: true, verdict: audit.Open},
	},
	"ZL-922": {
		{name: "all", change: to(EnvHost, true), says: "env_host"},
		{name: "a pattern", change: to(EnvImport, []string{"AWS_*"}), says: "AWS_*"},
	},
	"ZL-923": {
		{name: "relative", change: to(EnvFile, []string{"web.env"}), says: "web.env"},
		{name: "for all to write", change: to(EnvFile, []string{"/var/tmp/../../tmp/web.env"}), says: "absolute"},
		{name: "elsewhere", change: to(EnvFile, []string{"/etc/web.env"}), says: "/etc/web.env", verdict: audit.Open},
	},
	"ZL-924": {
		{name: "copied", change: to(HttpProxy, true), says: "http_proxy"},
		{name: "with a password", change: env("https_proxy", "http://me:pw@proxy:3128"), says: "password"},
		{name: "without one", change: env("https_proxy", "http://proxy:3128"), verdict: audit.Pass},
	},
	"ZL-925": {
		{name: "a variable", change: secret(Secret{Type: "env", Target: "HF_TOKEN"}), says: "type=mount"},
		{name: "no mode", change: secret(Secret{Type: "mount"}), says: "0400"},
		{name: "for all to read", change: secret(Secret{Type: "mount", Mode: 0o444}), says: "0444"},
		{name: "for one", change: secret(Secret{Type: "mount", Mode: 0o400}), verdict: audit.Pass},
	},
	"ZL-917": {
		{name: "a checkpoint", change: to(ImageSteers, []string{"annotation[io.podman.annotations.checkpoint.runtime.name]"}), says: "CVE-2026-94603"},
		{name: "an option of crun", change: to(ImageSteers, []string{"annotation[run.oci.keep_original_groups]"}), says: "keep_original_groups"},
		{name: "a variable without a value", change: to(ImageSteers, []string{"env[AWS_*]"}), says: "CVE-2026-57231"},
		{name: "a name that no way knows", change: to(ImageSteers, []string{"annotation[run.oci.of_tomorrow]"}), says: "of_tomorrow"},
		{name: "another place", change: to(ImageSteers, []string{"history[x]"}), says: "not known"},
		{name: "a label that came through", change: steersBy("PODMAN_SYSTEMD_UNIT", "v.service", "v.service"), says: "CVE-2026-121885"},
		{name: "a label overridden", change: steersBy("PODMAN_SYSTEMD_UNIT", "v.service", ""), verdict: audit.Pass},
		{name: "a label decided otherwise", change: steersBy("io.containers.autoupdate", "registry", "local"), verdict: audit.Pass, also: []string{"ZL-817"}},
		{name: "an unknown image", change: func(s *Spec) { ImageSteers.Clear(s) }, verdict: audit.Open},
	},
	"ZL-926": {{name: "one", change: to(ImageSecrets, []string{"env[API_KEY]"}), says: "API_KEY"}},
	"ZL-927": {
		{name: "an argument", change: args("serve", "--api-key=abc123xyz"), says: "args"},
		{name: "the word behind", change: args("serve", "--token", "abc123xyz"), says: "args"},
		{name: "a label", change: func(s *Spec) { Labels.Set(s, "db.password", "abc123xyz", by) }, says: "db.password"},
		{name: "an annotation", change: func(s *Spec) { Annotation.Set(s, "token", "abc123xyz", by) }, says: "annotation token"},
		{name: "before the command", change: to(Prefix, []string{"env", "HF_TOKEN=abc123xyz"}), says: "prefix"},
		{name: "the health check", change: to(HealthCmd, "curl http://me:pw@localhost/"), says: "health_cmd"},
		{name: "curl", change: args("curl", "-u", "me:abc123xyz", "http://h"), says: "args must not hold a secret; mount one"},
		{name: "mysql", change: args("sh", "-c", "mysqldump -pabc123xyz db"), says: "args"},
		{name: "redis", change: args("redis-server", "--requirepass", "abc123xyz"), says: "args"},
		{name: "words of the tokenizer", change: args("serve", "--eos-token", "endoftext", "--pad-token=pad", "--bos-token", "bos"), verdict: audit.Pass},
		{name: "a file", change: args("serve", "--api-key-file=/run/secrets/k"), verdict: audit.Pass},
	},
	"ZL-928": {
		{name: "a tmpfs", change: env("PYTHONPATH", "/usr/lib/x:/tmp/lib"), says: "/tmp/lib"},
		{name: "a written volume", change: func(s *Spec) {
			VolumeAt.Set(s, "/build", Volume{Source: "data", NoSuid: true, NoDev: true}, reasoned)
			Env.Set(s, "LD_PRELOAD", "/build/x.so", by)
		}, says: "/build/x.so", also: []string{"ZL-518"}},
		{name: "no path", change: env("PYTHONPATH", "lib"), says: "absolute"},
		{name: "a read-only mount", change: env("PYTHONPATH", "/models/lib"), verdict: audit.Pass},
		{name: "the read-only root", change: env("LD_LIBRARY_PATH", "/opt/lib"), verdict: audit.Pass},
	},
	"ZL-931": {{name: "not walked", change: func(s *Spec) { Walked.Clear(s) }, says: "/models", verdict: audit.Open, also: []string{"ZL-932", "ZL-933", "ZL-934"}}},
	"ZL-932": {{name: "no models", change: func(s *Spec) { VolumeAt.Delete(s, "/models") }, says: "no directory", verdict: audit.NotApplicable,
		also: []string{"ZL-931", "ZL-933", "ZL-934", "ZL-935", "ZL-936"}}},
	"ZL-933": {{name: "not walked", change: to(Walked, []string{"/other"}), says: "/models", verdict: audit.Open, also: []string{"ZL-931", "ZL-932", "ZL-934"}}},
	"ZL-934": {{name: "not walked", change: to(Walked, nil), says: "/models", verdict: audit.Open, also: []string{"ZL-931", "ZL-932", "ZL-933"}}},
	"ZL-935": {
		{name: "none", change: to(ModelDigest, ""), says: "digest"},
		{name: "not known", change: func(s *Spec) { ModelDigest.Clear(s) }, verdict: audit.Open},
	},
	"ZL-936": {{name: "a written image", change: to(MountOther, []string{"type=image,source=m,destination=/m,rw=true"}), says: "rw=false"}},
	"ZL-938": {
		{name: "the working directory", change: bound(from(".")), says: "working directory",
			also: []string{"ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-522"}},
		{name: "as the shell names it", change: bound(Volume{Source: "$PWD", Open: true, ReadOnly: true, Relabel: "z", NoSuid: true, NoDev: true}), says: "working directory",
			also: []string{"ZL-102", "ZL-506", "ZL-507", "ZL-508", "ZL-509", "ZL-511", "ZL-522"}},
		{name: "hidden", change: bound(from("/srv/x/.git")), says: "hidden"},
	},
	"ZL-939": {
		{name: "trusted", change: args("serve", "--trust-remote-code"), says: "--trust-remote-code"},
		{name: "installed", change: args("bash", "-c", "pip install x && serve"), says: "pip install"},
		{name: "by variable", change: env("HF_TRUST_REMOTE_CODE", "1"), says: "HF_TRUST_REMOTE_CODE"},
	},
}
