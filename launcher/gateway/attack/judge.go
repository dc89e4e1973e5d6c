package attack

import "slices"

// Result is what became of an attack, or of a call that is allowed.
type Result struct {
	ID      string
	Title   string
	Verdict Verdict
	Reply   string   // what the client saw
	By      []string // what tells it: answer, gateway's log, server's log, server, the answers after it
	Why     string   // it was not played, or nobody knows
}

// What tells a verdict.
const (
	byAnswer     = "answer"
	byGatewayLog = "gateway's log"
	byServerLog  = "server's log"
	byServer     = "server"
	byAnswers    = "the answers after it"
)

// judge says what became of an attack, by what the client saw and what the logs show.
func (a *Attack) judge(r Reply, left, hidden trail, live logs) (Verdict, []string, string) {
	switch a.judged {
	case byInner:
		return a.judgeInner(r, left, hidden, live)
	case byCount:
		return judgeCount(r)
	case byEnd:
		left = trail{stopped: left.stopped}
	}
	if by := left.arrived(); by != nil {
		return Arrived, by, ""
	}
	refused := a.refused.refuses(r)
	switch {
	case refused && (r.early() || a.judged == byEnd):
		return Refused, []string{byAnswer}, ""
	case a.judged == byEnd && len(r.Statuses) > 0:
		return Arrived, []string{byAnswer}, ""
	case !live.gateway:
		return Unknown, nil, "no log of the gateway's shows what it lets through: the server may have refused it"
	case refused:
		return Refused, append([]string{byAnswer}, live.names()...), ""
	case len(r.Statuses) > 0 || left.stopped:
		return Answered, live.names(), ""
	}
	return Unknown, nil, "it was neither refused nor did it arrive"
}

// judgeInner judges a request that is hidden in another, which may arrive itself. The
// gateway's log does not show what it did not take for a request: only that it stopped the
// one or the other, the server's that it never came.
func (a *Attack) judgeInner(r Reply, left, hidden trail, live logs) (Verdict, []string, string) {
	outer := left.arrived() == nil && len(r.Statuses) < 2 && a.refused.refuses(r)
	switch {
	case hidden.arrived() != nil:
		return Arrived, hidden.arrived(), ""
	case r.Fault != "" || r.Silent:
		return Unknown, nil, "there was no answer"
	case live.server:
		return Refused, []string{byServerLog}, ""
	case live.gateway && (hidden.stopped || left.stopped || outer):
		return Refused, []string{byAnswer, byGatewayLog}, ""
	case live.gateway && r.inStep():
		return Refused, []string{byAnswers, byGatewayLog}, ""
	}
	return Unknown, nil, "the outer request was let through, and the server logs no requests"
}

func judgeCount(r Reply) (Verdict, []string, string) {
	switch c := r.Count; {
	case c == nil || c.Passed == 0:
		return Unknown, nil, "not one was let through, so that nothing was counted"
	case c.Passed > c.Most:
		return Arrived, []string{byAnswer}, ""
	case c.Refused == 0:
		return Unknown, nil, "none was refused"
	}
	return Refused, []string{byAnswer}, ""
}

// arrived tells which logs have it that a request arrived; nil: none.
func (t trail) arrived() (by []string) {
	if t.forwarded {
		by = append(by, byGatewayLog)
	}
	if t.server {
		by = append(by, byServerLog)
	}
	return by
}

func (l logs) names() (out []string) {
	if l.gateway {
		out = append(out, byGatewayLog)
	}
	if l.server {
		out = append(out, byServerLog)
	}
	return out
}

// passed judges an allowed call: it got through where a log has it, or where the server can
// only have answered so.
func passed(r Reply, left trail) (Verdict, []string) {
	if by := left.arrived(); by != nil && len(r.Statuses) > 0 {
		return Passed, append([]string{byAnswer}, by...)
	}
	if len(r.Statuses) > 0 && (r.GRPC != "" || !slices.ContainsFunc(r.Statuses, func(s int) bool { return s < 200 || s > 299 })) {
		return Passed, []string{byAnswer}
	}
	return Refused, []string{byAnswer}
}
