package main

import (
	"context"
	"regexp"
	"strconv"
)

// topic is a group of comparisons that share what must be prepared.
type topic struct {
	name    string
	service bool // the user's own service is up meanwhile; otherwise there must be none
	measure func(b *bed, ctx context.Context, rounds int) ([]Result, error)
}

// topics are all of them, in the order of the report.
func topics() []topic {
	warm := func(b *bed, ctx context.Context) ([]contest, error) {
		return b.launches(ctx, "service up", launchAims{started: 1, job: 1.15})
	}
	cold := func(b *bed, ctx context.Context) ([]contest, error) {
		return b.launches(ctx, "no service", launchAims{started: 1.2, job: 1.45})
	}
	return []topic{
		{"launch, service up", true, contests(warm)},
		{"launch, no service", false, contests(cold)},
		{"plan", false, contests((*bed).plans)},
		{"audit", false, contests((*bed).audits)},
		{"memory", false, (*bed).memory},
		{"size", false, (*bed).sizes},
		{"growth with profiles", false, contests((*bed).profilesGrowth)},
		{"locked bundles", false, contests((*bed).lockedBundles)},
		{"growth with mounts", false, contests((*bed).mountsGrowth)},
		{"growth with lines", false, contests((*bed).linesGrowth)},
		{"growth with options", false, contests((*bed).optionsGrowth)},
		{"growth with files of a repository", false, contests((*bed).repositoryGrowth)},
		{"size of reports", false, (*bed).reportSizes},
		{"growth with model files", false, contests((*bed).filesGrowth)},
		{"digest of models", false, contests((*bed).digests)},
		{"growth with containers", true, (*bed).containersGrowth},
	}
}

// contests measures what prepare lists, one after the other.
func contests(prepare func(*bed, context.Context) ([]contest, error)) func(*bed, context.Context, int) ([]Result, error) {
	return func(b *bed, ctx context.Context, rounds int) ([]Result, error) {
		list, err := prepare(b, ctx)
		if err != nil {
			return nil, err
		}
		var out []Result
		for _, c := range list {
			results, err := c.run(ctx, b, rounds)
			if err != nil {
				return nil, err
			}
			out = append(out, results...)
		}
		return out, nil
	}
}

// run measures the topic in the state of the service it asks for.
func (t topic) run(ctx context.Context, b *bed, rounds int) ([]Result, error) {
	if t.service {
		stop, err := b.serve()
		if err != nil {
			return nil, err
		}
		defer stop()
	} else if err := b.absent(); err != nil {
		return nil, err
	}
	defer b.sweep()
	b.progress("== %s", t.name)
	results, err := t.measure(b, ctx, rounds)
	for i := range results {
		results[i].Topic = t.name
	}
	return results, err
}

// measureAll measures the topics whose names only matches.
func measureAll(ctx context.Context, b *bed, only *regexp.Regexp, rounds int) ([]Result, error) {
	var out []Result
	for _, t := range topics() {
		if !only.MatchString(t.name) {
			continue
		}
		results, err := t.run(ctx, b, rounds)
		if err != nil {
			return nil, err
		}
		out = append(out, results...)
	}
	return out, nil
}

func number(n int) string { return strconv.Itoa(n) }

// grouped writes n with commas: 10,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
