package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strconv"
)

// maxModels bounds how many models one server loads.
const maxModels = 64

// modelName is what a model's directory may be called: it becomes part of URLs.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// loadRepository reads the newest version of every model below dir, laid out
// as NAME/VERSION/model.json with VERSION a number. The result is sorted by
// name and never empty. No link out of dir is followed.
func loadRepository(dir string) ([]*classifier, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the model repository: %w", err)
	}
	defer root.Close()
	models, err := loadModels(root.FS())
	if err != nil {
		return nil, fmt.Errorf("loading models from %s: %w", dir, err)
	}
	return models, nil
}

func loadModels(tree fs.FS) ([]*classifier, error) {
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, err
	}
	var models []*classifier
	for _, e := range entries {
		if !e.IsDir() || e.Name()[0] == '.' {
			continue
		}
		if len(models) == maxModels {
			return nil, fmt.Errorf("more than %d models", maxModels)
		}
		m, err := loadModel(tree, e.Name())
		if err != nil {
			return nil, fmt.Errorf("model %q: %w", e.Name(), err)
		}
		models = append(models, m)
	}
	if len(models) == 0 {
		return nil, errors.New("no model there: want NAME/VERSION/model.json")
	}
	return models, nil
}

// loadModel reads the newest version of the model in directory name.
func loadModel(tree fs.FS, name string) (*classifier, error) {
	if !modelName.MatchString(name) {
		return nil, errors.New("the name holds more than letters, digits, '.', '_' and '-'")
	}
	entries, err := fs.ReadDir(tree, name)
	if err != nil {
		return nil, err
	}
	newest := uint64(0)
	for _, e := range entries {
		if v, err := strconv.ParseUint(e.Name(), 10, 32); err == nil && e.IsDir() {
			newest = max(newest, v)
		}
	}
	if newest == 0 {
		return nil, errors.New("no version directory: want a number from 1")
	}
	version := strconv.FormatUint(newest, 10)
	return openModel(tree, name, version)
}

func openModel(tree fs.FS, name, version string) (*classifier, error) {
	f, err := tree.Open(path.Join(name, version, "model.json"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("model.json is not a regular file")
	}
	m, err := readClassifier(f)
	if err != nil {
		return nil, fmt.Errorf("reading version %s: %w", version, err)
	}
	m.name, m.version = name, version
	return m, nil
}
