package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/scan"
	"github.com/zlaunch/zlaunch/launcher/scan/gate"
)

// Scanned is what is known of what scanners found in the image of a run.
type Scanned struct {
	Image   scan.Image     // the zero value: not known
	Scans   []*scan.Scan   // its records
	Unread  error          // why there may be more
	Waivers []audit.Waiver // of findings
}

// imagePath is the setting that findings of an image are told at.
var imagePath = container.Path{Key: container.Image.Key()}

// scanRules are those of one [scan] table: its keys are read one by one, and judged
// together.
type scanRules struct {
	gate.Rules
	keys []string // that the table has
}

// scanKeys are the keys of [scan], and what each makes of the rules. Those without a rule of
// their own say how others are meant.
var scanKeys = map[string]func(r *scanRules, want any) (says string, err error){
	"required":       (*scanRules).required,
	"max_age":        (*scanRules).maxAge,
	"db_max_age":     (*scanRules).dbMaxAge,
	"severity":       (*scanRules).severity,
	"fixable_only":   (*scanRules).fixableOnly,
	"kev":            (*scanRules).kev,
	"severity_order": (*scanRules).order,
	"tools":          (*scanRules).tools,
}

// scanDemands are the keys of one [scan] table.
func scanDemands() map[string]demand {
	r := &scanRules{}
	out := map[string]demand{}
	for name, read := range scanKeys {
		out[name] = func(want any) (string, judge, error) {
			says, err := read(r, want)
			r.keys = append(r.keys, name)
			slices.Sort(r.keys)
			return says, func(s *Subject) []violation { return r.judge(name, s) }, err
		}
	}
	return out
}

func (r *scanRules) required(want any) (string, error) {
	if r.Required, _ = want.(bool); !r.Required {
		return "", wanted("true", want)
	}
	return "a scanner must have looked at the image", nil
}

func (r *scanRules) maxAge(want any) (says string, err error) {
	r.MaxAge, err = daysOf(want)
	return "the scan of the image must be at most " + shownWant(want) + " old", err
}

func (r *scanRules) dbMaxAge(want any) (says string, err error) {
	r.DBMaxAge, err = daysOf(want)
	return "the scanner's database must be at most " + shownWant(want) + " old", err
}

// maxAge is the most days that an age of a scan can be given as.
const maxAge = 366

// daysOf reads days, as "7d".
func daysOf(want any) (time.Duration, error) {
	text, _ := want.(string)
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 1 || days > maxAge {
		return 0, wanted(`days from "1d" to "366d"`, want)
	}
	return time.Duration(days) * 24 * time.Hour, nil
}

func (r *scanRules) severity(want any) (says string, err error) {
	text, _ := want.(string)
	if r.Severity, err = scan.ParseSeverity(text); err != nil || r.Severity == scan.Unknown || text != string(r.Severity) {
		return "", wanted("critical, high, medium, low or negligible", want)
	}
	return "no finding of the image must be " + text + " or worse", nil
}

func (r *scanRules) fixableOnly(want any) (string, error) {
	var ok bool
	if r.FixableOnly, ok = want.(bool); !ok {
		return "", wanted("true or false", want)
	}
	return fmt.Sprintf("scan.severity is about findings that something mends: %v", want), nil
}

func (r *scanRules) kev(want any) (string, error) {
	if r.KEV, _ = want.(bool); !r.KEV {
		return "", wanted("true", want)
	}
	return "no finding of the image must be known to be exploited", nil
}

func (r *scanRules) order(want any) (string, error) {
	texts, err := textsOf(want)
	if err == nil {
		r.Order = texts
		err = r.Order.Check()
	}
	return "severity must be that of " + shownWant(want), err
}

func (r *scanRules) tools(want any) (string, error) {
	texts, err := textsOf(want)
	if r.Tools = texts; err == nil && len(texts) == 0 {
		err = wanted("a list of scanners", want)
	}
	if err == nil {
		err = scan.CheckTools(texts)
	}
	return "the image must be scanned by " + shownWant(want), err
}

// judge gives what of a key's rule is broken. What no rule of its own is about, that there is
// a scan that can be used, the first of the keys that ask for one says.
func (r *scanRules) judge(key string, s *Subject) []violation {
	if s.Prisoner || s.Trial {
		return nil
	}
	if s.Scanned.Unread != nil {
		return []violation{unknown(imagePath, "its records cannot be read: "+s.Scanned.Unread.Error())}
	}
	verdict := gate.Judge(s.Scanned.Image, s.Scanned.Scans, r.Rules, s.Scanned.Waivers, s.now)
	var of []gate.Reason
	for _, reason := range verdict.Reasons {
		if string(reason.Rule) == key || !slices.Contains(r.keys, string(reason.Rule)) && key == r.speaker() {
			of = append(of, reason)
		}
	}
	if len(of) == 0 {
		return nil
	}
	v := violation{at: imagePath, got: of[0].Text, open: true, fix: of[0].Hint}
	if len(of) > 1 {
		v.got = fmt.Sprintf("%d things stand against it, the first: %s", len(of), of[0].Text)
		v.fix += "\nzlaunch scan show " + s.Scanned.Image.String()
	}
	for _, reason := range of {
		v.open = v.open && reason.Open
	}
	return []violation{v}
}

// speaker is the first key that asks for a scan.
func (r *scanRules) speaker() string {
	for _, key := range r.keys {
		if key != "fixable_only" && key != "severity_order" {
			return key
		}
	}
	return ""
}
