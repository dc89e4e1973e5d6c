package main

import "maps"

const (
	oneGiB  = 1 << 30
	fourGiB = 4 << 30
)

// specs are the frameworks as they are on one architecture, by profile.
func specs(arch string) map[string]spec {
	all := map[string]spec{"triton": triton(arch), "tensorflow-serving": serving(arch), "llama-cpp": llama(arch),
		"vllm": vllm, "ovms": ovms, "mlserver": mlserver, "jupyter": jupyter}
	maps.Copy(all, jobs(arch))
	return all
}

// Triton's Python backend copies its stub to /tmp, runs it there, and hands
// tensors over in /dev/shm. Upstream's files are triton-server's; the number of
// IBM's ibm-user is told by no document.
func triton(arch string) spec {
	user := "1000:1000"
	if arch == "s390x" {
		user = ""
	}
	return spec{
		program: "tritonserver", user: user, beside: true,
		argv: options{style: joined | spaced,
			known: "--model-repository= --model-control-mode= --exit-on-error= --strict-readiness= --log-verbose= --log-format= --backend-config= " +
				"--disable-auto-complete-config --http-restricted-api= --allow-metrics= --http-port= --grpc-port= --metrics-port=",
			must: map[string]string{"--model-repository": "/models", "--model-control-mode": "none", "--exit-on-error": "true"},
			may:  map[string]string{"--http-port": "8000", "--grpc-port": "8001", "--metrics-port": "8002"}}.check,
		caches: []string{"HOME"}, scratch: []string{"/tmp"}, runs: []string{"/tmp"}, shm: oneGiB,
		models: "/models", layout: repository,
		serves: []listener{{port: 8000, answers: inference("add")}, {port: 8001}, {port: 8002, answers: metrics}},
	}
}

// TF Serving writes nothing.
func serving(string) spec {
	return spec{
		program: "tensorflow_model_server", beside: true,
		argv: options{style: joined,
			known: "--port= --rest_api_port= --model_name= --model_base_path= --ssl_config_file= --enable_batching --monitoring_config_file=",
			must:  map[string]string{"--port": "8500", "--rest_api_port": "8501", "--model_name": "model", "--model_base_path": "/models/model"}}.check,
		models: "/models/model", layout: savedModel,
		serves: []listener{{port: 8500}, {port: 8501, answers: predictions}},
	}
}

// llama-server finds its backends beside itself, in the directory it starts in.
func llama(arch string) spec {
	dir := "/app"
	if arch == "s390x" {
		dir = "/llama.cpp/bin"
	}
	return spec{
		program: "llama-server", workdir: dir,
		argv: options{style: spaced,
			known: "--model= -m= --host= --port= --offline --no-ui --no-slots -c= --threads= --parallel= --metrics --api-key-file= --log-jsonl -lv=",
			must: map[string]string{"--model": "/models/model.gguf", "--host": "0.0.0.0", "--port": "8080",
				"--offline": "", "--no-ui": "", "--no-slots": ""}}.check,
		env: map[string]string{"LLAMA_ARG_HOST": "0.0.0.0"}, caches: []string{"HOME"},
		models: "/models/model.gguf",
		serves: []listener{{port: 8080, early: true, answers: completions("/completion")}},
	}
}

// vLLM's engine compiles kernels into its home and loads them from there; its
// workers hand tensors over in /dev/shm.
var vllm = spec{
	program: "vllm", user: "2000:2000", named: true, beside: true,
	argv: options{style: joined | spaced,
		known: "--served-model-name= --host= --port= --max-model-len= --dtype= --api-key=",
		must:  map[string]string{"--served-model-name": "model", "--host": "0.0.0.0", "--port": "8000"},
		words: []string{"serve", "/models"}}.check,
	env:    map[string]string{"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
	caches: []string{"HOME", "VLLM_CONFIG_ROOT"}, scratch: []string{"/tmp", "/home/vllm/.cache"}, runs: []string{"/home/vllm"}, shm: fourGiB,
	models: "/models", layout: transformer,
	serves: []listener{{port: 8000, answers: completions("/v1/completions")}},
}

// OVMS has both ports off until they are given; read-only with a writable /tmp
// is documented.
var ovms = spec{
	program: "ovms", user: "5000:5000",
	argv: options{style: joined | spaced,
		known: "--model_name= --model_path= --port= --rest_port= --log_level= --metrics_enable --target_device= --nireq= --api_key_file=",
		must:  map[string]string{"--model_name": "model", "--model_path": "/models/model", "--port": "9000", "--rest_port": "8000"}}.check,
	scratch: []string{"/tmp"},
	models:  "/models/model", layout: intermediate,
	serves: []listener{{port: 9000}, {port: 8000, answers: inference("model")}},
}

// MLServer would write below its working directory, which is the image's.
var mlserver = spec{
	program: "mlserver", user: "1000:1000", named: true, beside: true, workdir: "/opt/mlserver", seen: "/opt/mlserver/hack/activate-env.sh",
	argv:    exactly([]string{"start", "/mnt/models"}),
	env:     map[string]string{"HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"},
	caches:  []string{"HOME", "HF_HOME", "NUMBA_CACHE_DIR", "MLSERVER_METRICS_DIR", "MLSERVER_ENVIRONMENTS_DIR"},
	scratch: []string{"/tmp", "/dev/shm"}, shm: 256 << 20,
	models: "/mnt/models", layout: settings,
	serves: []listener{{port: 8080, answers: inference("add")}, {port: 8081}, {port: 8082, answers: metrics}},
}

// JupyterLab keeps its runtime files, settings and kernels' connections in the home
// of the image's own user.
var jupyter = spec{
	program: "start-notebook.py", user: "1000:100", named: true, workdir: "/home/jovyan",
	argv:    options{style: joined | spaced, known: "--PasswordIdentityProvider.hashed_password= --log-level="}.check,
	env:     map[string]string{"HOME": "/home/jovyan", "JUPYTER_PORT": "8888", "PYTHONDONTWRITEBYTECODE": "1"},
	caches:  []string{"HOME", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"},
	scratch: []string{"/tmp", "/home/jovyan/.local/share/jupyter/runtime", "/home/jovyan/.cache", "/home/jovyan/work"}, shm: 256 << 20,
	models: "/home/jovyan/models", layout: data,
	serves: []listener{{port: 8888, answers: notebook}},
}
