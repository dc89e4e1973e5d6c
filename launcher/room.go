package launcher

import "github.com/zlaunch/zlaunch/launcher/internal/scratch"

// Room makes a directory of the caller's alone that an image can be written to, where podman
// has room for them: $TMPDIR, or image_copy_tmp_dir of containers.conf, or /var/tmp. leave
// removes it with what is in it; where the program is killed before, a later Room does.
func Room(l *Launcher) (dir string, leave func() error, err error) {
	d, err := l.Dirs.Scratch().Make(scratch.Claim{Kind: "image"})
	if err != nil {
		return "", nil, err
	}
	return d.Path, d.Remove, nil
}
