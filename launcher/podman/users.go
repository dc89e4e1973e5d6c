package podman

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/moby/sys/user"
	"github.com/zlaunch/zlaunch/launcher/effective"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// identity is an image's user in numbers.
type identity struct {
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
	Home string `json:"home"`
}

// LookupUser finds the numeric identity of the image's user, and its home, as
// Podman will: from /etc/passwd and /etc/group of the image, which may both be
// missing where the user is a number. Nothing of the image is run. What was
// found is kept by image ID, which stands for the content.
func (e *Engine) LookupUser(ctx context.Context, img *effective.Image) (uid, gid int, home string, err error) {
	cache := userCache(e.cacheDir, img)
	if id, ok := loadIdentity(cache); ok {
		return id.UID, id.GID, id.Home, nil
	}
	var passwd, group []byte
	rs := readersOf(e)
	err = rs.readImage(ctx, img.ID, func(ctx context.Context, c string) (err error) {
		if passwd, err = rs.readOptional(ctx, c, "/etc/passwd"); err != nil || !namesGroup(img.User) {
			return err
		}
		group, err = rs.readOptional(ctx, c, "/etc/group")
		return err
	})
	if err != nil {
		return 0, 0, "", fmt.Errorf("looking up user %q of the image: %w", img.User, err)
	}
	id, err := parseIdentity(img.User, passwd, group)
	if err != nil {
		return 0, 0, "", hint.Errorf("--podman-arg=--user=UID:GID", "looking up user %q of the image: %w", img.User, err)
	}
	if cache != "" {
		_ = storeJSON(cache, id) // a lookup that is not kept is only slower next time
	}
	return id.UID, id.GID, id.Home, nil
}

func (rs readers) readOptional(ctx context.Context, container, name string) ([]byte, error) {
	data, err := rs.readContainerFile(ctx, container, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// namesGroup tells whether a USER names a group that is no number, so that
// /etc/group is needed. Each read costs the engine some 250 ms: it runs its
// copier twice in a process of its own.
func namesGroup(spec string) bool {
	_, group, _ := strings.Cut(spec, ":")
	return strings.Trim(group, "0123456789") != ""
}

// parseIdentity resolves an image's USER by the package Podman itself uses. The
// files are hostile: a negative or huge number in them is an error.
func parseIdentity(spec string, passwd, group []byte) (identity, error) {
	if strings.ContainsAny(spec, "\x00\n") || strings.Count(spec, ":") > 1 {
		return identity{}, errors.New("not a user")
	}
	u, err := user.GetExecUser(spec, &user.ExecUser{Home: "/"}, reader(passwd), reader(group))
	if err != nil {
		return identity{}, err
	}
	const maxID = 1<<31 - 1
	if u.Uid < 0 || u.Gid < 0 || u.Uid > maxID || u.Gid > maxID {
		return identity{}, fmt.Errorf("%d:%d is out of range", u.Uid, u.Gid)
	}
	home := u.Home
	if !filepath.IsAbs(home) || strings.ContainsRune(home, 0) {
		home = "/"
	}
	return identity{u.Uid, u.Gid, home}, nil
}

func reader(data []byte) io.Reader { return bytes.NewReader(data) }

// userCache is the file that keeps who a user of an image is; "" keeps nothing.
func userCache(dir string, img *effective.Image) string {
	if dir == "" || !isID(img.ID) {
		return ""
	}
	sum := sha256.Sum256([]byte(img.User))
	return filepath.Join(dir, fmt.Sprintf("user-%s-%x.json", img.ID, sum[:6]))
}

func loadIdentity(file string) (identity, bool) {
	var id identity
	if file == "" {
		return id, false
	}
	data, err := readFile(file, 4<<10)
	if err != nil || json.Unmarshal(data, &id) != nil {
		return id, false
	}
	return id, id.UID >= 0 && id.GID >= 0 && filepath.IsAbs(id.Home)
}

// isID tells whether s is a full image or container ID: 64 hexadecimal digits.
func isID(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
