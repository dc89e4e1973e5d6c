package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// manyBundles is how many are locked: more than any team has.
	manyBundles = 50
	// lockedAim is what they were meant to add to a command, at most.
	lockedAim = 1.2
)

// lockedBundles measures with many bundles locked, beside none and beside the same profiles in
// files of one's own.
func (b *bed) lockedBundles(ctx context.Context) ([]contest, error) {
	none, own, locked := filepath.Join(b.dir, "bundles-none"), filepath.Join(b.dir, "bundles-own"), filepath.Join(b.dir, "bundles-locked")
	var files []string
	for i := range manyBundles {
		files = append(files, bundleProfile(i))
	}
	for dir, files := range map[string][]string{none: nil, own: files, locked: nil} {
		if err := b.settings(dir, files...); err != nil {
			return nil, err
		}
	}
	if err := b.lock(ctx, locked); err != nil {
		return nil, fmt.Errorf("locking bundles: %w", err)
	}
	beside := func(dir, name, fair string, aim float64, words ...string) rival {
		return rival{command: b.in(dir, words...), name: name, fair: fair, aim: aim}
	}
	same := "the same profiles, which nobody signed and nobody verifies: a file and a row each"
	less := "the same command, without any bundle"
	plan := func(name string) []string { return []string{"plan", "--no-project", "--arch", foreignArch(), name} }
	bundles := fmt.Sprintf("%d locked bundles", manyBundles)
	return []contest{
		{what: "list with " + bundles, ours: b.in(locked, "list"), rivals: []rival{
			beside(none, "with none", fmt.Sprintf("not the same work: %d more profiles are read out of a lock and printed", manyBundles), lockedAim, "list"),
			beside(own, fmt.Sprintf("with %d files of one's own", manyBundles), same, 0, "list")}},
		{what: "show triton with " + bundles, ours: b.in(locked, "show", "triton"), rivals: []rival{beside(none, "with none", less, lockedAim, "show", "triton")}},
		{what: "plan triton with " + bundles, ours: b.in(locked, plan("triton")...), rivals: []rival{beside(none, "with none", less, lockedAim, plan("triton")...)}},
		{what: "plan of one of " + bundles, ours: b.in(locked, plan("team-7")...), rivals: []rival{
			beside(own, fmt.Sprintf("of one of %d files of one's own", manyBundles), same, 0, plan("team-7")...)}},
	}, nil
}

// bundleProfile is the one profile of a bundle.
func bundleProfile(i int) string {
	return fmt.Sprintf("schema = 1\n\n[profile.team-%d]\nextends = \"triton\"\nabout   = \"the models of team %d\"\n\n[profile.team-%d.container]\nmemory = \"8g\"\n", i, i, i)
}

// in is zlaunch with the settings and the bundles in dir. None of the commands asks Podman.
func (b *bed) in(dir string, words ...string) command {
	return command{ok: findings, argv: append([]string{"env", "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data"), b.zl}, words...)}
}

// lock publishes bundles in directories, signed by a key that is allowed there, and locks them.
func (b *bed) lock(ctx context.Context, dir string) error {
	key := filepath.Join(dir, "key")
	if err := b.do(ctx, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key); err != nil {
		return err
	}
	public, err := os.ReadFile(key + ".pub")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "zlaunch/allowed_signers"), append([]byte("bench@zlaunch.dev "), public...), 0o600)
	}
	for i := 0; i < manyBundles && err == nil; i++ {
		b.progress("locking bundles: %d of %d", i, manyBundles)
		at, text := filepath.Join(dir, "team-"+number(i)), fmt.Sprintf("name = \"team-%d\"\nversion = \"1.0.0\"\n", i)
		err = os.Mkdir(at, 0o700)
		for name, data := range map[string]string{"bundle.toml": text, "p.toml": bundleProfile(i)} {
			if err == nil {
				err = os.WriteFile(filepath.Join(at, name), []byte(data), 0o600)
			}
		}
		for _, line := range []string{"push " + at + " dir:" + at + ".oci --sign " + key, "add dir:" + at + ".oci"} {
			if err == nil {
				err = b.do(ctx, b.in(dir, strings.Fields(line)...).argv...)
			}
		}
	}
	return err
}
