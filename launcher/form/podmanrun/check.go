package podmanrun

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Check tells whether s can be stated to Podman such that its command line and
// its API, of version 4.3 and of 5, all understand the same. It refuses what
// one of them would drop, split, round or take for something else, and what no
// version accepts. It does not judge: an unsafe spec passes.
func Check(s *container.Spec) error {
	if err := checkText(s); err != nil {
		return err
	}
	for _, c := range rules() {
		if err := c.check(s); err != nil {
			return hint.Wrap(fmt.Errorf("checking %s: %w", c.row.Key(), err), c.hint)
		}
	}
	return nil
}

// checkText wants every text to survive JSON and an argument vector.
func checkText(s *container.Spec) error {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && !clean(v.Field(i)) {
			return hint.Errorf("write it as UTF-8 without NUL",
				"checking %s: it holds a NUL or is not UTF-8", f.Name)
		}
	}
	return nil
}

func clean(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String()) && !strings.Contains(v.String(), "\x00")
	case reflect.Slice:
		for i := range v.Len() {
			if !clean(v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if !clean(k) || !clean(v.MapIndex(k)) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !clean(v.Field(i)) {
				return false
			}
		}
	}
	return true
}

// check is what one row must hold.
type check struct {
	row   container.Row
	hint  string
	check func(*container.Spec) error
}

// matching wants every value of a row to match one pattern.
func matching(f container.Field[string], re, hint string) check {
	match := pattern(re)
	return check{f, hint, func(s *container.Spec) error {
		if v, _, ok := f.Get(s); ok && v != "" && !match().MatchString(v) {
			return fmt.Errorf("%q is not a value of it", v)
		}
		return nil
	}}
}

func allMatching(f container.Field[[]string], re, hint string) check {
	match := pattern(re)
	return check{f, hint, func(s *container.Spec) error {
		values, _, _ := f.Get(s)
		for _, v := range values {
			if !match().MatchString(v) {
				return fmt.Errorf("%q is not a value of it", v)
			}
		}
		return nil
	}}
}

// pairsMatching wants names and values of a keyed row to match.
func pairsMatching(m container.Map[string], name, value, hint string) check {
	matchName, matchValue := pattern(name), pattern(`(?s)`+value)
	return check{m, hint, func(s *container.Spec) error {
		for _, k := range m.Keys(s) {
			if v, _, _ := m.Get(s, k); !matchName().MatchString(k) || !matchValue().MatchString(v) {
				return fmt.Errorf("%q, or its value, cannot be written", k)
			}
		}
		return nil
	}}
}

func within(f container.Field[int64], low, high int64) check {
	return check{f, fmt.Sprintf("give it a number from %d to %d", low, high), func(s *container.Spec) error {
		if v, _, ok := f.Get(s); ok && (v < low || v > high) {
			return fmt.Errorf("%d is out of range", v)
		}
		return nil
	}}
}

func eachOf[T any](m container.Map[T], hint string, ok func(key string, v T) error) check {
	return check{m, hint, func(s *container.Spec) error {
		for _, k := range m.Keys(s) {
			v, _, known := m.Get(s, k)
			if !known {
				continue
			}
			if err := ok(k, v); err != nil {
				return fmt.Errorf("at %q: %w", k, err)
			}
		}
		return nil
	}}
}
