package author

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxPorts bounds the ports of a draft and of a proposal: the rest is counted.
const maxPorts = 16

// portNames are what usual ports are for. Servers of models: Triton and KServe have
// HTTP at 8000 and 8080, gRPC at 8001 and 9000, metrics at 8002; TensorFlow Serving
// gRPC at 8500. The others are IANA's. Treat it as a constant.
var portNames = map[uint16]string{
	80: "http", 443: "https", 3000: "http", 3306: "mysql", 5000: "http", 5432: "postgres", 6379: "redis", 8000: "http", 8001: "grpc",
	8002: "metrics", 8080: "http", 8081: "http", 8443: "https", 8500: "grpc", 8501: "http", 8888: "http", 9000: "grpc", 11434: "http",
	27017: "mongodb", 50051: "grpc",
}

// port is a named port of a workload.
type port struct {
	name   string
	number uint16
}

// table is a TOML inline table of ports.
func portTable(ports []port) string {
	var out []string
	for _, p := range ports {
		out = append(out, fmt.Sprintf("%s = %d", p.name, p.number))
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// named gives ports their names, each another than those of taken.
func named(numbers []uint16, taken ...string) (out []port) {
	for _, n := range numbers {
		name, known := portNames[n]
		if !known {
			name = "port"
		}
		if !known || slices.Contains(taken, name) {
			name += "-" + strconv.Itoa(int(n))
		}
		taken = append(taken, name)
		out = append(out, port{name, n})
	}
	return out
}

// tcp reads what an image exposes, as "8080/tcp", sorted: the ports of TCP, and those
// that a profile does not name.
func tcp(exposed []string) (numbers []uint16, others []string) {
	for _, e := range exposed {
		number, protocol, _ := strings.Cut(e, "/")
		n, err := strconv.ParseUint(number, 10, 16)
		switch {
		case err != nil || n == 0 || protocol != "" && protocol != "tcp":
			others = append(others, e)
		case !slices.Contains(numbers, uint16(n)):
			numbers = append(numbers, uint16(n))
		}
	}
	slices.Sort(numbers)
	slices.Sort(others)
	return numbers, others
}
