// Package kserve writes the run of a server as what KServe makes a pod of: a ServingRuntime
// with the container, and an InferenceService whose predictor names it and says what holds
// for the pod. The pod is that of the package kube, row by row, by the same table; its reader
// reads what is written here too.
//
// KServe's own templates meet no restricted Pod Security Standard, and what it puts beside a
// container - an initializer that fetches models, an agent - is in no plan. So KServe is asked
// to mount a claim, which needs neither; where it has no claim to mount, the predictor has
// the container itself, because KServe puts its agent beside every model of a runtime that it
// is not told to bring (pkg/controller, IsMMSPredictor).
package kserve

import (
	"strings"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// containerName is what KServe takes for the one that serves.
const containerName = "kserve-container"

// serviceName is a name of an InferenceService, whose pods are called NAME-predictor.
var serviceName = lazyregexp.New(`^[a-z]([a-z0-9-]{0,51}[a-z0-9])?$`)

// Says is the table of the package kube, with the places that are the predictor's.
func Says(string) []form.Says {
	out := kube.Says(kube.KServe)
	for i := range out {
		out[i].Keys = place(out[i].Keys)
	}
	return out
}

// place says where keys of a pod stand: those of containers and volumes are the runtime's.
func place(keys string) string {
	words := strings.Split(keys, ", ")
	for i, k := range words {
		top, rest, _ := strings.Cut(k, ".")
		pod := !strings.HasPrefix(rest, "containers[]") && !strings.HasPrefix(rest, "volumes[]") && !strings.HasPrefix(rest, "predictor.")
		if pod && (top == "spec" || top == "metadata") {
			words[i] = "spec.predictor." + rest
		}
	}
	return strings.Join(words, ", ")
}

// Write writes a run.
func Write(r form.Run, _ string) (*form.Document, error) {
	if r.Kind != "" && r.Kind != "server" {
		return nil, hint.Errorf("zlaunch export "+r.Profile+" --to kube writes it as what it is", "KServe runs servers, and %s is a %s", r.Name, r.Kind)
	}
	m, err := kube.Make(r, kube.KServe)
	if err != nil {
		return nil, err
	}
	if !serviceName().MatchString(m.Name) {
		return nil, hint.Errorf("a letter, and at most 52 letters, digits and '-'", "naming the InferenceService: KServe takes no %q", m.Name)
	}
	m.Pod.Containers[0].Name = containerName
	m.Note("KServe adds the variable INFERENCE_SERVICE_NAME")
	if m.Claim == "" {
		m.Note("no ServingRuntime is written: KServe would put its agent beside a model that it is not told to mount")
		return m.Document(service(m, nil))
	}
	if !strings.Contains(m.Pod.Containers[0].Image, "@sha256:") {
		m.Note("KServe changes the tags of some images by the name of their runtime, and no digest: name the image by its digest")
	}
	run, err := runtimeOf(m, r)
	if err != nil {
		return nil, err
	}
	return m.Document(run, service(m, &model{Format: format{Name: m.Name}, Runtime: m.Name}))
}
