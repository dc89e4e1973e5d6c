package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

func TestCommittedModelIsWhatFitPrints(t *testing.T) {
	var printed bytes.Buffer
	if err := json.NewEncoder(&printed).Encode(fit()); err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../server/models/iris/1/model.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(printed.Bytes(), committed) {
		t.Errorf("the committed model differs from what fit prints:\n%s", printed.Bytes())
	}
}
