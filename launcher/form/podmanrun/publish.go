package podmanrun

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func writePublish(s *container.Spec) []string {
	return elements(container.Publish, func(key string, p container.Port) string {
		v := key
		if p.HostPort != 0 {
			v = strconv.Itoa(int(p.HostPort)) + ":" + v
		} else if p.HostIP != "" {
			v = ":" + v
		}
		if p.HostIP != "" {
			v = bracketed(p.HostIP) + ":" + v
		}
		return option("publish", v)
	})(s)
}

func bracketed(ip string) string {
	if strings.Contains(ip, ":") {
		return "[" + ip + "]"
	}
	return ip
}

func readPublish(r *reading, v string) error {
	fields, err := splitCSV(v)
	for _, f := range fields {
		key, p, perr := parsePublish(f)
		if perr != nil {
			return perr
		}
		if _, _, twice := container.Publish.Get(r.spec, key); twice {
			return fmt.Errorf("port %s is published twice", key)
		}
		container.Publish.Set(r.spec, key, p, r.mark)
	}
	return err
}

// parsePublish reads [[IP:][HOSTPORT]:]PORT[/PROTOCOL], IPv6 in brackets.
func parsePublish(v string) (string, container.Port, error) {
	var p container.Port
	bad := func(why string) (string, container.Port, error) {
		return "", p, fmt.Errorf("%q %s; write ADDRESS:HOSTPORT:PORT/tcp, one option for each port", v, why)
	}
	ports, proto, has := strings.Cut(v, "/")
	if !has {
		proto = "tcp"
	}
	if rest, ok := strings.CutPrefix(ports, "["); ok {
		var closed bool
		p.HostIP, ports, closed = strings.Cut(rest, "]:")
		if !closed || strings.Count(ports, ":") != 1 {
			return bad("does not name an address and two ports")
		}
	}
	parts := strings.Split(ports, ":")
	if len(parts) == 3 {
		p.HostIP, parts = parts[0], parts[1:]
		if p.HostIP == "" {
			return bad("has an empty address")
		}
	}
	if len(parts) > 2 {
		return bad("has too many colons")
	}
	if len(parts) == 2 && parts[0] != "" {
		n, err := strconv.ParseUint(parts[0], 10, 16)
		if err != nil || n == 0 {
			return bad("has no valid host port")
		}
		p.HostPort = uint16(n)
	}
	n, err := strconv.ParseUint(parts[len(parts)-1], 10, 16)
	if err != nil || n == 0 {
		return bad("has no valid port")
	}
	key := strconv.FormatUint(n, 10) + "/" + proto
	if _, _, err := PortOf(key); err != nil {
		return bad("has an unknown protocol")
	}
	return key, p, checkHostIP(p.HostIP)
}

// PortOf takes the key of a published port apart: "8000/tcp".
func PortOf(key string) (port uint16, proto string, err error) {
	number, proto, _ := strings.Cut(key, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	known := proto == "tcp" || proto == "udp" || proto == "sctp"
	if err != nil || n == 0 || !known || strconv.FormatUint(n, 10) != number {
		return 0, "", fmt.Errorf("%q is not a port, as 8000/tcp", key)
	}
	return uint16(n), proto, nil
}

// checkHostIP wants the spelling Podman would use: what it prints is compared.
func checkHostIP(ip string) error {
	if ip == "" {
		return nil
	}
	if parsed := net.ParseIP(ip); parsed == nil || parsed.String() != ip {
		return fmt.Errorf("%q is not an IP address in its usual spelling", ip)
	}
	return nil
}
