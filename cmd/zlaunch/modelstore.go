package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/docker/go-units"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/host"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/model/store"
	"github.com/zlaunch/zlaunch/launcher/model/travel"
	"github.com/zlaunch/zlaunch/launcher/record"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// storeDirs are the places of zlaunch's own files, for what asks no engine.
func (s *surroundings) storeDirs() record.Dirs { return s.recordDirs(&host.Facts{UID: os.Getuid()}) }

// traveller takes models to registries and from there, and tells how far it is until stop.
func traveller(ctx context.Context, std *stdio, doing string) (t *travel.Traveller, stop func()) {
	t = &travel.Traveller{
		Store: store.In(std.storeDirs().Data), Settings: bundle.SettingsOf(std.getenv, std.home, agentOf()),
		Tell: std.progress.tell, Count: new(atomic.Int64), Whole: new(atomic.Int64), Now: time.Now,
		Free: func(dir string) (int64, error) { d, err := host.DiskOf(dir); return d.Free, err },
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for tick := time.NewTicker(200 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
				if whole := t.Whole.Load(); whole > 0 {
					std.progress.passing(doing + ": " + units.HumanSize(float64(t.Count.Load())) + " of " + units.HumanSize(float64(whole)))
				}
			}
		}
	}()
	return t, func() { cancel(); std.progress.clear() }
}

// agentOf is what registries are told who asks.
func agentOf() string { return "zlaunch/" + versionOf().Version }

// trustOf is who must have signed a model; nil: nobody.
func (o modelOptions) trustOf() (*oms.Trust, error) {
	if len(o.keys)+len(o.authorities) == 0 {
		if o.identity != "" {
			return nil, &usageError{hint.Errorf("--authority FILE --identity NAME", "--identity is of a signer that an authority vouches for")}
		}
		return nil, nil
	}
	t := &oms.Trust{Identity: o.identity, At: time.Now()}
	var err error
	if t.Keys, err = oms.OpenKeys(o.keys); err != nil {
		return nil, err
	}
	t.Roots, err = oms.OpenAuthorities(o.authorities)
	return t, err
}

// pullModel puts a model into the store.
func pullModel(ctx context.Context, std *stdio, words []string, o modelOptions) error {
	ref, err := std.refOf(words[0])
	if err != nil {
		return err
	}
	w := travel.Wish{Ref: ref}
	if o.most != "" {
		if w.Most, err = units.RAMInBytes(o.most); err != nil || w.Most <= 0 {
			return &usageError{hint.Errorf("--max-size is a size, as 20g or 512m", "reading --max-size %q", o.most)}
		}
	}
	if w.Trust, err = o.trustOf(); err != nil {
		return err
	}
	t, stop := traveller(ctx, std, "pulling the model")
	got, err := t.Pull(ctx, w)
	stop()
	if err != nil {
		return refusedModel(err)
	}
	doc := report.ModelPull{Schema: report.ModelPullSchema, Ref: got.Ref, Manifest: got.Manifest, Digest: got.Digest, Path: got.Path, Files: got.Files, Bytes: got.Bytes, Fetched: got.Fetched, Here: got.Here}
	if got.Signed != nil {
		doc.SignedBy = got.Signed.By.String()
	}
	if o.json {
		return report.JSON(std.out, doc)
	}
	std.note("%s", doc.Sentence())
	return doc.Text(std.out)
}

// refusedModel gives a refused model its status.
func refusedModel(err error) error {
	var no *travel.RefusedError
	if errors.As(err, &no) {
		return &statusError{exitRefused, err}
	}
	return err
}

// pushModel puts a model into a registry or a layout.
func pushModel(ctx context.Context, std *stdio, words []string, o modelOptions) error {
	ref, err := std.refOf(words[1])
	if err != nil {
		return err
	}
	if o.sign != "" && o.signature != "" || o.certificate != "" && o.sign == "" {
		return &usageError{hint.Errorf("--sign KEY [--certificate FILE], or --signature FILE", "model push: a statement is signed now, or was")}
	}
	print, err := readModel(ctx, std, words[0])
	if err != nil {
		return unfound(words[0], err)
	}
	statement, by, err := o.statement(words[0], print)
	if err != nil {
		return err
	}
	at, err := filepath.Abs(words[0])
	if err != nil {
		return err
	}
	t, stop := traveller(ctx, std, "pushing the model")
	got, err := t.Push(ctx, at, print, ref, statement)
	stop()
	if err != nil {
		return err
	}
	doc := report.ModelPush{Schema: report.ModelPushSchema, Ref: got.Ref, Manifest: got.Manifest, Digest: print.Digest, Files: got.Files, Bytes: got.Bytes, SignedBy: by}
	if o.json {
		return report.JSON(std.out, doc)
	}
	std.note("%s", doc.Sentence(ref.String()))
	return doc.Text(std.out)
}
