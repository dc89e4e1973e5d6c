package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// linear is how much more ten times the work may take: as much, and a tenth for
// what a busy machine and a collector add.
const linear = 1.1

// growingLine is auditLine with a name, a port and a model of its own, so that
// nothing is judged once for all.
func growingLine(i int) string {
	return strings.NewReplacer("--name serving", "--name serving-"+number(i), "127.0.0.1:8501", "127.0.0.1:"+number(10_000+i%50_000),
		"/srv/models/lstm", "/srv/models/lstm-"+number(i)).Replace(auditLine)
}

// scripts writes a script of n lines for each of sizes and returns their paths.
func (b *bed) scripts(name string, text func(n int) string, sizes ...int) ([]string, error) {
	var out []string
	for _, n := range sizes {
		path := filepath.Join(b.dir, fmt.Sprintf("%s-%d.sh", name, n))
		if err := os.WriteFile(path, []byte(text(n)), 0o600); err != nil {
			return nil, err
		}
		out = append(out, path)
	}
	return out, nil
}

func manyLines(n int) string {
	var s strings.Builder
	for i := range n {
		s.WriteString(growingLine(i) + "\n")
	}
	return s.String()
}

func manyOptions(n int) string {
	var s strings.Builder
	s.WriteString("podman run --rm")
	for i := range n {
		fmt.Fprintf(&s, " -e SETTING_%d=%d", i, i)
	}
	return s.String() + " registry.example/serving:1.2.0\n"
}

// linesGrowth audits ever longer scripts, each beside the shortest.
func (b *bed) linesGrowth(context.Context) ([]contest, error) {
	return b.auditGrowth("lines", manyLines, 1000, 10_000, 30_000)
}

// optionsGrowth audits ever longer lines, each beside the shortest.
func (b *bed) optionsGrowth(context.Context) ([]contest, error) {
	return b.auditGrowth("options", manyOptions, 1600, 16_000)
}

func (b *bed) auditGrowth(of string, text func(int) string, sizes ...int) ([]contest, error) {
	paths, err := b.scripts(of, text, sizes...)
	if err != nil {
		return nil, err
	}
	audit := func(path string) command { return command{argv: []string{b.zl, "audit", path}, ok: findings} }
	var out []contest
	for i, n := range sizes[1:] {
		times := n / sizes[0]
		out = append(out, contest{what: fmt.Sprintf("audit of %s %s", grouped(n), of), ours: audit(paths[i+1]), held: true, most: 5, rivals: []rival{
			{name: "of " + grouped(sizes[0]), command: audit(paths[0]), aim: float64(times) * linear,
				fair: fmt.Sprintf("the same command with %d times the %s: shows the growth", times, of)},
		}})
	}
	return out, nil
}

// reportSizes compares what an audit of a script prints with the script. Nothing
// spreads: it is measured once. The aim of SARIF is 5 MB for 1,000 lines.
func (b *bed) reportSizes(ctx context.Context, _ int) ([]Result, error) {
	const lines, most = 1000, 5e6
	paths, err := b.scripts("reported", manyLines, lines)
	if err != nil {
		return nil, err
	}
	script := float64(len(manyLines(lines)))
	var out []Result
	for _, form := range []struct {
		option string
		aim    float64
	}{{"--sarif", most / script}, {"--json", 0}} {
		cmd := b.command(ctx, b.zl, "audit", form.option, paths[0])
		var printed, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &printed, &said
		if err := ended(cmd, cmd.Run(), findings, said.String()); err != nil {
			return nil, err
		}
		r := Result{What: "audit " + form.option + " of " + grouped(lines) + " lines", Against: "the script", Aim: form.aim,
			Fair: "bytes beside bytes: every finding of every line, as a machine reads it"}
		out = append(out, compare(r, []float64{float64(printed.Len())}, []float64{script}))
	}
	return out, nil
}
