package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// profilesGrowth plans with ever more profiles in the catalog.
func (b *bed) profilesGrowth(context.Context) ([]contest, error) {
	return b.planGrowth("profiles", []int{10, 100, 1000, 10_000}, manyProfiles, "team-0")
}

// mountsGrowth plans with ever more mounts.
func (b *bed) mountsGrowth(context.Context) ([]contest, error) {
	return b.planGrowth("mounts", []int{1, 10, 100}, manyMounts, "mounts")
}

// planGrowth plans profile under settings of each size, beside the smallest.
func (b *bed) planGrowth(of string, sizes []int, settings func(int) []string, profile string) ([]contest, error) {
	plan := func(n int) command {
		config := filepath.Join(b.dir, of+"-"+number(n))
		return command{ok: findings, argv: []string{"env", "XDG_CONFIG_HOME=" + config, b.zl, "plan", "--no-project", "--arch", foreignArch(), profile}}
	}
	var out []contest
	for i, n := range sizes {
		if err := b.settings(filepath.Join(b.dir, of+"-"+number(n)), settings(n)...); err != nil {
			return nil, err
		}
		if i == 0 {
			continue
		}
		out = append(out, contest{what: "plan with " + grouped(n) + " " + of, ours: plan(n), rivals: []rival{
			{name: "with " + grouped(sizes[0]), command: plan(sizes[0]), fair: fmt.Sprintf("the same command with %s times the %s: shows the growth", grouped(n/sizes[0]), of)},
		}})
	}
	return out, nil
}

// filesGrowth plans with ever larger model trees, beside find.
func (b *bed) filesGrowth(context.Context) ([]contest, error) {
	var out []contest
	for _, n := range []int{10, 1000, 10_000, 100_000} {
		dir := filepath.Join(b.dir, "files-"+number(n))
		b.progress("making %s model files", grouped(n))
		if err := manyFiles(dir, n); err != nil {
			return nil, err
		}
		aim := 0.0
		if n == 100_000 {
			aim = 0.85
		}
		ours := command{ok: findings, argv: []string{b.zl, "plan", "--no-project", "--waive", waive, "demo", "--models", dir}}
		out = append(out, contest{what: "plan with " + grouped(n) + " model files", ours: ours, rivals: []rival{
			{name: "find", command: command{argv: []string{"find", dir, "-type", "f", "-printf", ""}},
				fair: "find only walks; zlaunch also asks each file for owner, mode, links and format, and makes the rest of the plan"},
			{name: "find that asks each file for owner and mode", command: command{argv: []string{"find", dir, "-type", "f", "-printf", "%U %G %m %s %n\n"}}, aim: aim,
				fair: "the least a check of who may read what must do"},
		}})
	}
	return out, nil
}

// manyFiles makes a tree of n small files, a hundred in a directory.
func manyFiles(dir string, n int) error {
	for i := range n {
		sub := filepath.Join(dir, number(i/100))
		if i%100 == 0 {
			if err := os.MkdirAll(sub, 0o700); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(sub, "weights-"+number(i)+".bin"), []byte("weights"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// containersGrowth measures with ever more containers on this host, created and
// not running. What was there before comes on top.
func (b *bed) containersGrowth(ctx context.Context, rounds int) ([]Result, error) {
	if err := b.network(ctx); err != nil {
		return nil, err
	}
	if err := b.importEmpty(ctx); err != nil {
		return nil, err
	}
	var out []Result
	have := 0
	for _, n := range []int{1, 20, 200} {
		for ; have < n; have++ {
			b.progress("creating containers: round %d of %d", have, n)
			if err := b.do(ctx, "podman", "create", "--network=none", "--name", prefix+"-idle-"+number(have), empty, "/none"); err != nil {
				return nil, err
			}
		}
		contests, err := b.besideContainers(ctx, n)
		if err != nil {
			return nil, err
		}
		for _, c := range contests {
			results, err := c.run(ctx, b, rounds)
			if err != nil {
				return nil, err
			}
			out = append(out, results...)
		}
	}
	return out, nil
}

// importEmpty makes the image without content.
func (b *bed) importEmpty(ctx context.Context) error {
	tar := filepath.Join(b.dir, "empty.tar")
	if err := os.WriteFile(tar, make([]byte, 1024), 0o600); err != nil { // two empty blocks end a tar archive
		return err
	}
	return b.do(ctx, "podman", "import", "-q", tar, empty)
}

// besideContainers are the contests with n containers there.
func (b *bed) besideContainers(ctx context.Context, n int) ([]contest, error) {
	line, err := b.podmanLine(ctx, "bench-started", true)
	if err != nil {
		return nil, err
	}
	with := fmt.Sprintf(", %d containers there, service up", n)
	undo := []string{"podman", "rm", "-f", "-t", "0", prefix + "-theirs"}
	return []contest{
		{what: "zlaunch ps" + with, ours: command{argv: []string{b.zl, "ps"}}, rivals: []rival{
			{name: "podman ps -a", command: command{argv: []string{"podman", "ps", "-a"}}, fair: "zlaunch asks the engine for its own containers alone, podman lists all"},
		}},
		{what: "run -d to started" + with, ours: b.launch("bench-started", true), rivals: []rival{
			{name: "podman run -d", command: command{argv: shell("exec " + line), undo: undo}, fair: sameFlags + ". podman proves nothing"},
		}},
	}, nil
}
