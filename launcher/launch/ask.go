package launch

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/profile"
)

// Ask carries a detached plan out as [Runner.Launch] does, waits until it serves, sends it
// a request, and takes everything away again. Without a request the answer is empty: that it
// serves is all that is known then.
func Ask(ctx context.Context, r *Runner, p *plan.Plan, g *profile.Golden) (out derive.Answer, err error) {
	err = try(ctx, r, p, func(ctx context.Context, run *Run) error {
		if err := run.l.ready(ctx); err != nil {
			return err
		}
		if g != nil {
			out, err = run.golden(ctx, g)
		}
		return err
	})
	return out, err
}

// golden sends the request once, to the port of this host that leads to the profile's.
func (r *Run) golden(ctx context.Context, g *profile.Golden) (out derive.Answer, err error) {
	url := ""
	for _, u := range r.Plan.URLs() {
		if u.Name == g.Port {
			url = u.URL + g.Path
		}
	}
	if url == "" {
		return out, hint.Errorf(fmt.Sprintf("publish = [%q]", g.Port), "asking %s: its port %s is not published", r.Plan.Profile.Name, g.Port)
	}
	ctx, cancel := context.WithTimeout(ctx, g.Within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, g.Method, url, strings.NewReader(g.Body))
	if err != nil {
		return out, fmt.Errorf("asking %s: %w", r.Plan.Profile.Name, err)
	}
	if g.Type != "" {
		req.Header.Set("Content-Type", g.Type)
	}
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // the workload must not send this host's requests elsewhere
	resp, err := client.Do(req)
	if err != nil {
		return out, fmt.Errorf("asking %s: %w", r.Plan.Profile.Name, err)
	}
	defer resp.Body.Close()
	out.Status = resp.StatusCode
	out.Type, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type")) // "" where it is none
	out.Body, err = io.ReadAll(io.LimitReader(resp.Body, derive.MaxAnswer+1))
	if err == nil && len(out.Body) > derive.MaxAnswer {
		err = fmt.Errorf("its answer has more than %d bytes", derive.MaxAnswer)
	}
	if err != nil {
		return out, fmt.Errorf("asking %s: %w", r.Plan.Profile.Name, err)
	}
	return out, nil
}
