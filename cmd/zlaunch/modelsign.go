package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// signModel writes a signed statement of what a model is.
func signModel(ctx context.Context, std *stdio, path string, o modelOptions) error {
	if len(o.keys) != 1 {
		return &usageError{hint.Errorf("zlaunch model sign PATH --key FILE", "model sign: one --key is wanted, there are %d", len(o.keys))}
	}
	signer, err := oms.OpenSigner(o.keys[0], o.certificate)
	if err != nil {
		return err
	}
	out := o.signature
	if out == "" {
		out = strings.TrimRight(path, "/") + ".sig"
	}
	print, err := readModel(ctx, std, path)
	if err != nil {
		return err
	}
	m, err := oms.Of(print, append(oms.Inside(path, out), o.ignore...)...)
	if err != nil {
		return err
	}
	for _, name := range o.ignore {
		if !slices.ContainsFunc(print.Files(), func(f model.File) bool { return f.Path == name || strings.HasPrefix(f.Path, name+"/") }) {
			std.note("--ignore %s: there is no such file in the model", name)
		}
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("reading %q: %w", path, err)
	}
	text, err := signer.Sign(filepath.Base(at), m)
	if err != nil {
		return err
	}
	if err := oms.WriteFile(out, text); err != nil {
		return err
	}
	std.note("%s: %s, %s, signed by the key %s", out, report.Plural(len(m.Resources), "file"), m.Root(), signer.Key.ID())
	return nil
}

// verifyModel holds a model against its statement, and that against who is trusted.
func verifyModel(ctx context.Context, std *stdio, path string, o modelOptions) error {
	if (len(o.keys) == 0) == (len(o.authorities) == 0) || o.identity != "" && len(o.authorities) == 0 {
		return &usageError{hint.Errorf("zlaunch model verify PATH --key FILE\nzlaunch model verify PATH --authority FILE --identity NAME", "model verify: who is trusted is said by --key, or by --authority")}
	}
	trust := oms.Trust{Identity: o.identity, At: time.Now()}
	var err error
	if trust.Keys, err = oms.OpenKeys(o.keys); err != nil {
		return err
	}
	if trust.Roots, err = oms.OpenAuthorities(o.authorities); err != nil {
		return err
	}
	file := o.signature
	if file == "" {
		file = oms.SignatureOf(path)
	}
	text, err := oms.ReadFile(file, oms.MaxBundle)
	if err != nil {
		return hint.Wrap(err, "zlaunch model verify PATH --signature FILE")
	}
	signed, err := trust.Verify(text)
	if err != nil {
		return &statusError{exitFindings, hint.Wrap(fmt.Errorf("%q: %w", file, err), "get the key or the authority from who signed it, or the model from who is trusted")}
	}
	print, err := readModel(ctx, std, path)
	if err != nil {
		return err
	}
	diff := signed.Against(print, oms.Inside(path, file)...)
	if !diff.Same() {
		return &statusError{exitFindings, hint.Errorf("get the model anew from who signed it", "verifying %q: it is not what %s signed: %s", path, signed.By, diff)}
	}
	doc := modelOf(path, print)
	doc.Signature = &report.ModelSignature{File: file, Method: signed.By.Method, Key: signed.By.Key, By: signed.By.String(), Names: signed.By.Names, Authority: signed.By.Roots, Uncovered: diff.Uncovered}
	return printModel(std, doc, o.json)
}
