package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/author"
	"github.com/zlaunch/zlaunch/launcher/derive"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// serves launches the old image and the new one, one after the other, and compares what they
// answer. Whatever goes wrong with the old one says nothing of the new.
func (x judging) serves(ctx context.Context, m *made) error {
	if x.profile == nil || x.profile.Ready == nil {
		x.std.note("%s", pickText(x.profile == nil, "an image is named and no profile, so whether it serves is not tried", "the profile has no endpoint by which it could be asked whether it serves"))
		return nil
	}
	old, err := x.ask(ctx, "")
	if err != nil {
		return fmt.Errorf("trying the image that stands: %w", err)
	}
	if g := x.golden; g != nil && (old.Status < 200 || old.Status > 299) {
		return hint.Errorf(fmt.Sprintf("zlaunch run -d %s; curl URL%s", x.profile.Name, g.Path), "trying the image that stands: it answers the golden request with %d, so there is nothing to compare", old.Status)
	}
	now, err := x.ask(ctx, m.name)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return &refusedError{"it does not serve: " + err.Error()}
	}
	return x.alike(old, now)
}

func pickText(which bool, yes, no string) string {
	if which {
		return yes
	}
	return no
}

// ask launches an image, "" the profile's own, and gives its answer to the golden request.
func (x judging) ask(ctx context.Context, image string) (derive.Answer, error) {
	o := x.options
	o.Profile, o.LookupEnv = x.profile.Name, x.std.lookup
	p, err := x.l.Plan(ctx, plan.Derived(o, image))
	if err == nil {
		err = p.Refusal()
	}
	if err != nil {
		return derive.Answer{}, err
	}
	defer x.std.progress.clear()
	return launcher.Ask(ctx, x.l, p, x.golden)
}

// alike compares the answers of the old and the new image.
func (x judging) alike(old, now derive.Answer) error {
	g := x.golden
	if g == nil {
		x.std.note("it serves, as its base does; what it answers is not compared, for the profile has no golden request")
		return nil
	}
	if unlike := (derive.Alike{JSON: g.JSON, Ignore: g.Ignore}).Unlike(old, now); len(unlike) > 0 {
		return &refusedError{fmt.Sprintf("it answers %s %s otherwise than its base: %s", g.Method, g.Path, strings.Join(unlike, "; "))}
	}
	x.std.note("it serves, and answers %s %s as its base does: status %d, %d bytes", g.Method, g.Path, now.Status, len(now.Body))
	return nil
}

// propose prints, or writes, that the profile runs the new image.
func (x mending) propose(ctx context.Context, m *made) error {
	if m == nil {
		return nil
	}
	if err := x.forbidden(ctx, m); err != nil {
		return err
	}
	ref := m.img.ByDigest(m.name)
	if x.profile == nil {
		_, err := fmt.Fprintln(x.std.out, ref)
		return err
	}
	if file, before, after, ok := x.changed(ref); ok {
		return x.change(file, before, after)
	}
	if x.write {
		return unwritable(x.profile.Name, ref)
	}
	proposal := []author.Proposal{author.ImageOn(x.l.Host.Arch, ref)}
	x.std.note("this file lies over it, as ~/.config/zlaunch/profiles.d/%s.toml; the image is on this host alone:", x.profile.Name)
	_, err := fmt.Fprint(x.std.out, author.Overlay(x.profile.Name, proposal))
	return err
}

// forbidden says what a policy has against a run of the new image. Its trial was asked for no scan.
func (x mending) forbidden(ctx context.Context, m *made) error {
	if x.profile == nil {
		return nil
	}
	o := x.options
	o.Profile, o.Image, o.Pull, o.Detach, o.LookupEnv = x.profile.Name, m.name, "never", true, x.std.lookup
	p, err := x.l.Plan(ctx, o)
	if err != nil {
		return err
	}
	for _, pr := range p.Problems {
		if pr.Fatal && pr.Control == audit.PolicyMet.ID {
			x.std.note("zlaunch run refuses it yet: %s", pr.Message)
		}
	}
	return nil
}

// change prints how the profile's own file changes, or changes it.
func (x mending) change(file, before, after string) error {
	name := (&fixPrinter{std: x.std}).name(file)
	if x.write {
		if err := replace(file, []byte(after)); err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
		x.std.note("%s runs the new image now", name)
		return nil
	}
	text, exact := report.Patch(name, before, after, false)
	if !exact {
		x.std.note("what looks like a secret is hidden, so patch does not take this; --write changes the file")
	}
	_, err := fmt.Fprint(x.std.out, text)
	return err
}

// mostBody bounds the file of a request's body, in bytes.
const mostBody = 64 << 20

// request is the profile's golden request, with the body of a file where one was named.
func (x *deriving) request() error {
	if x.profile == nil || x.profile.Golden == nil {
		if x.body != "" {
			return &usageError{hint.Errorf("zlaunch help profile tells of golden.path", "--golden-body is sent to where golden.path of a profile says, and there is none")}
		}
		return nil
	}
	g := *x.profile.Golden
	x.golden = &g
	if x.body == "" {
		return nil
	}
	f, err := os.Open(x.body)
	if err != nil {
		return fmt.Errorf("reading the golden request: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBody+1))
	if err == nil && len(data) > mostBody {
		err = fmt.Errorf("%s has more than %d bytes", x.body, mostBody)
	}
	if err != nil {
		return fmt.Errorf("reading the golden request: %w", err)
	}
	g.Body, g.Method = string(data), "POST"
	return nil
}
