package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/podman"
)

// astray says what is wrong with a word that can only be meant as a path, where it is none of an
// image: no engine is asked for ./x, nor for x.toml.
func astray(doing, word string) error {
	if _, _, is := layoutOf(word); is {
		return nil
	}
	if rest, is := transported(word); is {
		return hint.Errorf("zlaunch list\npodman images\nof a layout: its directory, "+rest, "%s %s: an image is named without a transport", doing, word)
	}
	if filepath.IsAbs(word) || filepath.Ext(word) == ".toml" || strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../") {
		return noImageAt(doing, word)
	}
	return nil
}

// transported takes the transport off a word as skopeo(1) and containers-transports(5) have it.
func transported(word string) (rest string, is bool) {
	for _, transport := range []string{"oci", "dir", "docker", "oci-archive", "docker-archive", "docker-daemon", "containers-storage"} {
		if rest, is := strings.CutPrefix(word, transport+":"); is && (transport != "docker" || strings.HasPrefix(rest, "//")) {
			return strings.TrimPrefix(rest, "//"), true
		}
	}
	return "", false
}

// noImageAt says why there is no image at a path that is no layout.
func noImageAt(doing, path string) error {
	const which = "zlaunch list\npodman images"
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return hint.Errorf(which, "%s %s: there is no such file or directory", doing, path)
	case err != nil:
		return fmt.Errorf("%s %s: %w", doing, path, err)
	case info.IsDir():
		return hint.Errorf("skopeo copy docker://IMAGE oci:DIRECTORY", "%s %s: the directory has no OCI image layout", doing, path)
	case filepath.Ext(path) == ".toml":
		return hint.Errorf("of a profile that it defines: the profile's name, see zlaunch list", "%s %s: the file is no stack", doing, path)
	}
	return hint.Errorf(which, "%s %s: the file is no OCI image layout, which is a directory", doing, path)
}

// unheld is the error of an image that an engine was asked for. Where it holds none, and something
// else has the name, that was meant.
func unheld(err error, doing, word, next string) error {
	if !errors.Is(err, podman.ErrNoImage) {
		return err
	}
	if _, missing := os.Lstat(word); missing == nil {
		return noImageAt(doing, word)
	}
	return hint.Wrap(fmt.Errorf("%s %s, which is no profile and no directory: %w", doing, word, podman.ErrNoImage), next)
}

// unpulled is the error of a profile's image that an engine was asked for, where it holds none.
func unpulled(err error, doing, profile string) error {
	if !errors.Is(err, podman.ErrNoImage) {
		return err
	}
	return hint.Wrap(fmt.Errorf("%s the image of profile %s: %w", doing, profile, err), "zlaunch pull "+profile)
}

// nearly is what to do where a word is the name of no image here: the profile that it is nearly
// called by, the image, or a container, where a container may have that name.
func nearly(command, word string, profiles []string) string {
	next := "podman pull " + word
	if near := hint.Nearest(word, profiles); near != "" {
		next = "zlaunch " + command + " " + near
	}
	if command == "inspect" && !strings.ContainsAny(word, "/:@") {
		next += "\nof a container: zlaunch audit --container " + word
	}
	return next
}
