package exposure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// Grammar is the grammar of assertions, for help.
const Grammar = `RULES are parted by semicolons. Each is a SUBJECT, a colon, and none or ITEMS parted by commas. SUBJECT is lan, host, users, containers or egress. An ITEM is PORT, NAME or NAME:PORT; of egress it is WAY, NAME or NAME:WAY, where WAY is outside, names, loopback, host, metadata or networks.`

// Subjects are whom a rule may be about. Treat it as a constant.
var Subjects = []string{"lan", "host", "users", "containers", "egress"}

// Rules assert what is exposed: nothing, but what an item of the subject's rule names.
type Rules []Rule

// Rule is what one subject may reach, or for egress what may be reached.
type Rule struct {
	Subject string
	Items   []Item // none: nothing at all
}

// Item lets one thing through; an empty field any.
type Item struct {
	Name string // of a container
	Port uint16 // as the subject sees it: of this host, or of the container's network
	Way  string
}

// maxRules bounds the text of rules.
const maxRules = 16 << 10

var containerName = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

// ParseRules reads rules; see [Grammar].
func ParseRules(text string) (Rules, error) {
	if len(text) > maxRules {
		return nil, fmt.Errorf("reading the assertion: it is longer than %d bytes", maxRules)
	}
	var out Rules
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		r, err := parseRule(part)
		if err != nil {
			return nil, hint.Errorf(`zlaunch exposure --assert "lan: none; egress: none"`, "reading the assertion: %w", err)
		}
		if slices.ContainsFunc(out, func(o Rule) bool { return o.Subject == r.Subject }) {
			return nil, fmt.Errorf("reading the assertion: %s has two rules", r.Subject)
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, hint.Errorf(`zlaunch exposure --assert "lan: none; egress: none"`, "reading the assertion: it has no rule")
	}
	return out, nil
}

func parseRule(text string) (Rule, error) {
	subject, list, found := strings.Cut(text, ":")
	r := Rule{Subject: strings.TrimSpace(subject)}
	if !found || !slices.Contains(Subjects, r.Subject) {
		return r, fmt.Errorf("%q is no rule: it begins with one of %s, and a colon", strings.TrimSpace(text), strings.Join(Subjects, ", "))
	}
	if strings.TrimSpace(list) == "none" {
		return r, nil
	}
	for word := range strings.SplitSeq(list, ",") {
		item, err := parseItem(r.Subject, strings.TrimSpace(word))
		if err != nil {
			return r, err
		}
		r.Items = append(r.Items, item)
	}
	return r, nil
}

func parseItem(subject, word string) (Item, error) {
	name, rest, both := strings.Cut(word, ":")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if !both {
		if item, ok := thing(subject, name); ok {
			return item, nil
		}
	}
	item, ok := Item{}, true
	if both {
		item, ok = thing(subject, rest)
	}
	item.Name = name
	switch {
	case name == "none":
		return item, fmt.Errorf("%s: none stands alone", subject)
	case !ok || !containerName().MatchString(name), !both && strings.Trim(name, "0123456789") == "": // no port, and meant for one
		return item, fmt.Errorf("%s: %q is no item", subject, word)
	}
	return item, nil
}

// thing reads a port, or for egress a way.
func thing(subject, word string) (Item, bool) {
	if subject == "egress" {
		return Item{Way: word}, slices.Contains(Ways, word)
	}
	n, err := strconv.ParseUint(word, 10, 16)
	return Item{Port: uint16(n)}, err == nil && n > 0
}

// String writes the rules as [ParseRules] reads them.
func (rs Rules) String() string {
	var rules []string
	for _, r := range rs {
		items := []string{}
		for _, i := range r.Items {
			items = append(items, i.String())
		}
		if len(items) == 0 {
			items = []string{"none"}
		}
		rules = append(rules, r.Subject+": "+strings.Join(items, ", "))
	}
	return strings.Join(rules, "; ")
}

func (i Item) String() string {
	what := i.Way
	if i.Port != 0 {
		what = strconv.Itoa(int(i.Port))
	}
	if i.Name != "" && what != "" {
		return i.Name + ":" + what
	}
	return i.Name + what
}
