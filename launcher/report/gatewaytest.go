package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/gateway/attack"
)

// GatewayTestSchema is the version of the JSON of gateway test.
const GatewayTestSchema = "zlaunch.dev/gateway-test/v1"

// GatewayTest is what became of attacks on a gateway, as JSON.
type GatewayTest struct {
	Schema   string          `json:"schema"`
	Gateway  string          `json:"gateway"`
	Began    string          `json:"began"` // RFC 3339
	Logs     []string        `json:"logs"`  // that show what arrives
	Allowed  []GatewayAttack `json:"allowed"`
	Attacks  []GatewayAttack `json:"attacks"`
	Counts   map[string]int  `json:"counts"` // of attacks, by verdict
	Failures bool            `json:"failed"`
}

// GatewayAttack is one attack, or an allowed call.
type GatewayAttack struct {
	ID      string   `json:"id"`
	Sent    string   `json:"sent"`
	Verdict string   `json:"verdict"` // refused, arrived, answered, unknown, not-played; of an allowed call passed or refused
	Answer  string   `json:"answer,omitempty"`
	By      []string `json:"by,omitempty"`  // what tells the verdict
	Why     string   `json:"why,omitempty"` // it is not known, or was not played
}

// NewGatewayTest is a report of attacks as it is printed.
func NewGatewayTest(r *attack.Report) GatewayTest {
	out := GatewayTest{Schema: GatewayTestSchema, Gateway: r.Gateway, Began: r.Began.UTC().Format("2006-01-02T15:04:05Z"),
		Logs: append([]string{}, r.Logs...), Allowed: gatewayAttacks(r.Controls), Attacks: gatewayAttacks(r.Attacks), Counts: map[string]int{}, Failures: r.Failed()}
	for _, a := range r.Attacks {
		out.Counts[string(a.Verdict)]++
	}
	return out
}

func gatewayAttacks(of []attack.Result) []GatewayAttack {
	out := []GatewayAttack{}
	for _, r := range of {
		out = append(out, GatewayAttack{r.ID, r.Title, string(r.Verdict), r.Reply, r.By, r.Why})
	}
	return out
}

// state is what a verdict means for the gateway.
func (a GatewayAttack) state() string {
	switch attack.Verdict(a.Verdict) {
	case attack.Refused, attack.Passed:
		return "pass"
	case attack.Arrived:
		return "fail"
	case attack.Answered:
		return "note"
	}
	return "unknown"
}

// Text writes what became of the attacks for a person.
func (g GatewayTest) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "ATTACK", most: 34}, {title: "STATE", means: true}, {title: "SENT", wraps: true, below: true}, {title: "BECAME", wraps: true}, {title: "TOLD BY", wraps: true, below: true}}}
	for _, a := range g.Allowed {
		state := a.state()
		if a.Verdict != string(attack.Passed) {
			state = "fail"
		}
		t.add(a.ID, state, a.Sent, became(a), strings.Join(a.By, ", "))
	}
	skipped := map[string]int{}
	var reasons []string
	for _, a := range g.Attacks {
		if a.Verdict == string(attack.NotPlayed) {
			if skipped[a.Why]++; skipped[a.Why] == 1 {
				reasons = append(reasons, a.Why)
			}
			continue
		}
		t.add(a.ID, a.state(), a.Sent, became(a), strings.Join(a.By, ", "))
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\n")
	for _, why := range reasons {
		b.WriteString(on.Hang("", Escape(fmt.Sprintf("not played: %d, for %s", skipped[why], why))))
	}
	b.WriteString(on.Hang("", Escape(g.summary())))
	_, err := io.WriteString(w, b.String())
	return err
}

func became(a GatewayAttack) string {
	word := a.Verdict
	if attack.Verdict(word) == attack.Arrived {
		word = "ARRIVED"
	}
	for _, more := range []string{a.Answer, a.Why} {
		if more != "" {
			word += ": " + more
		}
	}
	return word
}

// summary counts the attacks, or says why there are none.
func (g GatewayTest) summary() string {
	if len(g.Attacks) == 0 {
		return "not every allowed call got through, so that no refusal would prove anything: no attack was played on " + g.Gateway
	}
	n := func(v attack.Verdict) int { return g.Counts[string(v)] }
	return fmt.Sprintf("%d attacks on %s: %d refused, %d ARRIVED, %d answered otherwise, %d unknown, %d not played",
		len(g.Attacks), g.Gateway, n(attack.Refused), n(attack.Arrived), n(attack.Answered), n(attack.Unknown), n(attack.NotPlayed))
}
