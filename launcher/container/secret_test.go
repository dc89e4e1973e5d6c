package container_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"HF_TOKEN": true, "apiToken": true, "APIToken": true, "DB_PASSWORD": true, "PGPASSWORD": true, "AWS_SECRET_ACCESS_KEY": true,
		"api-key": true, "apikey": true, "API_KEY": true, "MYSQL_PWD": true, "private_key": true, "db.password": true, "creds": true,
		"authToken": true, "SECRET": true, "bearer": true, "ServerApp.token": true,
		"DB_PASS": true, "pass": true, "dbPass": true, "requirepass": true, "storage-key": true, "decryption-key": true, "AccountKey": true,
		"passthrough": false, "PASSIVE": false, "BYPASS_CACHE": false, "pass-through": false, "bypass": false, "by-pass": false, "low_pass": false,
		"EOS_TOKEN": false, "eos-token": false, "pad-token": false, "bos_token": false, "unk_token": false, "API_KEY_HEADER": false, "eosToken": false,
		"KEYBOARD_LAYOUT": false, "MONKEY": false, "KEY_COUNT": false, "TOKEN_FILE": false, "TOKENIZERS_PARALLELISM": false,
		"MAX_TOKENS": false, "SSH_KEY_PATH": false, "AWS_ACCESS_KEY_ID": false, "password_policy": false, "PATH": false,
		"hashed_password": false, "api-key-file": false, "KEY": false, "compass": false, "": false,
	} {
		if got := container.SecretName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

const (
	hugging = "hf_" + "abcdefghijklmnopqrst"
	github  = "ghp_" + "abcdefghijklmnopqrst"
	jwt     = "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"
)

// letters stand in tokens where services put random ones.
const letters = "abcdefghijklmnopqrstuvwxyz"

func TestSecretPair(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"DB_PASSWORD", "hunter2", true},
		{"AWS_SECRET_ACCESS_KEY", "/abc+DEF0123456789abcdefABCDEF0123456789a", true},
		{"GREETING", hugging, true}, {"GREETING", "x" + github, true}, {"A", jwt, true}, {"A", "AKIAABCDEFGHIJKLMNOP", true},
		{"https_proxy", "http://me:pw@proxy:3128", true}, {"URL", "https://" + strings.Repeat("t", 24) + "@host/x", true},
		{"KEY", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", true}, {"HEADER", "Authorization: Bearer abcdefgh", true},
		{"STORE", "AccountName=a;AccountKey=abcdefgh==;Suffix=b", true}, {"IMAGE", "me:abc@registry/x", true}, {"CHECK", "x:1@sha256:abc", false},
		{"https_proxy", "http://proxy:3128", false}, {"URL", "ssh://me@host", false}, {"URL", "http://host:80/a@b", false},
		{"HF_TOKEN", "/run/secrets/hf", false}, {"HF_TOKEN", "", false}, {"HF_TOKEN", "true", false}, {"HF_TOKEN", container.Redacted, false},
		{"GCP_CREDENTIALS", "${CREDENTIALS_FILE}", false}, {"GCP_CREDENTIALS", "$HOME/.config/sa.json", false}, {"GCP_CREDENTIALS", "${CREDENTIALS}", true}, {"DB_PASSWORD", "$ecr3t/word", true},
		{"BASIC_AUTH", "bob:abc", true}, {"DOCKER_AUTH_CONFIG", `{"auths":{}}`, true}, {"APP_KEY", "base64:abc", true}, {"AUTH_TYPE", "basic", false}, {"OAUTH_URL", "http://x", false},
		{"X", "sk-ant" + "-api03-" + letters[:12], true}, {"X", "gsk_" + letters, true}, {"X", "SG." + letters[:22] + "." + letters, true}, {"X", "pypi-AgE" + letters, true},
		{"X", "sk_live" + "_" + letters, true}, {"X", "dop_v1_" + strings.Repeat("a1", 32), true}, {"X", "hvs." + letters, true}, {"X", "lin_api_" + letters + letters, true},
		{"X", "r8_" + letters + letters, true}, {"X", "glrt-" + letters, true}, {"X", "ATATT3" + letters, true}, {"X", "dapi" + strings.Repeat("0f", 16), true}, {"X", "tskey-auth-" + letters, true},
		{"X", "https://hooks.slack.com/services/T0/B0/" + letters, true}, {"X", "123456789:AA" + letters + letters[:7], true}, {"X", "glide-through-many-words-of-a-name", false},
		{"X", "secret_of_the_old_house_and_its_many_many_rooms", false}, {"X", "risk_live_music_and_dance", false}, {"X", "key-value-store", false},
		{"MAX_TOKENS", "5", false}, {"TOKENIZERS_PARALLELISM", "false", false}, {"KEYBOARD_LAYOUT", "de", false}, {"MODEL", "half_precision", false},
	} {
		if got := container.SecretPair(c.name, c.value); got != c.want {
			t.Errorf("%s=%s: %v", c.name, c.value, got)
		}
	}
}

func TestMaskArgs(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"serve --token abc", "serve --token ********"},
		{"serve --token=abc", "serve --token=********"},
		{"serve --password abc --port 80", "serve --password ******** --port 80"},
		{"serve --api-key=a,b;c&d", "serve --api-key=********"},
		{"-e HF_TOKEN=abc", "-e HF_TOKEN=********"},
		{"--env=HF_TOKEN=abc", "--env=HF_TOKEN=********"},
		{"serve --token-file /run/t --max-tokens 5", "serve --token-file /run/t --max-tokens 5"},
		{"serve --token /run/secrets/t", "serve --token /run/secrets/t"},
		{"curl -s -u me:abc http://h", "curl -s -u me:******** http://h"},
		{"/usr/bin/curl --user=me:abc -ume:abc", "/usr/bin/curl --user=me:******** -ume:********"},
		{"curl -u me:$PW http://h", "curl -u me:$PW http://h"},
		{"podman run -u app:app -p8000:8000", "podman run -u app:app -p8000:8000"},
		{"mysqldump -uroot -pabc db", "mysqldump -uroot -p******** db"},
		{"mysql -p -P 3306", "mysql -p -P 3306"},
		{"--name mysql -p3306:3306 -p 3306:3306", "--name mysql -p3306:3306 -p 3306:3306"},
		{"redis-server --requirepass abc", "redis-server --requirepass ********"},
		{"serve --pass abc --passthrough abc --pass-through abc", "serve --pass ******** --passthrough abc --pass-through abc"},
		{"serve --storage-key abc --decryption-key abc", "serve --storage-key ******** --decryption-key ********"},
		{"x --connection-string AccountName=a;AccountKey=abcd==;Suffix=b", "x --connection-string AccountName=a;********;Suffix=b"},
		{"pull me:abc@registry/x", "pull me:********@registry/x"},
		{"run icr.io/x:1.0@sha256:abc x:1@sha256:abc git@host:org/x", "run icr.io/x:1.0@sha256:abc x:1@sha256:abc git@host:org/x"},
		{"serve --eos-token abc EOS_TOKEN=abc API_KEY_HEADER=X-Key", "serve --eos-token abc EOS_TOKEN=abc API_KEY_HEADER=X-Key"},
		{"serve --token --port 80", "serve --token --port 80"},
	} {
		if got := strings.Join(container.MaskArgs(strings.Fields(c.in)), " "); got != c.want {
			t.Errorf("%s: %s", c.in, got)
		}
	}
	if container.MaskArgs(nil) != nil {
		t.Error("no arguments became some")
	}
}

func TestMaskText(t *testing.T) {
	for in, want := range map[string]string{
		"curl http://me:p@ss@host/":                                      "curl http://me:********@host/",
		`curl -H "X-Api-Key: abc" x`:                                     `curl -H "X-Api-Key: ********" x`,
		`{"api_key": "a b c", "n": 1}`:                                   `{"api_key": ********, "n": 1}`,
		`serve --password "a b" --port 1`:                                `serve --password ******** --port 1`,
		`HF_TOKEN="a b`:                                                  "HF_TOKEN=********",
		"podman run --secret hf,type=env x":                              "podman run --secret hf,type=env x",
		"podman run --secret=hf,type=env x":                              "podman run --secret=hf,type=env x",
		"icr.io/team/secret:v1.2":                                        "icr.io/team/secret:v1.2",
		"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- x": "******** x",
		"curl -fs -u me:abc http://h/?a=1&b=2 || exit 1":                 "curl -fs -u me:******** http://h/?a=1&b=2 || exit 1",
		"curl -f http://h && podman run -u app:app x":                    "curl -f http://h && podman run -u app:app x",
		"curl -f http://h/docker-user:x":                                 "curl -f http://h/docker-user:x",
		"--health-cmd=curl -u bob:abc http://h":                          "--health-cmd=curl -u bob:******** http://h",
		"x;mysqladmin -pabc ping":                                        "x;mysqladmin -p******** ping",
		"HealthCmd=redis-cli -a abc ping":                                "HealthCmd=redis-cli -a ******** ping",
		"redis-cli -p 6379 ping":                                         "redis-cli -p 6379 ping",
		"podman --log-level=debug login -u bob -p abc quay.io":           "podman --log-level=debug login -u bob -p ******** quay.io",
		"sshpass -p 'a b' ssh h podman run -p 8080:80 x":                 "sshpass -p ******** ssh h podman run -p 8080:80 x",
		`--entrypoint=["curl","-u","bob:abc","x"]`:                       `--entrypoint=["curl","-u","bob:********","x"]`,
		"mysql -h db -pabc -e 'select 1'":                                "mysql -h db -p******** -e 'select 1'",
		"podman run --name mysql -p3306:3306 mysql -x":                   "podman run --name mysql -p3306:3306 mysql -x",
		"podman run me:abc@registry:5000/x":                              "podman run me:********@registry:5000/x",
		"redis-server --requirepass abc":                                 "redis-server --requirepass ********",
		"3 controls pass: all of them":                                   "3 controls pass: all of them",
		`{"pass": "abc"} DB_PASS=abc BYPASS_CACHE=abc PASSIVE=abc`:       `{"pass": ********} DB_PASS=******** BYPASS_CACHE=abc PASSIVE=abc`,
		"KEYBOARD_LAYOUT=de MONKEY=1":                                    "KEYBOARD_LAYOUT=de MONKEY=1",
		`-v "$PWD":/work -e GITHUB_PAT=abc -e JWT=abc -e JWT_ISSUER=abc`: `-v "$PWD":/work -e GITHUB_PAT=******** -e JWT=******** -e JWT_ISSUER=abc`,
		`--shape='{"token_type_ids":"(1,-1)"}'`:                          `--shape='{"token_type_ids":"(1,-1)"}'`,
		`GOOGLE_APPLICATION_CREDENTIALS="${F}" CREDENTIALS="abc"`:        `GOOGLE_APPLICATION_CREDENTIALS="${F}" CREDENTIALS=********`,
		`run '--creds' 'bob:abc' x`:                                      `run '--creds' ******** x`,
		`srv '--password' abc --pass"word"=abc`:                          `srv '--password' ******** --password=********`,
		`srv \--password abc $'--pass\x77ord' a'b'c`:                     `srv \--password ******** $'--pass\x77ord' ********`,
		`-e "TOKEN"=abc -e "my note"="it's"`:                             `-e TOKEN=******** -e "my note"="it's"`,
		`sh -c "srv --pass\"word\" 'a b'" x`:                             `sh -c 'srv --pass"word" ********' x`,
		`"--token=''": no token, 'a' is "b"`:                             `"--token=''": no token, 'a' is "b"`,
		`podman run '--secret' name x`:                                   `podman run '--secret' name x`,
		"echo abc | podman login -u bob --password-stdin r.io":           "echo ******** | podman login -u bob --password-stdin r.io",
		`echo -n "a b" | docker login --password-stdin && x`:             "echo -n ******** | docker login --password-stdin && x",
		"printf '%s' abc | podman secret create db -":                    "printf '%s' ******** | podman secret create db -",
		"echo abc | base64 -d | podman login --password-stdin":           "echo ******** | base64 -d | podman login --password-stdin",
		"echo abc | sudo -S podman run x":                                "echo ******** | sudo -S podman run x",
		"echo abc >/run/secrets/db_password; echo abc > x.log":           "echo ******** >/run/secrets/db_password; echo abc > x.log",
		`podman login --password-stdin <<<"a b"`:                         "podman login --password-stdin <<<********",
		"cat <<< abc":                                                    "cat <<< abc",
		"echo $TOKEN | podman login --password-stdin":                    "echo $TOKEN | podman login --password-stdin",
		"echo abc | grep x":                                              "echo abc | grep x",
		"curl -sSu bob:abc http://h -U me:abc --proxy-user u:abc":        "curl -sSu bob:******** http://h -U me:******** --proxy-user u:********",
		"export TOKEN=$(printf %s abc) x":                                "export TOKEN=******** x",
		"TOKEN=`echo abc` x":                                             "TOKEN=******** x",
		"password: |\n  abc\nimage: x":                                   "password: ********\n  ********\nimage: x",
	} {
		if got := container.MaskText(in); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
}

// No token survives wherever it is planted, nothing panics, and what is masked is
// masked.
func FuzzMaskText(f *testing.F) {
	for _, s := range []string{"", "=", "TOKEN=", `"`, "http://u:token=\"a/b\"@h", "--token", "'--password", "-----BEGIN PRIVATE KEY-----", "a=TOKEN=", "\x00\xff", "secret:", "//secret:"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const planted = "Zq7XplantedW9k"
		for _, in := range []string{
			before + " HF_TOKEN=" + planted + " " + after,
			before + " --password " + planted + " " + after,
			before + " --pass\"word\" " + planted + " " + after,
			before + " http://me:" + planted + "@host/" + after,
			before + " hf_" + planted + "aaaa " + after,
			before + ` {"api_key":"` + planted + `"} ` + after,
		} {
			out := container.MaskText(in)
			if strings.Contains(out, planted) && !strings.Contains(before, planted) && !strings.Contains(after, planted) {
				t.Errorf("%q shows in %q", in, out)
			}
			if again := container.MaskText(out); again != out {
				t.Errorf("%q became %q and then %q", in, out, again)
			}
		}
		args := container.MaskArgs([]string{before, after})
		if again := container.MaskArgs(args); !slices.Equal(again, args) {
			t.Errorf("%q became %q", args, again)
		}
	})
}
