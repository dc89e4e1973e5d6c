package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/image"
	"github.com/zlaunch/zlaunch/launcher/inspected"
	"github.com/zlaunch/zlaunch/launcher/report"
)

const imageSchema = "../../docs/schema/image-v1.json"

// inspection is of an image that says all that one can, and at which somebody looked everywhere.
func inspection() report.Inspected {
	digest := "sha256:" + strings.Repeat("b", 64)
	facts := &effective.Image{
		ID: strings.Repeat("a", 64), Digest: digest, OS: "linux", Arch: "s390x", User: "ibm-user",
		Entrypoint: []string{"/serve"}, Cmd: []string{"--port", "8000"}, Workdir: "/srv", StopSignal: "SIGINT",
		Exposed: []string{"8000/tcp"}, Volumes: []string{"/data"}, Env: []string{"PATH=/usr/bin", "AWS_*"},
		Labels: map[string]string{"org.opencontainers.image.source": "https://git.example.org/serve"}, Annotations: map[string]string{},
	}
	for i := range 42 {
		facts.Annotations[fmt.Sprintf("x.%02d", i)] = "1"
	}
	said := &image.Config{Created: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	doc := report.NewInspected("layout", facts, said, image.Steers(facts, said, nil, "4.3.1"))
	su := image.List{Files: []image.File{{Path: "/usr/bin/su", Mode: 0o4755, Note: "another's"}}, More: 2}
	doc.Look(&image.Files{UID: 1000, Count: 4, Setuid: su})
	doc.Profile, doc.Bytes, doc.Engine, doc.Platforms = "serve", 198_000_000, "4.3.1", []string{"linux/s390x"}
	doc.Healthcheck = []string{"CMD", "/check"}
	doc.Attached = []inspected.Look{{When: said.Created, Registry: "registry.example.org/serve", Subjects: []string{digest}, Partial: "it ends",
		Things: []inspected.Thing{{Kind: inspected.SBOM, Form: "SPDX", Way: inspected.ByReferrer, Digest: digest, Subject: digest, Fault: inspected.Another}}}}
	doc.Signed = &report.ImageSigned{Of: "registry.example.org/serve@" + digest, By: "the key cosign.pub"}
	return doc
}

// What inspect prints is of its schema, which has each of its fields.
func TestInspectedSchema(t *testing.T) {
	var full, bare bytes.Buffer
	if err := report.JSON(&full, inspection()); err != nil {
		t.Fatal(err)
	}
	conforms(t, imageSchema, full.Bytes())
	facts := &effective.Image{ID: strings.Repeat("a", 64), OS: "linux", Arch: "amd64"}
	if err := report.JSON(&bare, report.NewInspected("x", facts, &image.Config{}, nil)); err != nil {
		t.Fatal(err)
	}
	conforms(t, imageSchema, bare.Bytes())
	var doc map[string]any
	if err := json.Unmarshal(full.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	doc["signature"] = true
	spoiled, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if validate(t, imageSchema, spoiled) == nil {
		t.Error("the schema takes a field that inspect does not print")
	}
}

// Names that no table has are told, escaped and up to a bound, and how many more there are;
// what is refused or describes an image is none of them.
func TestUnnamed(t *testing.T) {
	facts := &effective.Image{
		Labels:      map[string]string{"traefik.enable": "true", "maintainer": "x", "a\x1b[31m\nproved": "1", strings.Repeat("ü", 4000): "1"},
		Annotations: map[string]string{"RUN.oci.handler": "krun", "run.oci.handler": "krun", "org.opencontainers.image.title": "x"},
	}
	doc := report.NewInspected("x", facts, &image.Config{}, image.Steers(facts, &image.Config{}, nil, ""))
	var b bytes.Buffer
	if err := doc.Text(&b, report.Screen{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"who obeys", "annotation[RUN.oci.handler]", "label[traefik.enable]"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text has no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") || strings.Contains(text, "\nproved") || len(text) > 4000 || strings.Contains(text, "label[maintainer]") {
		t.Errorf("the text is not bounded or not escaped:\n%s", text)
	}
	if got := doc.Unnamed.Names; len(got) != 4 || len(doc.Refused()) != 1 {
		t.Errorf("%d names %q, %d refused", len(got), got, len(doc.Refused()))
	}
	if got := inspection().Unnamed; len(got.Names) != 40 || got.More != 2 {
		t.Errorf("%d names and %d more, want 40 and 2", len(got.Names), got.More)
	}
}
