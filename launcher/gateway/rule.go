package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Methods are those of HTTP that a rule can have. Treat it as a constant.
var Methods = []string{"DELETE", "GET", "HEAD", "POST", "PUT"}

// Segment is what stands for a {name} in the path of a rule, as a regular expression; never
// one that is . or .. alone.
const Segment = `[A-Za-z0-9._:@-]+`

// Call is the JSON schema pattern of a call as profiles write it. [ParseCall] takes less.
const Call = `^((DELETE|GET|HEAD|POST|PUT) /[A-Za-z0-9._:@{}/-]*|[A-Za-z_][A-Za-z0-9_.]*/[A-Za-z_][A-Za-z0-9_]*)$`

// maxCall bounds a call in bytes; the longest of a known server has some 80.
const maxCall = 256

// ParseCall reads a call as profiles write it: of HTTP "POST /v2/models/{model}/infer", of
// gRPC "inference.GRPCInferenceService/ModelInfer". The rule has no scope yet.
func ParseCall(call string) (Protocol, Rule, error) {
	if len(call) > maxCall {
		return "", Rule{}, fmt.Errorf("%.40q... is longer than %d bytes", call, maxCall)
	}
	method, path, http := strings.Cut(call, " ")
	if !http {
		return grpcCall(call)
	}
	if !slices.Contains(Methods, method) {
		return "", Rule{}, fmt.Errorf("%q is none of %s", method, strings.Join(Methods, ", "))
	}
	if err := checkPath(path); err != nil {
		return "", Rule{}, fmt.Errorf("%q: %w", call, err)
	}
	return HTTP, Rule{Method: method, Path: path}, nil
}

func grpcCall(call string) (Protocol, Rule, error) {
	service, method, ok := strings.Cut(call, "/")
	if ok = ok && isIdentifier(method); ok {
		for part := range strings.SplitSeq(service, ".") {
			ok = ok && isIdentifier(part)
		}
	}
	if !ok {
		return "", Rule{}, fmt.Errorf(`%q is neither METHOD /PATH nor PACKAGE.SERVICE/METHOD`, call)
	}
	return GRPC, Rule{Method: "POST", Path: "/" + call}, nil
}

// checkPath wants an absolute path without empty segments, of which a segment is a text, or
// a {name} with or without a :text behind it.
func checkPath(path string) error {
	if path == "/" {
		return nil
	}
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return errors.New("the path does not begin with /")
	}
	for segment := range strings.SplitSeq(rest, "/") {
		name, behind, isName := parseSegment(segment)
		switch {
		case isName && (!isIdentifier(name) || behind != "" && (behind[0] != ':' || !isText(behind[1:]))):
			return fmt.Errorf("%q is no {name}", segment)
		case !isName && !isText(segment):
			return fmt.Errorf("%q is no segment of a path: letters, digits and . _ : @ -, or a {name}", segment)
		}
	}
	return nil
}

// parseSegment takes a segment of a rule's path apart: the name in its braces, and what is
// behind them.
func parseSegment(segment string) (name, behind string, isName bool) {
	rest, isName := strings.CutPrefix(segment, "{")
	if !isName {
		return "", "", false
	}
	name, behind, closed := strings.Cut(rest, "}")
	if !closed {
		name = ""
	}
	return name, behind, true
}

// isText tells whether s is a segment of a path as [Segment] says it, with nothing to decode.
func isText(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsFunc(s, func(r rune) bool {
		return !isLetter(r) && !isDigit(r) && !strings.ContainsRune("._:@-", r)
	})
}

func isIdentifier(s string) bool {
	return s != "" && !isDigit(rune(s[0])) && !strings.ContainsFunc(s, func(r rune) bool {
		return !isLetter(r) && !isDigit(r) && r != '_'
	})
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
func isDigit(r rune) bool  { return r >= '0' && r <= '9' }

// Call is the rule as profiles write it for a port that speaks p.
func (r Rule) Call(p Protocol) string {
	if p == GRPC {
		return strings.TrimPrefix(r.Path, "/")
	}
	return r.Method + " " + r.Path
}

// Matches tells whether the rule lets a call through. A path with anything to decode or to
// clean, as %2e and //, matches none.
func (r Rule) Matches(method, path string) bool {
	rule, call := strings.Split(r.Path, "/"), strings.Split(path, "/")
	if method != r.Method || len(rule) != len(call) {
		return false
	}
	for i, segment := range rule {
		_, behind, isName := parseSegment(segment)
		value, has := strings.CutSuffix(call[i], behind)
		if isName && (!has || !isText(value) || !isText(call[i])) || !isName && segment != call[i] {
			return false
		}
	}
	return true
}

// Overlaps tells whether there can be a call that both rules let through.
func (r Rule) Overlaps(o Rule) bool {
	a, b := strings.Split(r.Path, "/"), strings.Split(o.Path, "/")
	if r.Method != o.Method || len(a) != len(b) {
		return false
	}
	for i := range a {
		if !meet(a[i], b[i]) {
			return false
		}
	}
	return true
}

// meet tells whether two segments of rules can stand for the same one of a path.
func meet(a, b string) bool {
	_, behindA, nameA := parseSegment(a)
	_, behindB, nameB := parseSegment(b)
	switch {
	case nameA && nameB:
		return strings.HasSuffix(behindA, behindB) || strings.HasSuffix(behindB, behindA)
	case nameA:
		value, has := strings.CutSuffix(b, behindA)
		return has && isText(value)
	case nameB:
		return meet(b, a)
	}
	return a == b
}
