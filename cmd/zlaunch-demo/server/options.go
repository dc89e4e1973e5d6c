package server

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"strconv"
)

// options is the command line.
type options struct {
	repository string
	address    string
	httpPort   uint
	grpcPort   uint
}

// errHelp says that the help was asked for and printed.
var errHelp = errors.New("help")

const usage = `Usage: zlaunch-demo [OPTION]...

Serve the models of a repository (NAME/VERSION/model.json) over the KServe v2
protocol.

  --model-repository DIR   where the models are (default /models)
  --address ADDRESS        the address to listen on (default 0.0.0.0)
  --http-port PORT         HTTP: health, metadata, inference (default 8000)
  --grpc-port PORT         gRPC: health (default 8001)

Example: zlaunch-demo --model-repository ./models --address 127.0.0.1
`

// parseOptions reads args. It prints the help on out and returns errHelp when
// that was asked for; anything unknown is an error.
func parseOptions(args []string, out io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("zlaunch-demo", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.repository, "model-repository", "/models", "")
	fs.StringVar(&o.address, "address", "0.0.0.0", "")
	fs.UintVar(&o.httpPort, "http-port", 8000, "")
	fs.UintVar(&o.grpcPort, "grpc-port", 8001, "")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			io.WriteString(out, usage)
			return o, errHelp
		}
		return o, fmt.Errorf("reading the command line: %w", err)
	}
	return o, o.check(fs.Args())
}

// check refuses leftover arguments and values no socket can have. Port 0 lets
// the kernel choose, once per port.
func (o options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("reading the command line: unknown argument %q", rest[0])
	case o.repository == "":
		return errors.New("reading the command line: --model-repository is empty")
	case net.ParseIP(o.address) == nil:
		return fmt.Errorf("reading the command line: --address %q is not an IP address", o.address)
	case o.httpPort > 65535 || o.grpcPort > 65535:
		return errors.New("reading the command line: a port is at most 65535")
	case o.httpPort == o.grpcPort && o.httpPort != 0:
		return fmt.Errorf("reading the command line: HTTP and gRPC cannot share port %d", o.httpPort)
	}
	return nil
}

func (o options) httpAddress() string {
	return net.JoinHostPort(o.address, strconv.FormatUint(uint64(o.httpPort), 10))
}

func (o options) grpcAddress() string {
	return net.JoinHostPort(o.address, strconv.FormatUint(uint64(o.grpcPort), 10))
}
