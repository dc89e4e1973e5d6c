package podman

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"

	"github.com/containers/podman/v5/pkg/errorhandling"
	"github.com/zlaunch/zlaunch/launcher/hint"
)

// Kinds of failure a caller may branch on, found with [errors.Is].
var (
	// ErrNoImage: the engine does not hold the image.
	ErrNoImage = errors.New("image not known")
	// ErrImageName: no image can have that name.
	ErrImageName = errors.New("not the name of an image")
	// ErrNoContainer: there is no such container, or no more.
	ErrNoContainer = errors.New("no such container")
	// ErrNameInUse: another container has the name.
	ErrNameInUse = errors.New("name is in use")
	// ErrCommandNotFound: the image lacks the command; exit code 127.
	ErrCommandNotFound = errors.New("command not found")
	// ErrCommandCannotRun: the command is there and cannot be run; exit code 126.
	ErrCommandCannotRun = errors.New("command cannot be run")
	// ErrUnauthorized: the registry wants a login, or refused this one.
	ErrUnauthorized = errors.New("registry refused access")
	// ErrDelisted: the registry no longer has the image under that reference.
	ErrDelisted = errors.New("not in the registry")
	// ErrDigest: the registry answers with another image than the digest names.
	ErrDigest = errors.New("not what the digest names")
	// ErrOffline: the registry cannot be reached.
	ErrOffline = errors.New("registry cannot be reached")
	// ErrNoRoom: the engine's storage is full.
	ErrNoRoom = errors.New("no room in the engine's storage")
	// ErrNoEvidence: what was asked for cannot be read from here.
	ErrNoEvidence = errors.New("no evidence")
	// ErrEnded: the process is over, though the engine may not have noticed yet.
	ErrEnded = errors.New("the process has ended")
	// ErrNeverRan: the container has no exit code, for it was never started.
	ErrNeverRan = errors.New("container never ran")
	// ErrNotPodman: what answers is not a Podman service of a usable version.
	ErrNotPodman = errors.New("not a usable Podman service")
	// ErrNoService: nothing answers where the engine should be.
	ErrNoService = errors.New("no Podman service")
)

// causes tells kinds apart by the text of Podman's own error values: HTTP codes
// differ from version to version (an absent image is 500 on 4.3, 404 on 5.4).
// The texts are those of libpod/define/errors.go and storage/errors.go; the
// first match counts.
var causes = []struct {
	text string
	kind error
}{
	{"image not known", ErrNoImage},
	{"invalid reference format", ErrImageName}, // of github.com/distribution/reference
	{"repository name must", ErrImageName},     // be lowercase, and short
	{"no such container", ErrNoContainer},
	{"that name is already in use", ErrNameInUse},
	{"attempted to invoke a command that was not found", ErrCommandNotFound},
	{"OCI permission denied", ErrCommandCannotRun},
	{"OCI runtime permission denied", ErrCommandCannotRun},
	{": is a directory: OCI runtime error", ErrCommandCannotRun}, // seen of runc 1.1.15
}

// apiError is an error the engine answered with.
type apiError struct {
	errorhandling.ErrorModel
	kind error
}

func (e *apiError) Error() string {
	return cmp.Or(printable(e.Message), printable(e.Because), fmt.Sprintf("the engine answered %d", e.ResponseCode))
}

// Unwrap gives the kind and Podman's own error.
func (e *apiError) Unwrap() []error {
	if e.kind == nil {
		return []error{&e.ErrorModel}
	}
	return []error{e.kind, &e.ErrorModel}
}

// replyError makes an error of a reply with a status of 400 or more.
func replyError(doing string, resp *http.Response) error {
	return fmt.Errorf("%s: %w", doing, readError(resp))
}

func readError(resp *http.Response) error {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxError))
	if err != nil {
		return err
	}
	return parseError(data, resp.StatusCode)
}

func parseError(data []byte, status int) *apiError {
	e := &apiError{}
	if err := json.Unmarshal(data, &e.ErrorModel); err != nil {
		e.ErrorModel = errorhandling.ErrorModel{Message: strings.TrimSpace(string(data))}
	}
	e.ResponseCode = status
	for _, c := range causes {
		if strings.Contains(e.Because, c.text) || strings.Contains(e.Message, c.text) {
			e.kind = c.kind
			break
		}
	}
	return e
}

// Answered tells whether err is the engine's own answer. Where it is not, what was
// asked for may have been done all the same.
func Answered(err error) bool {
	var answer *apiError
	return errors.As(err, &answer)
}

// connectionError explains a request that got no reply.
func connectionError(doing string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: waiting for the engine: %w", doing, err)
	}
	return hint.Wrap(fmt.Errorf("%s: %w: %w", doing, ErrNoService, err), "podman info")
}

// isNotFound tells whether the engine answered 404.
func isNotFound(err error) bool {
	var e *apiError
	return errors.As(err, &e) && e.ResponseCode == http.StatusNotFound
}

// printable makes one line of text that no terminal acts on.
func printable(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || !unicode.IsPrint(r) && r != ' ' {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(clean), " ")
}
