package signature

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

const (
	// maxList bounds a list in bytes: some 10,000 keys of Ed25519.
	maxList = 1 << 20
	// maxLine bounds a line in bytes; one with the largest RSA key has some 3 KiB.
	maxLine = 8 << 10
)

// ParseAllowed reads a list of allowed signers. file names it in messages. Times without
// a Z are those of zone, as ssh takes them; nil is this host's.
//
// A line that is not understood is an error that names it: a list in which one line is
// left out allows something else than what was written.
func ParseAllowed(file string, text []byte, zone *time.Location) (AllowedSigners, error) {
	var out AllowedSigners
	if len(text) > maxList {
		return out, fmt.Errorf("reading %s: it is larger than %d KiB", printable(file), maxList>>10)
	}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.Trim(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		a, err := parseLine(line, zone)
		if err != nil {
			return AllowedSigners{}, fmt.Errorf("reading %s: line %d: %w", printable(file), i+1, err)
		}
		a.file, a.line = file, i+1
		out.lines = append(out.lines, a)
	}
	return out, nil
}

// parseLine reads principals, options if there are any, the type of a key, the key and a comment.
func parseLine(line string, zone *time.Location) (a allowed, err error) {
	if len(line) > maxLine {
		return a, fmt.Errorf("longer than %d KiB", maxLine>>10)
	}
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) {
		return a, errors.New("it has characters that are not printed")
	}
	who, rest := word(line)
	if strings.ContainsAny(who, `"\`) {
		return a, errors.New("principals in quotes are not read")
	}
	if a.principals, err = parsePatterns(who); err != nil {
		return a, fmt.Errorf("principals: %w", err)
	}
	if keyType, _ := word(rest); !isKeyType(keyType) {
		if rest, err = a.options(rest, zone); err != nil {
			return a, err
		}
	}
	if a.key, err = parseKey(rest); err == nil {
		a.finger = ssh.FingerprintSHA256(a.key)
	}
	return a, err
}

// word cuts the first word off a text.
func word(text string) (first, rest string) {
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		return text, ""
	}
	return text[:end], strings.TrimLeft(text[end:], " \t")
}

// isKeyType tells whether a word is the type of a key and no option. Which types are taken
// is told by [weak].
func isKeyType(word string) bool {
	return strings.HasPrefix(word, "ssh-") || strings.HasPrefix(word, "ecdsa-") || strings.HasPrefix(word, "sk-")
}

// parseKey reads "TYPE BASE64", and leaves out the comment behind.
func parseKey(text string) (ssh.PublicKey, error) {
	keyType, rest := word(text)
	blob, _ := word(rest)
	data, err := base64.StdEncoding.Strict().DecodeString(blob)
	if err != nil || blob == "" {
		return nil, errors.New("no key: its type and its base64 were expected")
	}
	key, err := ssh.ParsePublicKey(data)
	if err != nil {
		return nil, fmt.Errorf("not a key: %.200s", printable(err.Error()))
	}
	if why := weak(key); why != "" {
		return nil, errors.New(why)
	}
	if key.Type() != keyType {
		return nil, fmt.Errorf("the key is of type %s, and not %.60q", key.Type(), keyType)
	}
	return key, nil
}

// keyText is a key as a line has it, without a comment.
func keyText(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

// printable is a text with nothing in it that a terminal obeys.
func printable(text string) string {
	if q := strconv.QuoteToGraphic(text); strings.ContainsRune(q, '\\') {
		return q
	}
	return text
}
