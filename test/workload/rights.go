package main

import (
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// rightsOf prints the files below a directory that give rights, as they lie there.
func rightsOf(args []string) (int, error) {
	root, err := only(args)
	if err != nil {
		return 2, err
	}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		at, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if !fi.Mode().IsRegular() {
			return nil
		}
		if fi.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
			fmt.Println("setuid /" + at)
		}
		if _, err := unix.Lgetxattr(name, "security.capability", nil); err == nil {
			fmt.Println("capable /" + at)
		}
		return nil
	})
	if err != nil {
		return 1, err
	}
	return 0, nil
}
