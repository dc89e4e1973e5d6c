package podman

import "context"

// SecretDriver names what keeps the secret: "file", or a driver that runs programs to
// get it. "" is a secret that the engine does not hold.
func (e *Engine) SecretDriver(ctx context.Context, name string) (string, error) {
	var r struct {
		Spec struct{ Driver struct{ Name string } }
	}
	req := request{doing: "looking for secret " + printable(name), method: "GET", path: escaped("secrets", name) + "/json", limit: queryLimit}
	_, err := e.api.do(ctx, req, &r)
	if isNotFound(err) {
		return "", nil
	}
	return r.Spec.Driver.Name, err
}
