package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

const (
	recordSchema = "zlaunch.dev/benchmarks/v1"
	recordFile   = "docs/benchmarks.json"
	pageFile     = "docs/benchmarks.md"
)

// Record is what was measured, and where.
type Record struct {
	Schema  string   `json:"schema"`
	Machine Machine  `json:"machine"`
	Results []Result `json:"results"`
}

// readRecord reads the recorded results; without a file there are none.
func readRecord(path string) (Record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{Schema: recordSchema}, nil
	}
	if err != nil {
		return Record{}, err
	}
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if r.Schema != recordSchema {
		return Record{}, fmt.Errorf("reading %s: the schema is %q, not %q", path, r.Schema, recordSchema)
	}
	return r, nil
}

// merge is old with what was measured now in place of its topics. Results of other
// machines are no company for these.
func merge(old, now Record) Record {
	if !old.Machine.same(now.Machine) {
		return now
	}
	var results []Result
	for _, t := range topics() {
		from := now.Results
		of := func(r Result) bool { return r.Topic == t.name }
		if !slices.ContainsFunc(from, of) {
			from = old.Results
		}
		for _, r := range from {
			if of(r) {
				results = append(results, r)
			}
		}
	}
	now.Results = results
	return now
}

// write writes the record and the page made from it.
func (r Record) write() error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(recordFile, append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(pageFile, []byte(page(r)), 0o644)
}
