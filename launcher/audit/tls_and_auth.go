package audit

import (
	"slices"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/container"
)

// The controls of what stands in front of a port.

var tlsInFront = &Control{
	ID: "ZL-712", Name: "tls-in-front", Title: "TLS in front of every non-loopback port", Severity: High,
	Why:    "these servers speak clear text by default",
	Fix:    "publish from a proxy that ends TLS, or switch the server's own TLS on and publish only what it covers",
	Breaks: "TensorFlow Serving has TLS for gRPC only: keep REST on loopback",
	Refs:   []string{"IBM L72-77", "NIST 4.4.2", "NIST SC-8", "NSA network separation", "CWE-319"},
	Reads:  []container.Row{container.Publish, container.PublishAll, container.Network},
	Judge:  judgeTLSInFront,
}

func judgeTLSInFront(k *Case) {
	eachBeyondLoopback(k, func(e exposure) {
		for _, w := range peek(k, container.Args) {
			if slices.ContainsFunc(tlsWords, func(t string) bool { return strings.HasPrefix(w, t) }) {
				option, _, _ := strings.Cut(w, "=")
				k.Review(e.at, "%s: look whether the TLS of %q covers it; not every protocol of a server has it", e.what, option)
				return
			}
		}
		k.Review(e.at, "%s: look whether something in front of it speaks TLS; these servers speak clear text", e.what)
	})
}

// eachBeyondLoopback hands on what others than this host's users reach. Where there is
// nothing the control does not apply.
func eachBeyondLoopback(k *Case, f func(exposure)) {
	list, all := exposures(k.Spec)
	far := slices.DeleteFunc(list, func(e exposure) bool { return e.scope <= loopback })
	for _, e := range far {
		f(e)
	}
	switch {
	case !all:
		k.Open(at(container.Publish), "what is published is not fully known")
	case len(far) == 0:
		k.NA("no port is published beyond the loopback address")
	}
}

// tlsWords begin the options that switch a server's own TLS on.
var tlsWords = []string{"--ssl_config_file", "--grpc-use-ssl", "--ssl-certfile", "--certfile", "--ServerApp.certfile", "--tls"}

var authInFront = &Control{
	ID: "ZL-713", Name: "auth-in-front", Title: "Authentication in front of every non-loopback port", Severity: High,
	Why:   "whoever reaches the port uses the model, for the serving environments ask nobody who is calling; loopback is open to every user of the host",
	Fix:   "publish from a proxy that asks who is calling, or with mTLS; beside other users also on 127.0.0.1, or serve on a Unix socket with file permissions",
	Refs:  []string{"IBM L79-82", "NIST 3.5.4", "CWE-306"},
	Reads: []container.Row{container.Publish, container.PublishAll, container.Network, container.OtherUsers},
	Judge: judgeAuthInFront,
}

// judgeAuthInFront looks at loopback too: it is open to every user of the host, and
// most of these servers ask nobody who is calling.
func judgeAuthInFront(k *Case) {
	list, all := exposures(k.Spec)
	for _, e := range list {
		if e.scope > loopback {
			k.Review(e.at, "%s: look whether something in front of it asks who is calling; these servers do not", e.what)
			continue
		}
		severity, who := localUsers(k)
		k.say(Review, severity, e.at, "%s can reach %s; look whether the server asks who is calling", who, e.what)
	}
	switch {
	case !all:
		k.Open(at(container.Publish), "what is published is not fully known")
	case len(list) == 0:
		k.NA("no port is published")
	}
}

// localUsers grades a loopback port by who else is on the host.
func localUsers(k *Case) (Severity, string) {
	switch others, _, known := container.OtherUsers.Get(k.Spec); {
	case known && others > 0:
		return Medium, "every user of this host, where others than you can log in,"
	case known:
		return Info, "every process of this host, where nobody else can log in,"
	}
	return Low, "every user of this host"
}
