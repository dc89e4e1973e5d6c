package main

import (
	"slices"
	"testing"
)

func TestUnwrap(t *testing.T) {
	env := map[string]string{"MODEL_NAME": "model", "MODEL_BASE_PATH": "/models", "MLSERVER_MODELS_DIR": "/mnt/models"}
	for _, c := range []struct {
		name    string
		args    []string
		next    []string
		wrapper bool
		fails   bool
	}{
		{"tritonserver", []string{"--x"}, nil, false, false},
		{"nvidia_entrypoint.sh", []string{"tritonserver", "--x"}, []string{"tritonserver", "--x"}, true, false},
		{"tini", []string{"-g", "--", "start.sh", "a"}, []string{"start.sh", "a"}, true, false},
		{"tini", []string{"start.sh"}, nil, true, true},
		{"bash", []string{"-c", mlserverStart}, []string{"mlserver", "start", "/mnt/models"}, true, false},
		{"bash", []string{"-c", "id"}, nil, true, true},
		{"vllm", []string{"serve", "/models"}, nil, false, false},
		{"vllm", []string{"/models"}, nil, true, true},
		{"tf_serving_entrypoint.sh", nil, []string{"tensorflow_model_server", "--port=8500", "--rest_api_port=8501", "--model_name=model",
			"--model_base_path=/models/model"}, true, false},
	} {
		next, wrapper, err := unwrap(c.name, c.args, func(name string) string { return env[name] })
		if wrapper != c.wrapper || (err != nil) != c.fails || !slices.Equal(next, c.next) {
			t.Errorf("%s %q: %q, %v, %v", c.name, c.args, next, wrapper, err)
		}
	}
}

func TestOptions(t *testing.T) {
	o := options{style: spaced, known: "--model= --offline -c=", must: map[string]string{"--model": "/m", "--offline": ""}}
	for _, c := range []struct {
		args  []string
		fails bool
	}{
		{[]string{"--model", "/m", "--offline"}, false},
		{[]string{"--offline", "-c", "4096", "--model", "/m"}, false},
		{[]string{"--model=/m", "--offline"}, true},
		{[]string{"--offline", "--model"}, true},
		{[]string{"--model", "/m"}, true},
		{[]string{"--model", "/m", "--offline", "more"}, true},
	} {
		if err := o.check(c.args); (err != nil) != c.fails {
			t.Errorf("%q: %v", c.args, err)
		}
	}
}
