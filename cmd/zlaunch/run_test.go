package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher"
)

// The command line becomes the launcher's options, as typed.
func TestRunOptions(t *testing.T) {
	for _, tt := range []struct {
		line string
		want launcher.Options
	}{
		{"triton", launcher.Options{Profile: "triton"}},
		{"triton --models ./m -d", launcher.Options{Profile: "triton", Models: "./m", Detach: true}},
		{"-d --models=./m --output o triton", launcher.Options{Profile: "triton", Models: "./m", Output: "o", Detach: true}},
		{"-p 9000:http triton -p [::1]:1:grpc", launcher.Options{Profile: "triton", Publish: []string{"9000:http", "[::1]:1:grpc"}}},
		{"-e A=1,2 --env B triton --secret s,type=env", launcher.Options{Profile: "triton", Env: []string{"A=1,2", "B"}, Secret: []string{"s,type=env"}}},
		{"triton --memory 8g --cpus 1.5 --network n", launcher.Options{Profile: "triton", Memory: "8g", Cpus: 1.5, Network: "n"}},
		{"triton --name n --image i --pull never --ready-timeout 5m", launcher.Options{Profile: "triton", Name: "n", Image: "i", Pull: "never", ReadyTimeout: 5 * time.Minute}},
		{"triton --waive ZL-104=x --waive=ZL-401=y,z", launcher.Options{Profile: "triton", Waive: []string{"ZL-104=x", "ZL-401=y,z"}}},
		{"triton --podman-arg --init --podman-arg=--tmpfs=/x:size=1m", launcher.Options{Profile: "triton", PodmanArgs: []string{"--init", "--tmpfs=/x:size=1m"}}},
		{"--gpu vllm", launcher.Options{Profile: "vllm", GPU: []string{"any"}}},
		{"--gpu nvidia.com/gpu=0 vllm --gpu=1", launcher.Options{Profile: "vllm", GPU: []string{"nvidia.com/gpu=0", "1"}}},
		{"--gpu all vllm", launcher.Options{Profile: "vllm", GPU: []string{"all"}}},
		{"--gpu 0 --gpu 1 vllm", launcher.Options{Profile: "vllm", GPU: []string{"0", "1"}}},
		{"vllm --gpu -- --gpu a/b=c", launcher.Options{Profile: "vllm", GPU: []string{"any"}, Args: []string{"--gpu", "a/b=c"}}},
		{"-it python -- python3 -i -d", launcher.Options{Profile: "python", Interactive: true, Tty: true, Args: []string{"python3", "-i", "-d"}}},
		{"python -- -test.v -- x", launcher.Options{Profile: "python", Args: []string{"-test.v", "--", "x"}}},
		{"python --", launcher.Options{Profile: "python"}},
	} {
		fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
		o := bindRun(fs)
		if err := parse(fs, strings.Fields(tt.line), false); err != nil {
			t.Errorf("%q: %v", tt.line, err)
			continue
		}
		got, err := o.options(&stdio{}, split(fs))
		if err != nil {
			t.Errorf("%q: %v", tt.line, err)
			continue
		}
		if len(got.Args) == 0 {
			got.Args = nil
		}
		got.LookupEnv = nil
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q:\n got %+v\nwant %+v", tt.line, got, tt.want)
		}
	}
}
