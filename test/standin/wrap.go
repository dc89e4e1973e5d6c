package main

import (
	"fmt"
	"slices"
	"strings"
)

// mlserverStart is the shell command that is the CMD of MLServer's image.
const mlserverStart = ". $CONDA_PATH/etc/profile.d/conda.sh && source ./hack/activate-env.sh $MLSERVER_ENV_TARBALL && mlserver start $MLSERVER_MODELS_DIR"

// unwrap plays the scripts that stand before a program in its image: next is what
// they would start. wrapper is false where name is no such script.
func unwrap(name string, args []string, getenv func(string) string) (next []string, wrapper bool, err error) {
	switch name {
	case "nvidia_entrypoint.sh", "start.sh":
		return args, true, nil // both end in exec "$@"
	case "tini":
		if len(args) < 3 || !slices.Equal(args[:2], []string{"-g", "--"}) {
			return nil, true, fmt.Errorf("tini is started as tini -g -- PROGRAM, not with %q", args)
		}
		return args[2:], true, nil
	case "tf_serving_entrypoint.sh":
		return append([]string{"tensorflow_model_server", "--port=8500", "--rest_api_port=8501",
			"--model_name=" + getenv("MODEL_NAME"), "--model_base_path=" + getenv("MODEL_BASE_PATH") + "/" + getenv("MODEL_NAME")}, args...), true, nil
	case "vllm":
		if len(args) == 0 || args[0] != "serve" {
			return nil, true, fmt.Errorf("vllm is started as vllm serve, not with %q", args)
		}
		return nil, false, nil
	case "bash":
		return shell(args, getenv)
	}
	return nil, false, nil
}

// shell plays bash -c for the one command that an image has.
func shell(args []string, getenv func(string) string) ([]string, bool, error) {
	if len(args) != 2 || args[0] != "-c" || args[1] != mlserverStart {
		return nil, true, fmt.Errorf("the image's command is %q, not %q", mlserverStart, strings.Join(args, " "))
	}
	return []string{"mlserver", "start", getenv("MLSERVER_MODELS_DIR")}, true, nil
}
