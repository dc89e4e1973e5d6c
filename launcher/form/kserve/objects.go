package kserve

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/form"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// The types below are as much of the API of KServe 0.16 and later as is written, in its words
// (pkg/apis/serving). A runtime has the fields of a pod that are its own, a predictor all.

type servingRuntime struct {
	Formats      []format          `yaml:"supportedModelFormats"`
	MultiModel   bool              `yaml:"multiModel"`
	Protocols    []string          `yaml:"protocolVersions,omitempty,flow"`
	NodeSelector map[string]string `yaml:"nodeSelector,omitempty"`
	Containers   []kube.Container  `yaml:"containers"`
	Volumes      []kube.Volume     `yaml:"volumes,omitempty"`
}

// format is what a runtime serves, and a model is in. Those of zlaunch are called after the
// run, for no other model is meant.
type format struct {
	Name string `yaml:"name"`
}

type inferenceService struct {
	Predictor predictor `yaml:"predictor"`
}

type predictor struct {
	MinReplicas  int               `yaml:"minReplicas"`
	MaxReplicas  int               `yaml:"maxReplicas"`
	Strategy     kube.Typed        `yaml:"deploymentStrategy"`
	Labels       map[string]string `yaml:"labels,omitempty"`
	Annotations  map[string]string `yaml:"annotations,omitempty"`
	Model        *model            `yaml:"model,omitempty"`
	Storage      []storage         `yaml:"storageUris,omitempty"`
	kube.PodSpec `yaml:",inline"`
}

type model struct {
	Format  format `yaml:"modelFormat"`
	Runtime string `yaml:"runtime"`
}

// storage is what KServe mounts; a claim as it is, without a container that copies.
type storage struct {
	URI   string `yaml:"uri"`
	Mount string `yaml:"mountPath"`
}

// runtimeOf moves the container, its volumes and its machine from the pod into a runtime.
func runtimeOf(m *kube.Made, r form.Run) (kube.Object, error) {
	text, err := yaml.Marshal(m.Pod.Containers)
	if err != nil {
		return kube.Object{}, err
	}
	if strings.Contains(string(text), "{{") {
		return kube.Object{}, hint.Errorf("--models-as image=NAME@sha256:DIGEST needs no runtime", "KServe fills in what stands between {{ and }} in the container of a runtime")
	}
	spec := servingRuntime{
		Formats: []format{{m.Name}}, Protocols: protocols(r.Ready),
		NodeSelector: m.Pod.NodeSelector, Containers: m.Pod.Containers, Volumes: m.Pod.Volumes,
	}
	m.Pod.Containers, m.Pod.Volumes, m.Pod.NodeSelector = nil, nil, nil
	return kube.Object{APIVersion: "serving.kserve.io/v1alpha1", Kind: "ServingRuntime", Metadata: kube.Metadata{Name: m.Name, Labels: m.Labels}, Spec: spec}, nil
}

// protocols are those that the endpoint for readiness shows; none: KServe asks for none.
func protocols(r *form.Ready) []string {
	switch {
	case r == nil:
	case strings.HasPrefix(r.Path, "/v2/"):
		return []string{"v2"}
	case strings.HasPrefix(r.Path, "/v1/models"):
		return []string{"v1"}
	}
	return nil
}

// service is the InferenceService of a pod. Its mode is that of plain Deployments, for Knative
// takes no such pod by itself.
func service(m *kube.Made, of *model) kube.Object {
	spec := predictor{
		MinReplicas: 1, MaxReplicas: 1, Strategy: kube.Typed{Type: "Recreate"},
		Labels: m.Meta.Labels, Annotations: m.Meta.Annotations, Model: of, PodSpec: m.Pod,
	}
	if of != nil {
		spec.Storage = []storage{{"pvc://" + m.Claim, m.Models}}
	}
	head := kube.Metadata{Name: m.Name, Labels: m.Labels, Annotations: map[string]string{"serving.kserve.io/deploymentMode": "Standard"}}
	return kube.Object{APIVersion: "serving.kserve.io/v1beta1", Kind: "InferenceService", Metadata: head, Spec: inferenceService{spec}}
}
