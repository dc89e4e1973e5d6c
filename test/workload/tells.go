package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// told is one request as it arrived, as the log and the answer have it.
type told struct {
	Method, Path, Query, Proto, Host string
	Header                           http.Header
	Bytes                            int64
}

// tells plays a model server of KServe's protocol on its ports, HTTP/1.1, HTTP/2 and gRPC
// on each: every request is logged as a line of JSON, and answered with that. /do obeys.
func tells(args []string) (int, error) { return answer(args, tell, true) }

func tell(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	line, err := json.Marshal(told{r.Method, r.URL.Path, r.URL.RawQuery, r.Proto, r.Host, r.Header, n})
	if err != nil {
		panic(err) // strings alone
	}
	fmt.Fprintf(os.Stdout, "%s\n", line)
	switch {
	case r.URL.Path == "/do":
		order(w, r)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		answerGRPC(w, r)
	case strings.HasSuffix(r.URL.Path, "/generate_stream"):
		streams(w, r, append(line, '\n'))
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Write(append(line, '\n'))
	}
}

// grpcEmpty is a message of no bytes, uncompressed, as gRPC frames one.
const grpcEmpty = "\x00\x00\x00\x00\x00"

// answerGRPC answers with an empty message, with one each tenth of a second where the method
// streams, and that there is no such thing where it is called Missing.
func answerGRPC(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/grpc")
	h.Set("Trailer", "Grpc-Status, Grpc-Message")
	switch {
	case strings.HasSuffix(r.URL.Path, "Missing"):
		h.Set("Grpc-Status", "5")
		h.Set("Grpc-Message", "no such model")
		return
	case strings.HasSuffix(r.URL.Path, "ModelStreamInfer"):
		streams(w, r, []byte(grpcEmpty))
	default:
		io.WriteString(w, grpcEmpty)
	}
	h.Set("Grpc-Status", "0")
}

// streams writes the same piece each tenth of a second, ?n= times, else ten.
func streams(w http.ResponseWriter, r *http.Request, piece []byte) {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil {
		n = 10
	}
	for range n {
		if _, err := w.Write(piece); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}
