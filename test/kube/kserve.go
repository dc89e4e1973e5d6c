package kube

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// KServe's module is on no proxy that is reached here, and its definitions of 2 MB are not ours to keep.
// So the kinds below are defined anew: the fields that zlaunch writes, and their neighbours,
// by the names and types that KServe's Go types give them (pkg/apis/serving, August 2026), and of
// a pod, its containers and volumes what this API server itself says of them.

type schema = map[string]any

func of(kind string, more ...any) schema {
	out := schema{"type": kind}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

func listOf(item schema) schema { return of("array", "items", item) }

var (
	texts       = of("object", "additionalProperties", of("string"))
	modelFormat = of("object", "properties", schema{"name": of("string"), "version": of("string")}, "required", []string{"name"})
	supported   = of("object", "properties", schema{
		"name": of("string"), "version": of("string"), "autoSelect": of("boolean"), "priority": of("integer"),
	}, "required", []string{"name"})
	storageURI = of("object", "properties", schema{"uri": of("string", "minLength", 1), "mountPath": of("string", "pattern", "^/.*")}, "required", []string{"uri"})
)

// runtimeSpec is ServingRuntimeSpec, of single models.
func runtimeSpec(api openAPI) schema {
	pod := api.schema("PodSpec")["properties"].(schema)
	fields := schema{
		"supportedModelFormats": listOf(supported), "multiModel": of("boolean"), "disabled": of("boolean"),
		"protocolVersions": listOf(of("string")), "labels": texts, "annotations": texts,
	}
	for _, k := range strings.Fields("containers volumes nodeSelector affinity tolerations imagePullSecrets hostIPC") {
		fields[k] = pod[k]
	}
	return of("object", "properties", fields, "required", []string{"containers"})
}

// serviceSpec is InferenceServiceSpec: a predictor is a pod, with fields of its own.
func serviceSpec(api openAPI) schema {
	model := maps.Clone(api.schema("Container")["properties"].(schema))
	maps.Copy(model, schema{
		"modelFormat": modelFormat, "runtime": of("string"), "runtimeVersion": of("string"), "protocolVersion": of("string"), "storageUri": of("string"),
	})
	predictor := maps.Clone(api.schema("PodSpec")["properties"].(schema))
	maps.Copy(predictor, schema{
		"minReplicas": of("integer"), "maxReplicas": of("integer"), "timeout": of("integer"), "containerConcurrency": of("integer"),
		"labels": texts, "annotations": texts, "storageUris": listOf(storageURI),
		"deploymentStrategy": of("object", "properties", schema{"type": of("string")}),
		"model":              of("object", "properties", model, "required", []string{"modelFormat"}),
	})
	return of("object", "properties", schema{"predictor": of("object", "properties", predictor)}, "required", []string{"predictor"})
}

// KServe makes the server know the two kinds.
func (s *Server) KServe(t testing.TB) {
	t.Helper()
	code, text, err := s.Do("GET", "/openapi/v3/api/v1", nil)
	if err != nil || code != http.StatusOK {
		t.Fatalf("%d %v", code, err)
	}
	var api openAPI
	if err := json.Unmarshal([]byte(text), &api); err != nil {
		t.Fatal(err)
	}
	s.define(t, "ServingRuntime", "v1alpha1", runtimeSpec(api))
	s.define(t, "InferenceService", "v1beta1", serviceSpec(api))
}

// define makes a kind and waits until the server serves it.
func (s *Server) define(t testing.TB, kind, version string, spec schema) {
	t.Helper()
	plural := strings.ToLower(kind) + "s"
	doc, err := yaml.Marshal(schema{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": schema{"name": plural + ".serving.kserve.io"},
		"spec": schema{
			"group": "serving.kserve.io", "scope": "Namespaced", "names": schema{"kind": kind, "plural": plural, "singular": strings.ToLower(kind)},
			"versions": []schema{{
				"name": version, "served": true, "storage": true, "schema": schema{"openAPIV3Schema": of("object", "properties", schema{"spec": spec})},
			}},
		},
	})
	if err == nil {
		err = s.Create(doc)
	}
	if err != nil {
		t.Fatal(err)
	}
	list := fmt.Sprintf(places["serving.kserve.io/"+version+"/"+kind], "default")
	for {
		if code, _, err := s.Do("GET", list, nil); err != nil {
			t.Fatal(err)
		} else if code == http.StatusOK {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// openAPI is what the server says of its own kinds.
type openAPI struct {
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

func (a openAPI) schema(kind string) schema {
	return a.structural(a.Components.Schemas["io.k8s.api.core.v1."+kind])
}

// structural is a schema as a definition may have it: without references, defaults and merge
// keys, and with a word for what is a number or a text.
func (a openAPI) structural(in schema) schema {
	if refs, ok := in["allOf"].([]any); ok {
		return a.structural(refs[0].(schema))
	}
	if ref, ok := in["$ref"].(string); ok {
		return a.structural(a.Components.Schemas[path.Base(ref)])
	}
	if in["oneOf"] != nil {
		return schema{"x-kubernetes-int-or-string": true}
	}
	out := schema{"type": in["type"]}
	if props, ok := in["properties"].(schema); ok {
		fields := schema{}
		for k, v := range props {
			fields[k] = a.structural(v.(schema))
		}
		out["properties"] = fields
	}
	for _, k := range []string{"items", "additionalProperties"} {
		if v, ok := in[k].(schema); ok {
			out[k] = a.structural(v)
		}
	}
	if in["required"] != nil {
		out["required"] = in["required"]
	}
	return out
}

// Served is the pod that KServe makes of a service and its runtime, which stand in one file:
// the fields of both, the variable that it adds, and the claims that it mounts.
func Served(manifests []byte) ([]byte, error) {
	type object struct {
		Kind string
		Spec schema
	}
	all := map[string]schema{}
	for _, doc := range Split(manifests) {
		var o object
		if err := yaml.Unmarshal(doc, &o); err != nil {
			return nil, err
		}
		all[o.Kind] = o.Spec
	}
	predictor, ok := all["InferenceService"]["predictor"].(schema)
	if !ok {
		return nil, fmt.Errorf("there is no InferenceService with a predictor")
	}
	pod, meta := schema{}, schema{"name": "served"}
	for _, from := range []schema{all["ServingRuntime"], predictor} {
		for k, v := range from {
			switch k {
			case "labels", "annotations":
				meta[k] = v
			case "supportedModelFormats", "multiModel", "protocolVersions", "model", "storageUris", "minReplicas", "maxReplicas", "deploymentStrategy":
			default:
				pod[k] = v
			}
		}
	}
	c := pod["containers"].([]any)[0].(schema)
	env, _ := c["env"].([]any)
	c["env"] = append(env, schema{"name": "INFERENCE_SERVICE_NAME", "value": "served"})
	mount(pod, c, predictor)
	return yaml.Marshal(schema{"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod})
}

// mount adds the claims that a predictor names.
func mount(pod, c, predictor schema) {
	uris, _ := predictor["storageUris"].([]any)
	for i, u := range uris {
		name := fmt.Sprintf("kserve-%d", i)
		volumes, _ := pod["volumes"].([]any)
		mounts, _ := c["volumeMounts"].([]any)
		claim := strings.TrimPrefix(u.(schema)["uri"].(string), "pvc://")
		pod["volumes"] = append(volumes, schema{"name": name, "persistentVolumeClaim": schema{"claimName": claim, "readOnly": true}})
		c["volumeMounts"] = append(mounts, schema{"name": name, "mountPath": u.(schema)["mountPath"], "readOnly": true})
	}
}
