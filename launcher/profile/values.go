package profile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
)

// The functions below make shapes of leaves. Each doc comment says the Go type
// the value becomes.

// text is a string that prints and passes check; nil checks nothing more.
func text(check func(string) error) *shape {
	return &shape{takes: "text", leaf: func(v any) (any, error) {
		s, err := asString(v)
		if err == nil && check != nil {
			err = check(s)
		}
		return s, err
	}}
}

// as says what may be written.
func (s *shape) as(takes string) *shape { s.takes = takes; return s }

// like says it for editors, of a text or of each of a list.
func (s *shape) like(re pattern) *shape {
	if s.each != nil {
		*s.each = textLike(re)
	} else {
		s.json = textLike(re)
	}
	return s
}

func asString(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", wanted("a string in quotes", v)
	}
	return s, bounded.Printable(s)
}

// oneOf is a string out of words.
func oneOf(words ...string) *shape {
	return text(func(s string) error {
		if slices.Contains(words, s) {
			return nil
		}
		return fmt.Errorf("%q is none of %s", s, strings.Join(words, ", "))
	}).as("one of " + strings.Join(words, ", ")).tell(schema{"enum": words})
}

// quotedFalse is oneOf for words that hold "false" themselves: a bare false
// would read as a removal and so mean the opposite.
func quotedFalse(words ...string) *shape {
	s := oneOf(words...)
	s.literal = true
	return s
}

// boolean is a bool; false is a value of it.
func boolean() *shape {
	return &shape{takes: "true or false", literal: true, json: told(schema{"type": "boolean"}), leaf: func(v any) (any, error) {
		b, ok := v.(bool)
		if !ok {
			return nil, wanted("true or false", v)
		}
		return b, nil
	}}
}

// integer is an int64 from least to most.
func integer(least, most int64) *shape {
	return &shape{takes: fmt.Sprintf("a number from %d to %d", least, most), json: told(schema{"type": "integer", "minimum": least, "maximum": most}), leaf: func(v any) (any, error) {
		n, ok := v.(int64)
		if !ok || n < least || n > most {
			return nil, wanted(fmt.Sprintf("a number from %d to %d", least, most), v)
		}
		return n, nil
	}}
}

// number is a positive float64.
func number() *shape {
	return &shape{takes: "a positive number", json: told(schema{"type": "number", "exclusiveMinimum": 0, "maximum": 4096}), leaf: func(v any) (any, error) {
		f, ok := v.(float64)
		if n, isInt := v.(int64); isInt {
			f, ok = float64(n), true
		}
		if !ok || !(f > 0) || f > 4096 {
			return nil, wanted("a positive number such as 1.5", v)
		}
		return f, nil
	}}
}

// size is an int64 of bytes, written as "8g" or as a number. Where unlimited is
// allowed -1 stands for it.
func size(unlimited bool) *shape {
	return &shape{takes: "a size such as \"8g\", or a number of bytes" + map[bool]string{true: "; -1 is no limit"}[unlimited],
		json: told(schema{"type": []string{"string", "integer"}, "pattern": `^(-1$|[0-9])`, "minimum": -1}), leaf: func(v any) (any, error) {
			n, ok := v.(int64)
			if s, isString := v.(string); isString {
				parsed, err := units.RAMInBytes(s)
				n, ok = parsed, err == nil
				if s == "-1" {
					n, ok = -1, true
				}
			}
			if !ok || n == 0 || n < -1 || n == -1 && !unlimited {
				return nil, wanted(`a size such as "8g" or a number of bytes`, v)
			}
			return n, nil
		}}
}

var octal = lazy(`^[0-7]{3,4}$`, 0)

// mode is a uint32 of permission bits, written as "1777".
func mode() *shape {
	return &shape{takes: "an octal mode in quotes", json: textLike(octal), leaf: func(v any) (any, error) {
		s, _ := v.(string)
		if !octal.matches(s) {
			return nil, wanted(`an octal mode in quotes such as "1777"`, v)
		}
		n, err := strconv.ParseUint(s, 8, 32)
		return uint32(n), err
	}}
}

// umask is the octal string of a mask, padded to four digits.
func umask() *shape {
	return &shape{takes: "an octal mask in quotes", json: textLike(lazy(`^0?[0-7]{3}$`, 0)), leaf: func(v any) (any, error) {
		s, _ := v.(string)
		if !octal.matches(s) || len(s) == 4 && s[0] != '0' {
			return nil, wanted(`an octal mask in quotes such as "0027"`, v)
		}
		return strings.Repeat("0", 4-len(s)) + s, nil
	}}
}

// The bounds of how long a run is waited for.
const (
	LeastWait = time.Second
	MostWait  = 24 * time.Hour
)

// duration is a time.Duration from a second to a day, written as "2m".
func duration() *shape {
	return &shape{takes: `a duration from "1s" to "24h"`, json: textLike(lazy(`^[+]?([0-9.]+[a-zµμ]+)+$`, 0)), leaf: func(v any) (any, error) {
		s, _ := v.(string)
		d, err := time.ParseDuration(s)
		if err != nil || d < LeastWait || d > MostWait {
			return nil, wanted(`a duration from "1s" to "24h"`, v)
		}
		return d, nil
	}}
}

// list is a []string whose elements pass check. Where one is allowed a bare
// string is a list of one.
func list(check func(string) error, one bool) *shape {
	each := textLike(pattern{})
	return &shape{takes: "a list of texts", each: &each, json: func() schema { return listOf(each(), one) }, leaf: func(v any) (any, error) {
		if s, ok := v.(string); ok && one {
			v = []any{s}
		}
		in, ok := v.([]any)
		if !ok || len(in) > maxKeys {
			return nil, wanted(fmt.Sprintf("a list of at most %d strings", maxKeys), v)
		}
		out := make([]string, 0, len(in))
		for _, e := range in {
			s, err := asString(e)
			if err == nil && check != nil {
				err = check(s)
			}
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
	}}
}

// capabilities is a []string as the spec writes them: lower case, no "cap_".
func capabilities() *shape {
	s := words(lazy(`^([Cc][Aa][Pp]_)?[A-Za-z_]{3,32}$`, 0), "a capability").as("a list of capabilities, or all")
	read := s.leaf
	s.leaf = func(v any) (any, error) {
		out, err := read(v)
		if err != nil {
			return nil, err
		}
		names := out.([]string)
		for i, n := range names {
			names[i] = strings.TrimPrefix(strings.ToLower(n), "cap_")
		}
		return names, nil
	}
	return s
}

// ulimit is a container.Ulimit, written as a number or as "soft:hard".
func ulimit() *shape {
	both := `^(unlimited|[+-]?[0-9]+)(:(unlimited|[+-]?[0-9]+))?$`
	return &shape{takes: `a number, or "soft:hard"`, json: told(schema{"type": []string{"string", "integer"}, "pattern": both, "minimum": -1}), leaf: func(v any) (any, error) {
		soft, hard := "", ""
		switch v := v.(type) {
		case int64:
			soft = strconv.FormatInt(v, 10)
		case string:
			soft, hard, _ = strings.Cut(v, ":")
		}
		if hard == "" {
			hard = soft
		}
		s, errSoft := limit(soft)
		h, errHard := limit(hard)
		if errSoft != nil || errHard != nil || h != -1 && (s == -1 || s > h) {
			return nil, wanted(`a number or "soft:hard", soft not above hard`, v)
		}
		return container.Ulimit{Soft: s, Hard: h}, nil
	}}
}

func limit(s string) (int64, error) {
	if s == "unlimited" {
		return -1, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && (n < -1 || n > math.MaxInt64/2) {
		return 0, strconv.ErrRange
	}
	return n, err
}
