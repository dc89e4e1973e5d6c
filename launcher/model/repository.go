package model

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
)

const tritonExample = "lay it out as REPOSITORY/MODEL/config.pbtxt and REPOSITORY/MODEL/1/model.onnx, and give --models REPOSITORY"

// triton wants a model repository: every directory a model, with a config.pbtxt,
// a version directory, or both.
func (res *Result) triton(fsys fs.FS) []audit.Problem {
	models := directories(fsys, ".")
	if isFile(fsys, "config.pbtxt") {
		return []audit.Problem{wrong(res, "it is one model, not a repository of models", "give the directory above: --models "+Quote(parent(res.Path)))}
	}
	if len(models) == 0 {
		return []audit.Problem{wrong(res, "no model directory in it", tritonExample)}
	}
	if len(versions(fsys, ".")) == len(models) {
		return []audit.Problem{wrong(res, "only version directories in it: it is one model, not a repository", "give the directory above: --models "+Quote(parent(res.Path)))}
	}
	var out []audit.Problem
	for _, m := range models {
		out = append(out, res.tritonModel(fsys, m)...)
	}
	if len(out) == len(models) && len(models) > 1 && !slices.ContainsFunc(out, func(p audit.Problem) bool { return !p.Fatal }) {
		return []audit.Problem{wrong(res, fmt.Sprintf("none of its %d directories is a model", len(models)), tritonExample)}
	}
	return out
}

func (res *Result) tritonModel(fsys fs.FS, m string) []audit.Problem {
	numbered := slices.DeleteFunc(versions(fsys, m), func(v string) bool { return strings.HasPrefix(v, "0") }) // Triton ignores those
	config := isFile(fsys, m+"/config.pbtxt")
	switch {
	case len(numbered) == 0 && !config:
		return []audit.Problem{wrong(res, fmt.Sprintf("the directory %q has neither config.pbtxt nor a version directory such as 1", m), tritonExample)}
	case len(numbered) == 0:
		p := wrong(res, fmt.Sprintf("the model %q has no version directory", m), "mkdir "+Quote(join(join(res.Path, m), "1")))
		p.Fatal = false
		return []audit.Problem{p}
	}
	res.Models = append(res.Models, m)
	return nil
}

const tfExample = "lay it out as MODEL/1/saved_model.pb, and give --models MODEL"

// tfserving wants one model: version directories with a SavedModel each.
func (res *Result) tfserving(fsys fs.FS) []audit.Problem {
	if savedModel(fsys, "") {
		return []audit.Problem{wrong(res, "it is one version of a model", "give the directory above, whose directories are numbers: --models "+Quote(parent(res.Path)))}
	}
	var empty []string
	for _, v := range versions(fsys, ".") {
		if savedModel(fsys, v+"/") {
			res.Models = append(res.Models, v)
		} else {
			empty = append(empty, v)
		}
	}
	switch {
	case len(res.Models) == 0 && len(empty) > 0:
		return []audit.Problem{wrong(res, fmt.Sprintf("version %q has no saved_model.pb", empty[0]), tfExample)}
	case len(res.Models) == 0:
		return []audit.Problem{res.notVersioned(fsys)}
	case len(empty) > 0:
		p := wrong(res, fmt.Sprintf("version %q has no saved_model.pb and is not served", empty[0]), "rm -ri "+Quote(join(res.Path, empty[0])))
		p.Fatal = false
		return []audit.Problem{p}
	}
	return nil
}

// notVersioned looks one level down, for the directory that was meant.
func (res *Result) notVersioned(fsys fs.FS) audit.Problem {
	for _, m := range directories(fsys, ".") {
		if savedModel(fsys, m+"/") {
			return wrong(res, fmt.Sprintf("the SavedModel lies in %q, whose name is not a version number", m),
				"mv "+Quote(join(res.Path, m))+" "+Quote(join(res.Path, "1")))
		}
		for _, v := range versions(fsys, m) {
			if savedModel(fsys, m+"/"+v+"/") {
				return wrong(res, "it holds models, and TF Serving is given one", "--models "+Quote(join(res.Path, m)))
			}
		}
	}
	return wrong(res, "no version directory such as 1 in it", tfExample)
}

func savedModel(fsys fs.FS, prefix string) bool {
	return isFile(fsys, prefix+"saved_model.pb") || isFile(fsys, prefix+"saved_model.pbtxt")
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}
