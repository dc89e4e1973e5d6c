package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// digestEnv is how many MiB the largest model has that is digested; an issue asks for 10240.
const digestEnv = "ZLAUNCH_PAIRS_DIGEST_MIB"

// digests reads models of growing size for their digest, beside sha256sum on as many
// processors. All of it is in the page cache, if the memory is large enough.
func (b *bed) digests(context.Context) ([]contest, error) {
	most := 512
	if asked, err := strconv.Atoi(os.Getenv(digestEnv)); err == nil && asked >= 16 {
		most = asked
	}
	var out []contest
	for _, mib := range []int{most / 4, most / 2, most} {
		dir := filepath.Join(b.dir, "digest-"+number(mib))
		b.progress("making a model of %d MiB", mib)
		if err := weights(dir, mib); err != nil {
			return nil, err
		}
		out = append(out, contest{what: fmt.Sprintf("digest of a model of %s MiB", grouped(mib)), most: 5, ours: command{argv: []string{b.zl, "model", "digest", dir}}, rivals: []rival{
			{name: "sha256sum, one on each processor", aim: 1, command: command{argv: []string{"sh", "-c", `find "$0" -type f -print0 | xargs -0 -n 1 -P "$(nproc)" sha256sum`, dir}},
				fair: "the same bytes and algorithm; zlaunch also looks whether each file changed while it was read, and makes two digests of all"},
			{name: "openssl, one on each processor", command: command{argv: []string{"sh", "-c", `find "$0" -type f -print0 | xargs -0 -n 1 -P "$(nproc)" openssl dgst -sha256`, dir}},
				fair: "a program that uses the processor's own instructions for SHA-256, which Debian's sha256sum does not everywhere"},
		}})
	}
	return out, nil
}

// weights makes a model of sixteen files that no file system stores as holes.
func weights(dir string, mib int) error {
	const files = 16
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i := range files {
		f, err := os.Create(filepath.Join(dir, "weights-"+number(i)+".safetensors"))
		if err != nil {
			return err
		}
		_, err = io.CopyN(f, rand.Reader, int64(mib)<<20/files)
		if closed := f.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}
