package effective

import "time"

// Image is what an image says of itself: the facts a run takes over where
// nothing was stated.
type Image struct {
	ID          string // 64 hexadecimal digits
	Digest      string // of the manifest, "sha256:…"
	Arch        string // GOARCH
	OS          string
	User        string   // as the image states it: "", "ibm-user", "1000:1000"
	Env         []string // "NAME=value", in the image's order
	Entrypoint  []string
	Cmd         []string
	Workdir     string
	Exposed     []string // ports of its EXPOSE lines, as "8080/tcp", sorted
	Volumes     []string // targets of the image's VOLUME lines, sorted
	Labels      map[string]string
	Annotations map[string]string // of an OCI manifest
	StopSignal  string
	Healthcheck []string  // its command, "NONE" or "CMD-SHELL" before it; nil none
	Docker      bool      // its manifest is of Docker's format and not of OCI's
	Size        int64     // bytes, as its engine counts them: with copies of its layers under other ids
	Created     time.Time // as it states; of a build that can be repeated no true date
	RepoTags    []string
	RepoDigests []string
}
