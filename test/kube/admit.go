package kube

import (
	"bytes"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// places are where objects of a kind are created, by apiVersion and kind.
var places = map[string]string{
	"v1/Pod":                                           "/api/v1/namespaces/%s/pods",
	"v1/Service":                                       "/api/v1/namespaces/%s/services",
	"v1/ServiceAccount":                                "/api/v1/namespaces/%s/serviceaccounts",
	"v1/ConfigMap":                                     "/api/v1/namespaces/%s/configmaps",
	"v1/PersistentVolumeClaim":                         "/api/v1/namespaces/%s/persistentvolumeclaims",
	"apps/v1/Deployment":                               "/apis/apps/v1/namespaces/%s/deployments",
	"batch/v1/Job":                                     "/apis/batch/v1/namespaces/%s/jobs",
	"node.k8s.io/v1/RuntimeClass":                      "/apis/node.k8s.io/v1/runtimeclasses",
	"networking.k8s.io/v1/NetworkPolicy":               "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies",
	"serving.kserve.io/v1beta1/InferenceService":       "/apis/serving.kserve.io/v1beta1/namespaces/%s/inferenceservices",
	"serving.kserve.io/v1alpha1/ServingRuntime":        "/apis/serving.kserve.io/v1alpha1/namespaces/%s/servingruntimes",
	"apiextensions.k8s.io/v1/CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
	"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy":        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
	"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
}

// templates are where the pods of a kind stand: Pod Security judges only pods.
var templates = map[string]bool{"apps/v1/Deployment": true, "batch/v1/Job": true}

// Namespace makes a namespace whose pods must meet the restricted Pod Security Standard.
func (s *Server) Namespace(name string) error {
	return s.create("/api/v1/namespaces", []byte("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: "+name+
		"\n  labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}\n"), false)
}

// Admit tells why the server would not take a file of manifests into a namespace, or with
// which warnings: nil, it takes each of them, and each pod that a template makes.
func (s *Server) Admit(namespace string, manifests []byte) error {
	for _, doc := range Split(manifests) {
		if err := s.admit(namespace, doc); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) admit(namespace string, doc []byte) error {
	var head struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   map[string]any `json:"metadata"`
		Spec       struct {
			Template map[string]any `json:"template"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(doc, &head); err != nil {
		return fmt.Errorf("not YAML: %w", err)
	}
	kind := head.APIVersion + "/" + head.Kind
	place, known := places[kind]
	if !known {
		return fmt.Errorf("%s is a kind that no place is known of", kind)
	}
	if strings.Contains(place, "%s") {
		place = fmt.Sprintf(place, namespace)
	}
	if err := s.create(place, doc, true); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if !templates[kind] {
		return nil
	}
	pod := head.Spec.Template
	pod["apiVersion"], pod["kind"] = "v1", "Pod"
	meta, _ := pod["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["name"], pod["metadata"] = "template", meta
	text, err := yaml.Marshal(pod)
	if err != nil {
		return err
	}
	return s.admit(namespace, text)
}

// create posts an object, strictly: a field that the server does not know is an error, and
// so is a warning.
func (s *Server) create(place string, doc []byte, dry bool) error {
	query := "?fieldValidation=Strict"
	if dry {
		query += "&dryRun=All"
	}
	code, text, err := s.Do("POST", place+query, doc)
	switch {
	case err != nil:
		return err
	case code/100 != 2 || strings.HasPrefix(text, "warning: "):
		return fmt.Errorf("status %d: %s", code, text)
	}
	return nil
}

// Create makes an object that stays, as a policy must.
func (s *Server) Create(doc []byte) error {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(doc, &head); err != nil {
		return err
	}
	return s.create(places[head.APIVersion+"/"+head.Kind], doc, false)
}

// Split parts a file into its documents, without the empty ones.
func Split(manifests []byte) [][]byte {
	var out [][]byte
	for _, doc := range bytes.Split(manifests, []byte("\n---\n")) {
		var v any
		if err := yaml.Unmarshal(doc, &v); err != nil || v != nil {
			out = append(out, doc)
		}
	}
	return out
}
