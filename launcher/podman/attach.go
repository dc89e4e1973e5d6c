package podman

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Stream is what a workload writes, as it writes it.
type Stream struct {
	body  io.ReadCloser
	doing string
}

// Listen attaches to a container that was initialised and not started yet, so that nothing
// of what it will write is missed: conmon holds the workload back until somebody reads.
// Whoever asks for it closes it.
func Listen(ctx context.Context, cs Containers, id string) (*Stream, error) {
	doing := "attaching to container " + short(id)
	query := url.Values{"stdout": {"true"}, "stderr": {"true"}, "stream": {"true"}, "logs": {"false"}}
	resp, err := cs.api.send(ctx, request{doing: doing, method: "POST", path: escaped("containers", id, "attach"), query: query})
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		defer resp.Body.Close()
		return nil, replyError(doing, resp)
	}
	return &Stream{resp.Body, doing}, nil
}

// Copy copies until the workload's last word, or until one of the writers takes no more;
// the error is that writer's then.
func (o *Stream) Copy(stdout, stderr io.Writer) error {
	if err := demultiplex(o.body, stdout, stderr); err != nil {
		return fmt.Errorf("%s: %w", o.doing, err)
	}
	return nil
}

// Close ends it.
func (o *Stream) Close() error { return o.body.Close() }
