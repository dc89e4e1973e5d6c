package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// factor reads what the stand-in computes with: the number behind the last
// "factor " of the weights. That the answer to a request depends on it shows that
// the weights were read.
func factor(files fs.FS, weights string) (int, error) {
	data, err := fs.ReadFile(files, weights)
	if err != nil {
		return 0, err
	}
	at := bytes.LastIndex(data, []byte("factor "))
	if at < 0 {
		return 0, fmt.Errorf("%s holds no factor", weights)
	}
	return strconv.Atoi(strings.TrimSpace(string(data[at+len("factor "):])))
}

// only returns the one match of pattern.
func only(files fs.FS, pattern string) (string, error) {
	found, err := fs.Glob(files, pattern)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d files match %s, and one must", len(found), pattern)
	}
	return found[0], nil
}

// repository is Triton's: MODEL/config.pbtxt and MODEL/VERSION/model.EXTENSION.
func repository(files fs.FS) (string, error) {
	config, err := only(files, "*/config.pbtxt")
	if err != nil {
		return "", err
	}
	name := path.Dir(config)
	data, err := fs.ReadFile(files, config)
	if err != nil {
		return "", err
	}
	if !strings.Contains(string(data), fmt.Sprintf("name: %q", name)) {
		return "", fmt.Errorf("%s does not name the model %s", config, name)
	}
	return only(files, name+"/[1-9]/model.*")
}

// savedModel is TF Serving's: VERSION/saved_model.pb.
func savedModel(files fs.FS) (string, error) { return only(files, "[0-9]/saved_model.pb") }

// intermediate is OpenVINO's: VERSION/NAME.xml with its .bin.
func intermediate(files fs.FS) (string, error) {
	xml, err := only(files, "[0-9]/*.xml")
	if err != nil {
		return "", err
	}
	return only(files, strings.TrimSuffix(xml, ".xml")+".bin")
}

// transformer is a model directory of Hugging Face.
func transformer(files fs.FS) (string, error) {
	for _, name := range []string{"config.json", "tokenizer.json"} {
		if _, err := fs.Stat(files, name); err != nil {
			return "", err
		}
	}
	return only(files, "*.safetensors")
}

// settings is MLServer's: a model-settings.json that names implementation and file.
func settings(files fs.FS) (string, error) {
	name, err := only(files, "*/model-settings.json")
	if err != nil {
		return "", err
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return "", err
	}
	var doc struct {
		Name, Implementation string
		Parameters           struct{ URI string }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if doc.Name == "" || doc.Implementation == "" || doc.Parameters.URI == "" {
		return "", fmt.Errorf("%s lacks name, implementation or parameters.uri", name)
	}
	return path.Join(path.Dir(name), doc.Parameters.URI), nil
}

// data is a directory of anything, with one file of the stand-in's own.
func data(files fs.FS) (string, error) { return only(files, "weights.txt") }

// graph is a directory with one ONNX file.
func graph(files fs.FS) (string, error) { return only(files, "*.onnx") }

// gguf reads the head of a GGUF file, in this machine's byte order as llama.cpp does.
func gguf(files fs.FS, name string) error {
	return ggufOf(files, name, runtime.GOARCH == "s390x")
}

func ggufOf(files fs.FS, name string, big bool) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if len(data) < 8 || string(data[:4]) != "GGUF" {
		return errors.New("not a GGUF file")
	}
	var order binary.ByteOrder = binary.LittleEndian
	if big {
		order = binary.BigEndian
	}
	if version := order.Uint32(data[4:]); version != 3 {
		return fmt.Errorf("GGUF version %d: the file has the other byte order", version)
	}
	return nil
}
