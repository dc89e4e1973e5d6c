package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// jobs are the libraries and the compiler.
func jobs(arch string) map[string]spec {
	all := map[string]spec{
		"tensorflow": library(arch, "tensorflow", "import tensorflow as tf; print(tf.__version__)"),
		"pytorch":    library(arch, "pytorch", "import torch; print(torch.__version__)"),
		"snapml":     library(arch, "snapml", "import snapml; print(snapml.__version__)"),
		"python": {program: "python3", argv: exactly(nil), named: true, workdir: "SCRATCH", caches: []string{"HOME"},
			env: map[string]string{"PYTHONDONTWRITEBYTECODE": "1"}, scratch: []string{"/tmp", "/var/tmp"},
			models: "/models", layout: data, job: report("python")},
		"zdlc": compiler,
	}
	torch := all["pytorch"]
	torch.caches = append(torch.caches, "TORCHINDUCTOR_CACHE_DIR")
	torch.scratch, torch.runs, torch.shm = append(torch.scratch, "/dev/shm"), []string{"/var/tmp/inductor"}, oneGiB
	all["pytorch"] = torch
	if arch == "s390x" {
		tf := all["tensorflow"]
		tf.env["VIRTUAL_ENV"] = "/opt/venv"
		all["tensorflow"] = tf
	}
	return all
}

// library is a Python with one library, which prints its version. IBM's images
// keep a start file in the home, where only the cache may be written over.
func library(arch, name, code string) spec {
	s := spec{program: "python", argv: exactly([]string{"-c", code}), named: true, workdir: "SCRATCH",
		env: map[string]string{"PYTHONDONTWRITEBYTECODE": "1"}, scratch: []string{"/tmp", "/var/tmp"},
		models: "/models", layout: data, job: report(name)}
	if arch == "s390x" {
		s.scratch = append(s.scratch, "/home/ibm-user/.cache")
		s.seen, s.env["HOME"] = "/home/ibm-user/.bashrc", "/home/ibm-user"
	} else {
		s.caches = []string{"HOME"}
	}
	return s
}

// report prints one line with what was computed of the models, and ends when its
// input does, so that a container can be looked at while it runs.
func report(name string) func(*facts) error {
	return func(f *facts) error {
		n, err := factor(f.files, "models/weights.txt")
		if err != nil {
			return err
		}
		fmt.Printf("standin %s: 14 times %d is %d\n", name, n, 14*n)
		return untilInputEnds()
	}
}

func untilInputEnds() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// compiler is zDLC: it runs as its image's root, prints its help, or writes a
// library where -o says. The input lies in a read-only place, so it must say.
var compiler = spec{
	program: "zdlc", user: "0:0", argv: compilerArgs, scratch: []string{"/tmp"}, models: "/models", layout: graph, job: compile,
}

func compilerArgs(args []string) error {
	if len(args) == 1 && args[0] == "--help" {
		return nil
	}
	return options{style: joined | spaced,
		known: "-o= --EmitLib --EmitJNI --O3 -march= --mtriple= --maccel= --onnx-op-stats= --opt-report= --profile-ir=",
		must:  map[string]string{"-o": "/output/model", "--EmitLib": "", "--O3": "", "-march": "z16", "--mtriple": "s390x-ibm-loz"},
		words: []string{"/models/model.onnx"}}.check(args)
}

func compile(f *facts) error {
	if f.args[0] == "--help" {
		fmt.Println("standin zdlc: usage: zdlc --EmitLib -o /output/NAME MODEL.onnx")
		return untilInputEnds()
	}
	n, err := factor(f.files, "models/model.onnx")
	if err != nil {
		return err
	}
	if f.place("/models", false).writes == nil {
		return errors.New("the input can be written to")
	}
	if err := os.WriteFile("/output/model.so", fmt.Appendf(nil, "compiled with factor %d\n", n), 0o600); err != nil {
		return err
	}
	fmt.Println("standin zdlc: wrote /output/model.so")
	return untilInputEnds()
}
