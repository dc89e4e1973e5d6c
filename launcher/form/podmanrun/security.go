package podmanrun

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

const securityOpt = "security-opt"

// words is a row written as one --security-opt=WORD=VALUE for each value.
func words(f container.Field[[]string], word string, split func(string) ([]string, error)) Option {
	return Option{f, securityOpt, word, known(f, func(v []string) []string {
		var out []string
		for _, e := range v {
			out = append(out, option(securityOpt, word+"="+e))
		}
		return out
	}), appendTo(f, split)}
}

func writeNoNewPrivileges(s *container.Spec) []string {
	return known(container.NoNewPrivileges, func(v bool) []string {
		if v {
			return []string{option(securityOpt, "no-new-privileges")}
		}
		return []string{option(securityOpt, "no-new-privileges=false")}
	})(s)
}

func readNoNewPrivileges(r *reading, v string) error {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	container.NoNewPrivileges.Set(r.spec, b, r.mark)
	return nil
}

// SeccompPath is the profile that the engine is told of; "" leaves it to the
// engine's default.
func SeccompPath(profile string) string {
	if profile == "default" {
		return ""
	}
	return profile
}

func writeSeccomp(s *container.Spec) []string {
	return known(container.SeccompProfile, func(v string) []string {
		if SeccompPath(v) == "" {
			return nil
		}
		return []string{option(securityOpt, "seccomp="+v)}
	})(s)
}

func readSeccomp(r *reading, v string) error {
	container.SeccompProfile.Set(r.spec, v, r.mark)
	return nil
}

func writeApparmor(s *container.Spec) []string {
	return known(container.Apparmor, func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{option(securityOpt, "apparmor="+v)}
	})(s)
}

func readApparmor(r *reading, v string) error {
	container.Apparmor.Set(r.spec, v, r.mark)
	return nil
}

// readSecurityOpt finds the row by the word before "=", or before ":" where
// there is no "=".
func readSecurityOpt(r *reading, v string) error {
	sep := "="
	if !strings.Contains(v, "=") {
		sep = ":"
	}
	word, value, has := strings.Cut(v, sep)
	if !has && word == "no-new-privileges" {
		value, has = "true", true
	}
	if !has {
		return fmt.Errorf("%q has no value", v)
	}
	if word == "systempaths" && value == "unconfined" {
		word, value = "unmask", "ALL"
	}
	var all []string
	for _, o := range r.table {
		if o.Name != securityOpt {
			continue
		}
		if o.Word == word {
			return o.read(r, value)
		}
		all = append(all, o.Word)
	}
	return fmt.Errorf("zlaunch has no setting for %q; it knows %q", word, all)
}
