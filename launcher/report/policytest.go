package report

import (
	"fmt"
	"io"
	"strings"
)

// PolicyTestSchema is the version of the JSON of policy test.
const PolicyTestSchema = "zlaunch.dev/policy-test/v1"

// PolicyTest is what a policy made of the cases of a directory.
type PolicyTest struct {
	Schema string       `json:"schema"`
	Digest string       `json:"policy"` // that was tested, "sha256:…"
	Cases  []PolicyCase `json:"cases"`
}

// PolicyCase is one case. It is as expected where the last three are empty.
type PolicyCase struct {
	File    string   `json:"file"`
	Name    string   `json:"case"`
	Refused []string `json:"refused,omitempty"` // checks that refused, and were not to
	Passed  []string `json:"passed,omitempty"`  // checks that were to refuse, and did not
	Error   string   `json:"error,omitempty"`   // why it could not be tried
}

func (c PolicyCase) failed() bool { return len(c.Refused)+len(c.Passed) > 0 || c.Error != "" }

// Failed is how many cases are not as expected.
func (p PolicyTest) Failed() (n int) {
	for _, c := range p.Cases {
		if c.failed() {
			n++
		}
	}
	return n
}

// Text writes the cases for a person.
func (p PolicyTest) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "CASE", most: 30}, {title: "STATE", means: true}, {title: "IN", most: 40}, {title: "WHAT", wraps: true, below: true}}}
	for _, c := range p.Cases {
		state, said := "pass", []string{}
		if c.failed() {
			state = "fail"
		}
		for _, r := range c.Refused {
			said = append(said, "refused by "+r)
		}
		for _, r := range c.Passed {
			said = append(said, "not refused by "+r)
		}
		t.add(c.Name, state, c.File, strings.Trim(strings.Join(append(said, c.Error), "; "), "; "))
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d cases, %d not as expected\n", len(p.Cases), p.Failed())
	return err
}
