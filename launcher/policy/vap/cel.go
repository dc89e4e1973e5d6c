package vap

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kind is how a value of a pod is held against what a check wants.
type kind uint8

const (
	unsaid   kind = iota // no pod says it
	truth                // a bool
	texts                // a list of texts, of which each counts
	quantity             // an optional text: a quantity of Kubernetes
	number               // an int
)

// answer is how the checks on one setting are said.
type answer struct {
	of     kind
	cel    string // the value, in Podman's words, of the container c or of variables.pod
	known  string // what must be so for the value to be known; "" it always is
	closed string // which other roads to the same must be closed where a check says that there is no more
	nature string // why the value is the same in every pod; nothing is written then

	lost      string // what the API server cannot see of it, without a full stop
	losing    string // the tables whose checks lose that; "" all
	byDefault bool   // a check that the default meets loses nothing
	bare      bool   // of those that lose, nothing is written
	rest      string // what is seen of the value where something is lost; "" cel

	first int                                 // of a number, the least that is a limit
	judge func(table string, want any) string // in place of of and cel
}

func (a answer) loses(table string) bool {
	return a.lost != "" && (a.losing == "" || slices.Contains(strings.Fields(a.losing), table))
}

// condition is the validation of one check.
func (a answer) condition(table string, want any) string {
	parts := []string{a.known}
	if table != "at_least" && table != "include" {
		parts = append(parts, a.closed)
	}
	if a.judge != nil {
		parts = append(parts, a.judge(table, want))
	} else {
		parts = append(parts, a.compare(table, want))
	}
	return every(parts...)
}

func (a answer) compare(table string, want any) string {
	switch a.of {
	case truth:
		if want == true {
			return a.cel
		}
		return "!(" + a.cel + ")"
	case texts:
		return textsMeet(a.cel, table, want)
	case quantity:
		return quantityMeets(a.cel, table, want.(float64))
	case number:
		return numberMeets(a, table, want.(float64))
	}
	return "false"
}

// every joins conditions that must all hold.
func every(in ...string) string {
	in = slices.DeleteFunc(slices.Clone(in), func(s string) bool { return s == "" })
	return strings.Join(in, " &&\n")
}

// literal is a text of CEL, whatever is in it: the escapes of Go are those of CEL.
func literal(v string) string { return strconv.QuoteToASCII(v) }

func literals(in []string) string {
	out := make([]string, 0, len(in))
	for _, v := range in {
		out = append(out, literal(v))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// textsMeet holds texts against what a check wants.
func textsMeet(list, table string, want any) string {
	switch w := want.(type) {
	case string:
		return list + ".all(v, v == " + literal(w) + ")"
	case []string:
		if table == "include" {
			return literals(w) + ".all(w, w in " + list + ")"
		}
		return list + ".all(v, " + matches("v", w) + ")"
	}
	return "false"
}

// matches holds the text of an expression against patterns, as policy does: no star stands
// for "..", nor for a comma.
func matches(v string, patterns []string) string {
	var plain, ways []string
	for _, p := range patterns {
		if !strings.Contains(p, "*") {
			plain = append(plain, p)
			continue
		}
		parts := strings.Split(p, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		ways = append(ways, fmt.Sprintf(`!%s.contains("..") && !%s.contains(",") && %s.matches(%s)`, v, v, v, literal("^(?s:"+strings.Join(parts, ".*")+")$")))
	}
	if len(plain) > 0 || len(ways) == 0 {
		ways = append([]string{v + " in " + literals(plain)}, ways...)
	}
	return strings.Join(ways, " || ")
}

// quantityMeets holds a quantity against a bound, in whole parts: bytes, or thousandths of a
// processor. Less than one is none, and no limit; more than the reader of manifests counts is
// not known.
func quantityMeets(cel, table string, want float64) string {
	parts, suffix := 1.0, ""
	if strings.HasSuffix(cel, "cpu") {
		parts, suffix = 1000, "m"
	}
	compare := func(op string, than string) string {
		return "quantity(q).compareTo(quantity(" + literal(than+suffix) + ")) " + op + " 0"
	}
	bound := strconv.FormatFloat(whole(want*parts, table == "at_most"), 'f', -1, 64)
	if table == "at_most" {
		return cel + ".optMap(q, " + compare(">=", "1") + " && " + compare("<=", bound) + ").orValue(false)"
	}
	most := strconv.FormatInt(math.MaxInt64, 10)
	return cel + ".optMap(q, " + compare("<=", most) + " && (" + compare("<", "1") + " || " + compare(">=", bound) + ")).orValue(true)"
}

func whole(v float64, down bool) float64 {
	if down {
		return math.Floor(v)
	}
	return math.Ceil(v)
}

// numberMeets holds a number against a bound: below the first that counts, there is no limit.
func numberMeets(a answer, table string, want float64) string {
	bound := strconv.FormatFloat(whole(want, table == "at_most"), 'f', -1, 64)
	if table == "at_most" {
		return fmt.Sprintf("[%s].all(n, n >= %d && n <= %s)", a.cel, a.first, bound)
	}
	return fmt.Sprintf("[%s].all(n, n < %d || n >= %s)", a.cel, a.first, bound)
}
