package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/record"
)

// The versions of the JSON of stacks.
const (
	UpSchema        = "zlaunch.dev/up/v1"
	StackPlanSchema = "zlaunch.dev/stack-plan/v1"
)

// Up is a stack that came up.
type Up struct {
	Schema  string          `json:"schema"`
	Stack   string          `json:"stack"`
	File    string          `json:"file"`
	Members []record.Record `json:"members"` // in their order; each says which it is
}

// StackPlan is the plan of each member of a stack, in their order.
type StackPlan struct {
	Schema   string       `json:"schema"`
	Stack    string       `json:"stack"`
	File     string       `json:"file"`
	Networks [][]string   `json:"network_create"` // the podman lines that make its networks
	Members  []MemberPlan `json:"members"`
}

// MemberPlan is the plan of one member.
type MemberPlan struct {
	Member string   `json:"member"`
	After  []string `json:"after,omitempty"` // members that serve before it starts
	Plan   Plan     `json:"plan"`
}

// Refused tells whether zlaunch up would refuse it.
func (s StackPlan) Refused() bool {
	for _, m := range s.Members {
		if m.Plan.Refused() {
			return true
		}
	}
	return false
}

// Text writes the networks, and each plan as that of a single run.
func (s StackPlan) Text(w io.Writer, on Screen) error {
	var b strings.Builder
	for _, line := range s.Networks {
		fmt.Fprintln(&b, Escape(strings.Join(line, " ")))
	}
	b.WriteString("\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	for _, m := range s.Members {
		title := fmt.Sprintf("member %s of %s", m.Member, s.Stack)
		if len(m.After) > 0 {
			title += ", after " + strings.Join(m.After, ", ")
		}
		if _, err := io.WriteString(w, Escape(title)+"\n\n"); err != nil {
			return err
		}
		if err := m.Plan.Text(w, on); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return nil
}
