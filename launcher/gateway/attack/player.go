package attack

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// Report is what became of everything that was played.
type Report struct {
	Gateway  string
	Began    time.Time
	Controls []Result // allowed calls, played before and after the attacks
	Attacks  []Result
	Logs     []string // that show what arrives
}

// Failed tells whether something arrived or is not known, or nothing was let through.
func (r *Report) Failed() bool {
	return slices.ContainsFunc(r.Attacks, func(a Result) bool { return a.Verdict.Bad() }) || !r.open()
}

// open tells whether every allowed call got through.
func (r *Report) open() bool {
	return len(r.Controls) > 0 && !slices.ContainsFunc(r.Controls, func(c Result) bool { return c.Verdict != Passed })
}

// Player plays attacks.
type Player struct {
	Only []Theme              // none: all
	Tell func(title string)   // what is being played; may be nil
	list func(Theme) []Attack // nil: all of the theme
}

// played is an attack and what came back, before it is judged.
type played struct {
	attack Attack
	play   *play
	reply  Reply
	lacks  string
}

// Play plays the attacks on a target, one after the other. An error is one of the play; that
// the gateway is open is in the report.
func (pl Player) Play(ctx context.Context, t *Target) (*Report, error) {
	run, err := newRun()
	if err != nil {
		return nil, err
	}
	r := &round{Player: pl, t: t, run: run, calls: callsOf(&t.Front), began: time.Now()}
	if r.calls.http == nil && r.calls.grpc == nil {
		return nil, errors.New("no call is allowed at this gateway, so that nothing tells a refusal from a gateway that is down")
	}
	out := &Report{Gateway: t.Front.Name, Began: r.began}
	before := r.controls(ctx)
	live, err := r.live(ctx, before)
	if err != nil {
		return nil, err
	}
	if out.Controls = before.results(live.trails, ""); !out.open() {
		return out, ctx.Err()
	}
	all := r.attacks(ctx)
	after := r.controls(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	end, err := r.live(ctx, append(before, after...))
	if err != nil {
		return nil, err
	}
	out.Controls = append(out.Controls, after.results(end.trails, "-after")...)
	out.Attacks, out.Logs = end.results(all), end.of("").names()
	return out, nil
}

// round is one run of a player on a target.
type round struct {
	Player
	t     *Target
	run   string
	calls calls
	began time.Time
	n     int // plays so far
}

func (r *round) next() *play {
	r.n++
	return &play{Target: r.t, calls: r.calls, marker: markerOf(r.run, r.n), patience: r.t.patience()}
}

func (r *round) tell(what string) {
	if r.Tell != nil {
		r.Tell(what)
	}
}

// attacks plays all that are asked for.
func (r *round) attacks(ctx context.Context) (out []played) {
	of := r.list
	if of == nil {
		of = list
	}
	for _, theme := range Themes {
		if len(r.Only) > 0 && !slices.Contains(r.Only, theme) {
			continue
		}
		for _, a := range of(theme) {
			if ctx.Err() != nil {
				return out
			}
			out = append(out, r.attack(ctx, a))
		}
	}
	return out
}

func (r *round) attack(ctx context.Context, a Attack) played {
	p := r.next()
	if a.needs != nil {
		if why := a.needs(p); why != "" {
			return played{attack: a, play: p, lacks: why}
		}
	}
	r.tell(a.ID + ": " + a.Title)
	out := played{attack: a, play: p, reply: a.send(ctx, p)}
	if a.judged == byCount {
		r.settle(ctx)
	}
	return out
}

// settleTime is how long a gateway may take until it serves again who was too many.
const settleTime = 40 * time.Second

// settle waits until allowed calls get through again, twice with a pause between. That they
// do not, the controls at the end tell.
func (r *round) settle(ctx context.Context) {
	well := 0
	for end := time.Now().Add(settleTime); time.Now().Before(end) && ctx.Err() == nil && well < 2; {
		well++
		for _, c := range r.controls(ctx) {
			if v, _ := passed(c.reply, trail{}); v != Passed {
				well = 0
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(r.t.pause()):
		}
	}
}

// evidence is what the logs have after the controls were played.
type evidence struct {
	*trails
	http, grpc logs
}

// of are the logs that show what arrives by a protocol, or by the other where nothing of
// that one can be played.
func (e *evidence) of(p gateway.Protocol) logs {
	if p == gateway.GRPC && e.grpc != (logs{}) || e.http == (logs{}) {
		return e.grpc
	}
	return e.http
}

// logTime is how long a line may take into a log.
const logTime = 10 * time.Second

// live reads the logs until they have the controls, or will not have them.
func (r *round) live(ctx context.Context, all controls) (*evidence, error) {
	var out *evidence
	for end := time.Now().Add(logTime); ; {
		t, err := r.t.gather(ctx, r.run, r.began)
		if err != nil {
			return nil, err
		}
		out = &evidence{t, t.live(all.markers(gateway.HTTP)), t.live(all.markers(gateway.GRPC))}
		if r.complete(out, all) || time.Now().After(end) {
			return out, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(r.t.pause() / 4):
		}
	}
}

// complete tells whether each log that there is has every control, so that waiting brings
// nothing.
func (r *round) complete(e *evidence, all controls) bool {
	for _, p := range []gateway.Protocol{gateway.HTTP, gateway.GRPC} {
		l := e.http
		if p == gateway.GRPC {
			l = e.grpc
		}
		if len(all.markers(p)) > 0 && (r.t.Gateway != nil && !l.gateway || r.t.Server != nil && !l.server) {
			return false
		}
	}
	return true
}

func (e *evidence) results(all []played) (out []Result) {
	for _, p := range all {
		res := Result{ID: p.attack.ID, Title: p.attack.Title, Reply: p.reply.String()}
		switch {
		case p.lacks != "":
			res.Verdict, res.Why = NotPlayed, p.lacks
		case p.attack.judged == byHeaders:
			res.Verdict, res.By, res.Why = p.play.judgeHeaders(p.reply)
		default:
			live := e.of(cmp.Or(p.attack.protocol, gateway.HTTP))
			res.Verdict, res.By, res.Why = p.attack.judge(p.reply, e.trails.of[p.play.marker], e.trails.of[p.play.inner()], live)
		}
		out = append(out, res)
	}
	return out
}
