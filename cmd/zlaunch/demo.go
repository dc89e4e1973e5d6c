package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/cmd/zlaunch-demo/server"
	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdDemo = &command{
	usage: "demo [OPTION]...",
	short: "show a whole run, without a registry",
	long: `Builds the image of the profile demo, in which zlaunch itself is a small model server, writes a model that only you can read, plans and launches the profile with it, asks it one question, lists it and stops it. Nothing is fetched. The image localhost/zlaunch-demo stays, for zlaunch run demo; the rest is gone afterwards.

On a host that cannot enforce limits for an ordinary user the launch is refused first, and then goes on with that one waiver.`,
	example: []string{"zlaunch demo"},
	reaps:   true,
	bind: func(fs *pflag.FlagSet) runFunc {
		var engine engineOptions
		engine.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			if err := args.none(); err != nil {
				return err
			}
			l, done, err := std.launcher(ctx, engine, func() (*profile.Catalog, error) {
				return std.catalog(projectOptions{ignore: true}, "demo")
			})
			if err != nil {
				return err
			}
			defer done()
			dir, err := os.MkdirTemp(std.home, "zlaunch-demo.") // no hidden one: what hides in a home is not relabelled
			if err != nil {
				return fmt.Errorf("making room for the demo: %w", err)
			}
			defer os.RemoveAll(dir)
			return (&demo{std, l, dir}).run(ctx)
		}
	},
}

// demo is one demonstration.
type demo struct {
	*stdio
	l   *launcher.Launcher
	dir string // for the image's files and the model; gone afterwards
}

func (d *demo) title(text string) { fmt.Fprintf(d.err, "\n== %s\n", text) }

// typed shows a command line that does what follows.
func (d *demo) typed(line string) { fmt.Fprintf(d.err, "$ %s\n", line) }

func (d *demo) run(ctx context.Context) error {
	d.title("the image, built from scratch: zlaunch itself is its server")
	if err := d.build(ctx); err != nil {
		return err
	}
	d.title("a model only you can read")
	models := filepath.Join(d.dir, "models")
	if err := private(models); err != nil {
		return err
	}
	options := launcher.Options{Profile: "demo", Models: models, Detach: true}
	d.title("the plan: every setting, where it came from, and why")
	d.typed("zlaunch plan demo --models ./models")
	plan, err := d.plan(ctx, &options)
	if err != nil {
		return err
	}
	d.title("the launch: created, proved, started, ready")
	d.typed("zlaunch run -d demo --models ./models" + waiving(options))
	run, err := d.l.Launch(ctx, plan)
	if err != nil {
		return err
	}
	d.progress.clear()
	return errors.Join(d.shown(ctx, run), d.stop(ctx, run.Name, "zlaunch run demo --models PATH"+waiving(options)))
}

// plan plans and shows it; where limits cannot be enforced, and nothing else stands against
// the run, again with that waived.
func (d *demo) plan(ctx context.Context, o *launcher.Options) (*launcher.Plan, error) {
	plan, err := d.l.Plan(ctx, *o)
	if err != nil {
		return nil, err
	}
	doc, err := planReport(plan)
	if err == nil {
		err = doc.Text(d.page, d.screen)
	}
	other := func(p audit.Problem) bool { return p.Fatal && p.Control != audit.LimitsEnforceable.ID }
	switch refusal := plan.Refusal(); {
	case err != nil || refusal == nil:
		return plan, err
	case slices.ContainsFunc(plan.Problems, other):
		return nil, refusal
	}
	d.title("zlaunch refused it: limits cannot be enforced for this user on this host (" + audit.LimitsEnforceable.ID + ")")
	fmt.Fprintln(d.err, "zlaunch doctor says what is missing. The demo goes on with that one waiver, and only that.")
	o.Waive = []string{audit.LimitsEnforceable.ID + "=demo on a host without delegated cgroup controllers"}
	if plan, err = d.l.Plan(ctx, *o); err != nil {
		return nil, err
	}
	return plan, plan.Refusal()
}

func waiving(o launcher.Options) string {
	var out string
	for _, w := range o.Waive {
		id, reason, _ := strings.Cut(w, "=")
		out += fmt.Sprintf(" --waive %s=%q", id, reason)
	}
	return out
}

// shown reports the run, asks it and lists it.
func (d *demo) shown(ctx context.Context, run *launcher.Run) error {
	if err := runReport(d.l, run).Text(d.errPage, d.errScreen); err != nil {
		return err
	}
	url := strings.TrimSuffix(address(run), "/") + "/v2/models/iris/infer"
	d.title("one question: which iris has these four measures?")
	d.typed("curl -d '" + question + "' " + url)
	answer, err := asked(ctx, url)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out, strings.TrimSpace(answer))
	d.title("what runs, and stopping it")
	d.typed("zlaunch ps")
	return listRuns(ctx, d.stdio, d.l, nil, false)
}

const question = `{"inputs": [{"name": "features", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]}]}`

// mostAnswer bounds what is read of an answer, in bytes.
const mostAnswer = 64 << 10

// asked asks the server its question, past any proxy: it is on this host.
func asked(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(question))
	if err != nil {
		return "", fmt.Errorf("asking the demo: %w", err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return "", fmt.Errorf("asking the demo: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err == nil && !bytes.Contains(answer, []byte(`"setosa"`)) {
		err = fmt.Errorf("%s: %q", resp.Status, report.Escape(string(answer)))
	}
	if err != nil {
		return "", fmt.Errorf("asking the demo: %w", err)
	}
	return string(answer), nil
}

// stop stops the run, also where the demo was interrupted, and says what to type next.
func (d *demo) stop(ctx context.Context, name, next string) error {
	d.typed("zlaunch stop " + name)
	ctx = context.WithoutCancel(ctx)
	r, err := d.l.One(ctx, name)
	if err == nil {
		err = d.l.Stop(ctx, r)
	}
	if err == nil {
		d.title("of the run nothing is left; the image stays, to try with models of your own, each as PATH/NAME/1/model.json")
		d.typed(next)
	}
	return err
}

// private writes the demo's models for the caller alone.
func private(dir string) error {
	models, err := server.Repository()
	if err == nil {
		err = os.CopyFS(dir, models)
	}
	if err != nil {
		return fmt.Errorf("writing the demo's model: %w", err)
	}
	return filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		mode := os.FileMode(0o600)
		if err == nil && e.IsDir() {
			mode = 0o700
		}
		return errors.Join(err, os.Chmod(path, mode))
	})
}
