package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form/podmanrun"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/profile"
	"github.com/zlaunch/zlaunch/launcher/report"
)

var cmdRun = &command{
	usage: "run [OPTION]... PROFILE [-- ARG...]",
	short: "run a profile under Podman, hardened and proved",
	long: `Works out the run that PROFILE and the options ask for, checks host and data, and refuses with the reason and the next step where something stands against it. Then it creates the container, has the runtime set it up without running the workload, and holds the OCI configuration and the kernel's own record against the plan: a difference removes the container. Only then the workload starts, and zlaunch waits until it serves.

Without --detach, zlaunch hands over to podman start --attach, so that terminal, signals and exit status are Podman's own; the container and its network are gone afterwards. With --detach, standard output is the URL alone, or the container's id where there is none; a server that nobody gave a --name is refused while an equal one serves.

Options may stand before or after PROFILE. Only what follows -- is the workload's: a server or a notebook gets it behind the profile's own arguments, a job or a shell instead of them.

--gpu gives the workload an accelerator that the Container Device Interface (CDI) knows: without a name the only one of this host that the profile has an image for, else --gpu nvidia.com/gpu=0, as often as there are. What the vendor's specification in /etc/cdi or /var/run/cdi brings with it - nodes, mounts, variables, and hooks, which run on the host as you - is listed by zlaunch-plan(1) with the file that says so, and proved like the rest. Podman needs such a file: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml writes that of NVIDIA's cards.

A directory's own ./profiles.toml counts once it was approved (see zlaunch-approve(1)).`,
	example: []string{
		"zlaunch run triton --models ./m",
		"zlaunch run -d triton --models ./m -p 9000:http",
		"zlaunch run -d vllm --models ./llama --gpu",
		`zlaunch run python -it --waive ZL-104="no delegated controllers on this host" -- python3 -i`,
	},
	workload: true,
	reaps:    true,
	complete: completeProfiles,
	bind: func(fs *pflag.FlagSet) runFunc {
		o := bindRun(fs)
		o.front.bind(fs)
		json := fs.Bool("json", false, "with --detach: print the launch record as JSON")
		dry := fs.Bool("dry-run", false, "show the plan and run nothing, as zlaunch plan does")
		return func(ctx context.Context, std *stdio, args arguments) error {
			if *json && !o.Detach && !*dry {
				return &usageError{errors.New("--json needs --detach: an attached workload has standard output")}
			}
			options, err := o.options(std, args)
			if err != nil {
				return err
			}
			if s, err := o.front.behind(options); s != nil || err != nil {
				switch {
				case err != nil:
					return err
				case *dry:
					return printStack(ctx, std, stackPlan{o: o, json: *json}, s)
				}
				return runGuarded(ctx, std, o, s, *json)
			}
			if !*dry {
				return run(ctx, std, o, options, *json)
			}
			return planRun(ctx, std, stackPlan{o: o, json: *json}, options)
		}
	},
}

// runOptions are the options that run and plan share.
type runOptions struct {
	launcher.Options
	failOn  string
	policy  []string // files
	front   guardOptions
	removed *bool // what podman-run has to be asked for
	engine  engineOptions
	project projectOptions
}

func bindRun(fs *pflag.FlagSet) *runOptions {
	o := &runOptions{}
	fs.BoolVarP(&o.Detach, "detach", "d", false, "leave it running once it serves, and print its URL")
	fs.StringVar(&o.Models, "models", "", "give the workload the model tree or file at `PATH`, read-only; or the model of the store that a reference names, oci://HOST/REPOSITORY")
	fs.StringVar(&o.ModelDigest, "model-digest", "", "refuse models that are not `DIGEST`, as zlaunch model digest prints it")
	fs.StringArrayVar(&o.ModelTrust.Keys, "model-key", nil, "refuse models that the public key in `FILE` did not sign, or another that is named so")
	fs.StringArrayVar(&o.ModelTrust.Authorities, "model-authority", nil, "refuse models that nobody signed whom the authority in `FILE` vouches for")
	fs.StringVar(&o.ModelTrust.Signature, "model-signature", "", "the signature of the models is in `FILE` (default PATH.sig)")
	fs.StringVar(&o.Output, "output", "", "let a job write its results to directory `PATH`")
	bindGPU(fs, &o.GPU)
	fs.StringArrayVarP(&o.Publish, "publish", "p", nil, "publish a port of the profile as `[ADDRESS:]HOST:NAME`, on 127.0.0.1 unless ADDRESS is given")
	fs.StringVar(&o.Network, "network", "", "join `NETWORK` instead of the run's own")
	fs.StringArrayVarP(&o.Env, "env", "e", nil, "set a variable: `NAME[=VALUE]`, without VALUE the caller's")
	fs.StringArrayVar(&o.Secret, "secret", nil, "give a podman secret: `SECRET[,OPT=...]` as podman-run takes it")
	fs.StringVar(&o.Memory, "memory", "", "limit memory and swap together to `SIZE`, as 8g")
	fs.Var(processors(&o.Cpus), "cpus", "limit the processors to `NUMBER`, as 1.5")
	fs.StringVar(&o.Name, "name", "", "call the container `NAME`")
	fs.StringVar(&o.Image, "image", "", "run `IMAGE` instead of the profile's")
	fs.StringVar(&o.Pull, "pull", "", "pull the image by `POLICY`: missing, never, newer or always")
	fs.Var(wait(&o.ReadyTimeout), "ready-timeout", "wait at most `DURATION` for it to serve, as 5m (default the profile's)")
	fs.StringArrayVar(&o.Waive, "waive", nil, "let one control fail, for a reason that is recorded: `ID[@SETTING]=REASON`")
	fs.StringVar(&o.failOn, "fail-on", "", "stop at findings of `SEVERITY` and above: low, medium, high (the default) or critical")
	fs.StringArrayVar(&o.policy, "policy", nil, "refuse also what the policy in `FILE` forbids, beside that of this host")
	fs.StringArrayVar(&o.PodmanArgs, "podman-arg", nil, "add one `ARG` of podman-run, option and value joined by =; it is judged and proved like the rest")
	fs.BoolVarP(&o.Interactive, "interactive", "i", false, "keep standard input open")
	fs.BoolVarP(&o.Tty, "tty", "t", false, "give the workload a terminal")
	o.removed = quietly(fs, "rm", "", true, "remove the container when it ends, as every run does")
	o.project.bind(fs)
	o.engine.bind(fs)
	return o
}

// options are the launcher's options for a command line.
func (o *runOptions) options(std *stdio, args arguments) (launcher.Options, error) {
	out := o.Options
	switch len(args.words) {
	case 0:
		return out, &usageError{hint.Errorf("zlaunch list", "no profile is named")}
	case 1:
	default:
		next := "what the workload is to get stands behind --"
		if line, err := podmanrun.Line(slices.Insert(slices.Clone(args.words), 1, "--")); err == nil {
			next += ": " + line
		}
		return out, &usageError{hint.Errorf(next, "unexpected argument %q", args.words[1])}
	}
	if !*o.removed {
		return out, &usageError{errors.New("option --rm does not take \"false\": what has ended is removed")}
	}
	if o.failOn != "" {
		var err error
		if out.FailOn, err = threshold(o.failOn); err != nil {
			return out, err
		}
	}
	std.policies = o.policy
	out.Profile, out.Args, out.LookupEnv = args.words[0], args.workload, std.lookup
	return out, nil
}

// threshold reads --fail-on. A finding of severity info is a fact, which stops
// nothing.
func threshold(name string) (audit.Severity, error) {
	s, err := audit.ParseSeverity(name)
	if err != nil || s == audit.Info {
		return 0, &usageError{hint.Errorf("--fail-on is one of low, medium, high, critical", "option --fail-on does not take %q", name)}
	}
	return s, nil
}

func run(ctx context.Context, std *stdio, o *runOptions, options launcher.Options, json bool) error {
	l, done, err := std.launcher(ctx, o.engine, func() (*profile.Catalog, error) { return std.catalog(o.project, options.Profile) })
	if err != nil {
		return err
	}
	defer done()
	defer reaping(ctx, std, l)()
	if s, err := o.front.demanded(l, options); s != nil || err != nil {
		if err != nil {
			return err
		}
		return runGuarded(ctx, std, o, s, json)
	}
	plan, err := l.Plan(ctx, options)
	if err != nil {
		return err
	}
	std.warnExpiring(plan.Waivers)
	if err := twice(ctx, l, plan); err != nil {
		return err
	}
	r, err := l.Launch(ctx, plan)
	if err != nil {
		return err
	}
	std.progress.clear()
	told := runReport(l, r)
	if !options.Detach {
		told.URLs = nil // told once they answer
		_ = told.Text(std.errPage, std.errScreen)
		return attach(ctx, std, r)
	}
	_ = told.Text(std.errPage, std.errScreen) // the run serves, whether or not anybody reads this
	if json {
		return report.JSON(std.out, r.Record)
	}
	_, err = fmt.Fprintln(std.out, address(r))
	return err
}

// twice refuses a server that nobody gave a name while an equal one serves: the same
// profile with the same options. It would serve at another port than the one that is
// known, without a need.
func twice(ctx context.Context, l *launcher.Launcher, plan *launcher.Plan) error {
	if !plan.Options.Detach || plan.Options.Name != "" || plan.Profile.Ready == nil || plan.Refusal() != nil {
		return nil // a refusal is for Launch to say
	}
	r, err := l.Serving(ctx, plan)
	if r == nil || err != nil {
		return err
	}
	return hint.Errorf("another beside it: --name NAME\nthis one anew: zlaunch stop "+r.Name,
		"running %s: %s is the same run, and serves at %s", plan.Profile.Name, r.Name, r.URLs[0].URL)
}

// attach starts an attached run and ends with the workload's status.
func attach(ctx context.Context, std *stdio, r *launcher.Run) error {
	std.signals.handOver(nil)
	code, err := r.Attach(ctx, std.files, func(r *launcher.Run) { ready(std, r) })
	if err != nil && code == exitOK {
		code = exitOwn
	}
	if code == exitOK && err == nil {
		return nil
	}
	if limit, _, limited := container.Memory.Get(r.Plan.Effective); code == exitSignal+int(syscall.SIGKILL) && limited {
		std.note("the workload was killed; if nobody did that, it ran out of its memory, %d MiB: --memory SIZE", limit>>20)
	}
	return &statusError{code, err}
}

// ready tells where an attached run serves. The workload has the terminal by now,
// in raw mode if it asked for one, where a line must return the carriage itself.
func ready(std *stdio, r *launcher.Run) {
	for _, u := range r.URLs {
		end := "\n"
		if r.Plan.Options.Tty && std.tty.err {
			end = "\r\n"
		}
		fmt.Fprintf(std.exactErr, "zlaunch: %s serves at %s%s", report.Escape(r.Name), report.Escape(u.URL), end)
	}
}

// address is what a script wants of a detached run: the URL that was asked when
// it became ready, else its first, else the container's id.
func address(r *launcher.Run) string {
	for _, u := range r.URLs {
		if ask := r.Plan.Profile.Ready; ask != nil && u.Name == ask.Port {
			return u.URL
		}
	}
	if len(r.URLs) > 0 {
		return r.URLs[0].URL
	}
	return r.ID
}
