package main

import (
	"strings"
	"testing"
)

var sample = Record{
	Schema:  recordSchema,
	Machine: Machine{Arch: "s390x", Processor: "a processor", Cores: 2, Podman: "5.4.2", Runtime: "crun", Cgroups: "v2"},
	Results: []Result{
		{Topic: "plan", What: "zlaunch plan triton", Against: "podman --version", Fair: "a|b", Ratio: 2.345, Low: 2.1, High: 2.6, Rounds: 20, Aim: 2},
		{Topic: "plan", What: "zlaunch version", Against: "podman --version", Ratio: 0.2, Low: 0.19, High: 0.21, Rounds: 20},
		{Topic: "size", What: "size of zlaunch for s390x", Against: "podman for s390x", Ratio: 0.31, Low: 0.31, High: 0.31, Rounds: 1, Aim: 1},
	},
}

func TestPageShowsMissedAims(t *testing.T) {
	got := page(sample)
	for _, want := range []string{
		`| zlaunch plan triton | podman --version | 2.35 | 2.10-2.60 | 20 | ≤ 2.00 **missed** | a\|b |`,
		`| zlaunch version | podman --version | 0.20 | 0.19-0.21 | 20 |  |  |`,
		`| size of zlaunch for s390x | podman for s390x | 0.31 |  | 1 | ≤ 1.00 met |  |`,
		"## Plan\n", "## Size\n", "a processor, 2 cores, s390x", "5.4.2, rootless, runtime crun",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "## Audit") {
		t.Error("the page has a section without results")
	}
}

func TestRatioKeepsThreeFigures(t *testing.T) {
	for v, want := range map[float64]string{0.755: "0.76", 9.994: "9.99", 42.42: "42.4", 1234.5: "1234"} {
		if got := ratio(v); got != want {
			t.Errorf("ratio(%v) = %s, want %s", v, got, want)
		}
	}
}

func TestMergeReplacesWholeTopics(t *testing.T) {
	now := Record{recordSchema, sample.Machine, []Result{{Topic: "plan", What: "zlaunch version", Ratio: 0.1}}}
	got := merge(sample, now)
	if len(got.Results) != 2 || got.Results[0].Ratio != 0.1 || got.Results[1].Topic != "size" {
		t.Errorf("got %+v", got.Results)
	}
}

func TestMergeDropsOtherMachines(t *testing.T) {
	now := Record{recordSchema, Machine{Arch: "amd64"}, []Result{{Topic: "plan"}}}
	if got := merge(sample, now); len(got.Results) != 1 {
		t.Errorf("got %+v", got.Results)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{7: "7", 1000: "1,000", 100_000: "100,000", 1_234_567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %s, want %s", n, got, want)
		}
	}
}
