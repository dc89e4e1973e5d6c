package container

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Some programs take a password by an option whose name does not say so, or
// glued to it: curl -u NAME:PASSWORD, mysql -pPASSWORD, podman login -p PASSWORD. The same options mean
// other things elsewhere (podman run -u 1000:1000, -p8000:8000), so they count
// behind the program's name alone.

var (
	basicTools  = []string{"curl", "wget"}
	mysqlTools  = []string{"mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump"}
	basicOption = []string{"-u", "--user", "-U", "--proxy-user"}
	wordTools   = []string{"login", "sshpass", "redis-cli", "mongo", "mongosh"}
)

// loginOption matches curl and the login behind -u or --user, of one command of a
// shell.
var loginOption = lazyregexp.New(`((?:^|[\s/"'(=;|&\[])(?:curl|wget)(?:\s(?:[^|;&\n]|&[^&\s])*?)??\s(?:-[a-zA-Z]*[uU]|--user|--proxy-user)(?:\s+|=)?["']?[^\s:"'|;&=/-][^\s:"'|;&=/]*:)([^\s"'*][^\s"']*)`)

// gluedOption matches mysql and the password glued to -p, of one command of a
// shell.
var gluedOption = lazyregexp.New(`((?:^|[\s/"'(=;|&\[])(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\s(?:(?:[^|;&\n]|&[^&\s])*?\s)?-p)(["'][^"']+["']|[^\s"'-][^\s"']*)`)

// wordOption matches programs that have a password behind -p or -a, of one command of
// a shell.
var wordOption = lazyregexp.New(`((?:^|[\s/"'(=;|&\[])(?:(?:podman|docker|buildah|skopeo|nerdctl|helm|oras)\s(?:(?:[^|;&\n]|&[^&\s])*?\s)?login|sshpass|redis-cli|mongo|mongosh)` +
	`\s(?:(?:[^|;&\n]|&[^&\s])*?\s)?-[ap]\s*)(["'][^"']+["']|[^\s"'-][^\s"']*)`)

// portMapping matches what -p of an engine has glued to it.
var portMapping = lazyregexp.New(`^[0-9.:\[\]-]+(/(tcp|udp|sctp))?$`)

// Others read one from their input: what a shell prints into them, or puts behind <<<.

// printed matches what echo and printf print into another program, or a file.
var printed = lazyregexp.New(`((?:^|[\s;&|(\x60{"'])(?:echo|printf)\s+(?:-[a-zA-Z-]+\s+)*(?:["']?%[a-z](?:\\n)?["']?\s+)?)((?:"[^"\n]*"|'[^'\n]*'|\\.|[^|;&>\n"'])+?)(\s*(?:\\\n\s*)?(?:\|\s*(?:\\\n\s*)?[^;\n]*|>+\s*\S+))`)

// hereString matches what a shell gives a program to read.
var hereString = lazyregexp.New(`(<<<\s*)("[^"\n]*"|'[^'\n]*'|[^\s|;&"']+)`)

// reader matches programs that read a secret although no option of theirs says so.
var reader = lazyregexp.New(`\blogin\b|(password|passphrase)-(stdin|fd)|\bsudo\s(\S+\s+)*-[a-zA-Z]*S|\bsu\b|\bcryptsetup\b|\bkinit\b|\bgpg2?\b|\bmount\.cifs\b`)

// word matches what in a command may be, or be part of, a name.
var word = lazyregexp.New(`[A-Za-z][\w.-]*`)

// takesSecret tells whether a line of a shell has a program that reads a secret.
func takesSecret(line string) bool {
	return hinted(line) && slices.ContainsFunc(word().FindAllString(line, -1), SecretName) || reader().MatchString(line)
}

// maskFed hides what programs that read a secret are given to read.
func maskFed(text string) string {
	if strings.ContainsAny(text, "|>") && (strings.Contains(text, "echo") || strings.Contains(text, "printf")) {
		text = printed().ReplaceAllStringFunc(text, func(match string) string {
			m := printed().FindStringSubmatch(match)
			if m == nil || !takesSecret(m[3]) || !toolSecret(strings.Trim(m[2], "\"' ")) {
				return match
			}
			return m[1] + Redacted + m[3]
		})
	}
	if !strings.Contains(text, "<<<") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.Contains(line, "<<<") && takesSecret(line) {
			lines[i] = maskBehind(hereString(), line)
		}
	}
	return strings.Join(lines, "\n")
}

// maskTools hides the passwords of such programs in a text.
func maskTools(text string) string {
	text = maskFed(text)
	if strings.ContainsAny(text, "uU") && (strings.Contains(text, "curl") || strings.Contains(text, "wget")) {
		text = maskBehind(loginOption(), text)
	}
	if strings.Contains(text, "-p") && (strings.Contains(text, "mysql") || strings.Contains(text, "mariadb")) {
		text = maskBehind(gluedOption(), text)
	}
	if (strings.Contains(text, "-p") || strings.Contains(text, "-a")) && slices.ContainsFunc(wordTools, func(t string) bool { return strings.Contains(text, t) }) {
		text = maskBehind(wordOption(), text)
	}
	return text
}

// maskArray hides the passwords of such programs in a command that is written as a
// list of JSON, as --entrypoint and --health-cmd take it.
func maskArray(text string) string {
	from, to := strings.IndexByte(text, '['), strings.LastIndexByte(text, ']')
	if from < 0 || to < from || !strings.Contains(text[from:to], `"-`) {
		return text
	}
	var words []string
	if json.Unmarshal([]byte(text[from:to+1]), &words) != nil {
		return text
	}
	masked := MaskArgs(words)
	if slices.Equal(masked, words) {
		return text
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(masked) // a list of words always encodes
	return text[:from] + strings.TrimSuffix(b.String(), "\n") + text[to+1:]
}

// maskBehind hides the second group of a pattern behind the first.
func maskBehind(re *regexp.Regexp, text string) string {
	return re.ReplaceAllStringFunc(text, func(match string) string {
		m := re.FindStringSubmatch(match)
		if m == nil || !toolSecret(strings.Trim(m[2], `"'`)) {
			return match
		}
		return m[1] + Redacted
	})
}

// toolSecret tells whether such an option's value can be a password: a number is
// a uid or a port, and a variable is expanded elsewhere.
func toolSecret(v string) bool {
	return named("token", v) && !strings.HasPrefix(v, "$") && !portMapping().MatchString(v)
}

// tool follows the words of a command line for the programs above.
type tool struct{ basic, mysql, login, words, password bool }

// hide returns a word without the password it holds behind the words so far; ok
// tells whether it holds one.
func (t *tool) hide(word string) (hidden string, ok bool) {
	login, password := t.login, t.password
	base := path.Base(word)
	t.basic = t.basic || slices.Contains(basicTools, base)
	t.mysql = t.mysql || slices.Contains(mysqlTools, base)
	t.words = t.words || slices.Contains(wordTools, base)
	t.password = t.words && (word == "-p" || word == "-a")
	t.login = t.basic && slices.Contains(basicOption, word)
	switch {
	case login:
		return hideLogin("", word)
	case t.basic && strings.HasPrefix(word, "--user="):
		return hideLogin("--user=", word)
	case t.basic && strings.HasPrefix(word, "-u"):
		return hideLogin("-u", word)
	case password && !strings.HasPrefix(word, "-") && toolSecret(word):
		return Redacted, true
	case t.words && (strings.HasPrefix(word, "-p") || strings.HasPrefix(word, "-a")) && toolSecret(word[2:]):
		return word[:2] + Redacted, true
	case t.mysql && strings.HasPrefix(word, "-p") && toolSecret(word[2:]):
		return "-p" + Redacted, true
	}
	return "", false
}

// hideLogin hides the password of NAME:PASSWORD behind the beginning of a word.
func hideLogin(begin, word string) (string, bool) {
	user, password, both := strings.Cut(strings.TrimPrefix(word, begin), ":")
	if !both || !toolSecret(password) {
		return "", false
	}
	return MaskText(begin + user + ":" + Redacted), true
}
