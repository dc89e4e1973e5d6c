package podman

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxFrame bounds one message of a log. Podman sends a message for each line;
// conmon cuts those at 8 KiB and Podman joins them again.
const maxFrame = 64 << 20

// LogOptions says which part of a log is wanted.
type LogOptions struct {
	Follow     bool
	Tail       int       // the last lines only; 0: all
	Since      time.Time // zero: from the beginning
	Timestamps bool
}

// Logs copies what the workload wrote to stdout and stderr, as it wrote it. With
// Follow it returns when the container has ended, or with the context; Podman 4.3
// then sometimes leaves out the very last lines (`podman logs -f` likewise), which
// a second call without Follow has.
func (cs Containers) Logs(ctx context.Context, id string, o LogOptions, stdout, stderr io.Writer) error {
	doing := "reading the log of container " + short(id)
	query := url.Values{"stdout": {"true"}, "stderr": {"true"},
		"follow": {strconv.FormatBool(o.Follow)}, "timestamps": {strconv.FormatBool(o.Timestamps)}}
	if o.Tail > 0 {
		query.Set("tail", strconv.Itoa(o.Tail))
	}
	if !o.Since.IsZero() {
		query.Set("since", o.Since.Format(time.RFC3339Nano))
	}
	resp, err := cs.api.send(ctx, request{doing: doing, method: "GET", path: escaped("containers", id) + "/logs", query: query})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return replyError(doing, resp)
	}
	if err := demultiplex(resp.Body, stdout, stderr); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// demultiplex splits a stream of frames: a header of eight bytes, the stream's
// number first and the length in its last four, then that many bytes. The length
// sizes no buffer.
func demultiplex(r io.Reader, stdout, stderr io.Writer) error {
	var header [8]byte
	for {
		_, err := io.ReadFull(r, header[:])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading a frame: %w", err)
		}
		to := stdout
		switch header[0] {
		case 0, 1:
		case 2:
			to = stderr
		default:
			return fmt.Errorf("reading a frame: there is no stream %d", header[0])
		}
		n := int64(binary.BigEndian.Uint32(header[4:]))
		if n > maxFrame {
			return errors.New("reading a frame: it is too long")
		}
		if m, err := io.CopyN(to, r, n); err == io.EOF && m < n {
			return fmt.Errorf("reading a frame: %w", io.ErrUnexpectedEOF)
		} else if err != nil {
			return err
		}
	}
}
