package server

import (
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// gRPC status codes, from grpc/doc/statuscodes.md.
const (
	statusOK              = 0
	statusInvalidArgument = 3
	statusNotFound        = 5
	statusUnimplemented   = 12
)

// maxMessage bounds a request message: a health check carries a service name.
const maxMessage = 4 << 10

// inferenceService is KServe's gRPC service, of which the health calls exist here.
const inferenceService = "inference.GRPCInferenceService"

// grpcHandler answers the unary health calls: those of gRPC itself
// (grpc/doc/health-checking.md) and those of KServe v2. Every other method is
// UNIMPLEMENTED.
func (s *server) grpcHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /grpc.health.v1.Health/Check", unary(s.check))
	mux.HandleFunc("POST /"+inferenceService+"/ServerLive", unary(func([]byte) ([]byte, int) {
		return []byte{0x08, 1}, statusOK
	}))
	mux.HandleFunc("POST /"+inferenceService+"/ServerReady", unary(func([]byte) ([]byte, int) {
		if s.draining.Load() {
			return nil, statusOK // proto3 leaves a false out
		}
		return []byte{0x08, 1}, statusOK
	}))
	mux.HandleFunc("/", unary(func([]byte) ([]byte, int) { return nil, statusUnimplemented }))
	return mux
}

// check is grpc.health.v1.Health/Check: field 1 of the request names a
// service, field 1 of the answer is SERVING (1) or NOT_SERVING (2).
func (s *server) check(message []byte) ([]byte, int) {
	service, err := firstString(message)
	if err != nil {
		return nil, statusInvalidArgument
	}
	if service != "" && service != inferenceService {
		return nil, statusNotFound
	}
	if s.draining.Load() {
		return []byte{0x08, 2}, statusOK
	}
	return []byte{0x08, 1}, statusOK
}

// unary frames one call: a message in, a message and a status out. The status
// travels in the trailer (grpc/doc/PROTOCOL-HTTP2.md).
func unary(call func([]byte) ([]byte, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		message, err := readMessage(r.Body)
		reply, status := []byte(nil), statusInvalidArgument
		if err == nil {
			reply, status = call(message)
		}
		w.WriteHeader(http.StatusOK)
		if status == statusOK {
			head := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(reply)))
			w.Write(append(head, reply...))
		}
		w.Header().Set("Grpc-Status", strconv.Itoa(status))
	}
}

// readMessage reads one uncompressed gRPC message: a zero byte, the length as
// four bytes big-endian, the message.
func readMessage(r io.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if head[0] != 0 {
		return nil, errors.New("the message is compressed")
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size > maxMessage {
		return nil, errors.New("the message is too large")
	}
	message := make([]byte, size)
	_, err := io.ReadFull(r, message)
	return message, err
}

// errMalformed says that a message is no protocol buffer of the expected shape.
var errMalformed = errors.New("malformed message")

// firstString returns field 1 of a protocol buffer message that has no other
// field; "" when it is absent. HealthCheckRequest is such a message.
func firstString(message []byte) (string, error) {
	value := ""
	for len(message) > 0 {
		const fieldOneBytes = 1<<3 | 2 // field 1, length-delimited
		if message[0] != fieldOneBytes {
			return "", errMalformed
		}
		size, n := binary.Uvarint(message[1:])
		if n <= 0 || size > uint64(len(message)-1-n) {
			return "", errMalformed
		}
		value = string(message[1+n : 1+n+int(size)])
		message = message[1+n+int(size):]
	}
	return value, nil
}
