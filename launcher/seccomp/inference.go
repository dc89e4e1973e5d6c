package seccomp

import _ "embed"

//go:generate go test -run TestInferenceIsGenerated -update

//go:embed inference.json
var inference []byte

// Inference returns the bytes of the stricter profile zlaunch ships for
// inference servers on amd64, arm64, ppc64le and s390x. Beyond Podman's default
// it stops nested user namespaces, mounts, key rings, tracing of other processes
// and foreign ABIs; the comments in it say what and why.
func Inference() []byte { return append([]byte(nil), inference...) }
