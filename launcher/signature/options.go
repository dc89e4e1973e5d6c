package signature

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// options reads the options before a key, `namespaces="…",valid-before="…"`, and gives
// what follows them. Names are of either case, and values stand in quotes, as ssh wants them.
func (a *allowed) options(text string, zone *time.Location) (rest string, err error) {
	seen := map[string]bool{}
	for rest = text; ; rest = rest[1:] {
		end := strings.IndexAny(rest, "=, \t")
		if end < 0 {
			return "", errors.New("no key behind the options")
		}
		name, value := strings.ToLower(rest[:end]), ""
		rest = rest[end:]
		if seen[name] {
			return "", fmt.Errorf("option %.60q twice", name)
		}
		seen[name] = true
		if rest[0] == '=' {
			if value, rest, err = quoted(rest[1:]); err != nil {
				return "", fmt.Errorf("option %.60q: %w", name, err)
			}
		}
		if err := a.option(name, value, zone); err != nil {
			return "", err
		}
		if rest == "" || rest[0] == ' ' || rest[0] == '\t' {
			break
		}
		if rest[0] != ',' {
			return "", fmt.Errorf("text behind the value of option %.60q", name)
		}
	}
	if !a.before.IsZero() && !a.after.Before(a.before) {
		return "", errors.New("valid-before is not later than valid-after")
	}
	return strings.TrimLeft(rest, " \t"), nil
}

func (a *allowed) option(name, value string, zone *time.Location) (err error) {
	switch name {
	case "namespaces":
		a.namespaces, err = parsePatterns(value)
	case "valid-after":
		a.after, err = parseTime(value, zone)
	case "valid-before":
		a.before, err = parseTime(value, zone)
	case "cert-authority":
		return errors.New("cert-authority is not supported: name the keys themselves")
	default:
		return fmt.Errorf("unknown option %.60q", name)
	}
	if err != nil {
		return fmt.Errorf("option %s: %w", name, err)
	}
	return nil
}

// quoted reads a value in double quotes, in which \" is one.
func quoted(text string) (value, rest string, err error) {
	if text == "" || text[0] != '"' {
		return "", "", errors.New(`its value must stand in quotes: "…"`)
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], `\"`):
			i++
			b.WriteByte('"')
		case text[i] == '"':
			return b.String(), text[i+1:], nil
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", errors.New("no closing quote")
}

// parseTime reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z or UTC behind it in UTC.
func parseTime(text string, zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.Local
	}
	digits := strings.ToUpper(text)
	for _, utc := range []string{"UTC", "Z"} {
		if bare, ok := strings.CutSuffix(digits, utc); ok {
			digits, zone = bare, time.UTC
			break
		}
	}
	layout := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}[len(digits)]
	at, err := time.ParseInLocation(layout, digits, zone)
	// Before 1970 a time is none to ssh, and one of the year 1 would be none here.
	if err != nil || layout == "" || at.Year() < 1970 || strings.Trim(digits, "0123456789") != "" {
		return time.Time{}, fmt.Errorf("%.40q is not YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z]", text)
	}
	return at, nil
}
