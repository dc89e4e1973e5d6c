package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/attached"
	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/plan"
	"github.com/zlaunch/zlaunch/launcher/report"
	"github.com/zlaunch/zlaunch/launcher/signature"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// attachedOptions say who is asked what is attached to an image, and whose signature is wanted.
type attachedOptions struct {
	registry bool
	by       signature.Cosign
}

func (o *attachedOptions) bind(fs *pflag.FlagSet) {
	fs.BoolVar(&o.registry, "attached", false, "ask the registry of the image what is attached to it")
	fs.StringVar(&o.by.Key, "cosign-key", "", "have cosign verify a signature by the public key in `FILE`; implies --attached")
	fs.StringVar(&o.by.Identity, "certificate-identity", "", "have cosign verify a signature by `IDENTITY`, as its certificate names it; implies --attached")
	fs.StringVar(&o.by.Issuer, "certificate-oidc-issuer", "", "who vouched for that identity: `URL`")
	fs.BoolVar(&o.by.Private, "private-infrastructure", false, "its signers run no transparency log: cosign asks for no entry in one")
}

// asks tells whether a registry is asked.
func (o attachedOptions) asks() bool { return o.registry || o.verifies() }

// verifies tells whether a signature is wanted.
func (o attachedOptions) verifies() bool { return o.by.Key != "" || o.by.Identity != "" }

func (o attachedOptions) check() error {
	switch {
	case o.by.Key != "" && o.by.Identity != "":
		return &usageError{errors.New("--cosign-key and --certificate-identity are two signers")}
	case (o.by.Identity == "") != (o.by.Issuer == ""):
		return &usageError{errors.New("--certificate-identity and --certificate-oidc-issuer are given together")}
	case o.by.Private && !o.verifies():
		return &usageError{errors.New("--private-infrastructure is of a signature that cosign verifies: --cosign-key FILE")}
	}
	return nil
}

// who is the signer in words.
func (o attachedOptions) who() string {
	if o.by.Key != "" {
		return "the key " + o.by.Key
	}
	return o.by.Identity + ", for whom " + o.by.Issuer + " vouched"
}

// inLayout looks at what lies in a layout beside an image.
func inLayout(ctx context.Context, dir image.Layout, img *image.Image) (inspected.Look, error) {
	from, err := bundle.OpenDepot(bundle.Ref{Dir: string(dir)}, bundle.Settings{})
	if err != nil {
		return inspected.Look{}, err
	}
	w := attached.Wanted{Image: img.Manifest, Beside: img.Beside}
	if img.Index != nil {
		w.Indexes = []ocispec.Descriptor{*img.Index}
	}
	look, err := attached.Look(ctx, from, w)
	look.When = time.Now().UTC()
	return look, err
}

// ready tells of a signer whom nobody can be asked for, before anything is read or asked.
func (x *inspecting) ready() error {
	if !x.attaching.verifies() {
		return nil
	}
	if x.attaching.by.Key != "" {
		x.attaching.by.Key = x.std.absolute(x.attaching.by.Key)
	}
	return x.attaching.by.Ready()
}

// ask asks the registries that the engine has the image from, where one is to be asked.
func (x *inspecting) ask(ctx context.Context, facts *effective.Image) (out []inspected.Look, err error) {
	if !x.attaching.asks() {
		return nil, nil
	}
	held := attached.Held{Config: "sha256:" + facts.ID, Manifest: facts.Digest, Names: facts.RepoDigests, Tags: facts.RepoTags}
	repos := held.Repositories()
	if len(repos) == 0 {
		return nil, hint.Errorf("podman push it, and pull it from there", "asking for what is attached to sha256:%s: this engine has it from no registry", facts.ID)
	}
	defer x.std.progress.clear()
	var missing []error
	for _, repo := range repos {
		x.std.progress.passing("asking " + repo)
		look, err := attached.Ask(ctx, repo, held, x.std.shelf().Registries)
		if bundle.NotFound(err) { // an engine has names that nobody ever pushed
			missing = append(missing, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		look.When = time.Now().UTC()
		out = append(out, look)
	}
	if len(out) == 0 {
		return nil, errors.Join(missing...)
	}
	for _, err := range missing {
		x.std.note("%v", err)
	}
	return out, nil
}

// verify has cosign verify a signature of the image, or of an index that lists it, in one of the
// registries.
func (x *inspecting) verify(ctx context.Context, doc *report.Inspected) error {
	if !x.attaching.verifies() {
		return nil
	}
	var errs []error
	for _, look := range doc.Attached {
		for _, subject := range look.Subjects {
			ref := look.Registry + "@" + subject
			err := x.attaching.by.Verify(ctx, ref)
			if err == nil {
				doc.Signed = &report.ImageSigned{Of: ref, By: x.attaching.who()}
				return nil
			}
			errs = append(errs, err)
		}
	}
	err := errors.Join(errs...)
	if hint.Of(err) == "" && !x.attaching.by.Private {
		err = hint.Wrap(err, "--private-infrastructure, where its signers run no transparency log")
	}
	return err
}

// keep keeps what was seen for the plans and audits that come. That it cannot be kept makes
// nothing that was shown less true.
func (x *inspecting) keep(ctx context.Context, facts *effective.Image, files *image.Files, looks []inspected.Look) {
	seen := inspected.Record{Image: asScanned(facts), Looks: looks}
	if files != nil {
		seen.Files = &inspected.Files{Looked: time.Now().UTC(), Count: files.Count, Setuid: pathsOf(files.Setuid), Capable: pathsOf(files.Capable)}
	}
	if seen.Files == nil && len(looks) == 0 {
		return
	}
	if err := x.write(ctx, seen); err != nil {
		x.std.note("what was seen is not kept: %v", err)
	}
}

func (x *inspecting) write(ctx context.Context, seen inspected.Record) error {
	dirs := x.std.recordDirs(&host.Facts{UID: os.Getuid()})
	if err := dirs.Trusted(); err != nil {
		return err
	}
	lock, err := dirs.Locks().Wait(ctx, "inspections", x.std.progress.tell)
	if err != nil {
		return err
	}
	defer lock.Release()
	_, err = plan.InspectionsDir(dirs).Keep(seen)
	return err
}

// pathsOf are the first of a list of files, as a record has them.
func pathsOf(l image.List) inspected.List {
	out := inspected.List{Paths: []string{}, More: l.More}
	for i, f := range l.Files {
		if i >= inspected.MaxPaths {
			out.More++
			continue
		}
		out.Paths = append(out.Paths, f.Path)
	}
	return out
}
