package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
)

var cmdGateway = &command{
	usage: "gateway [OPTION]... list|ca|renew GATEWAY|reload GATEWAY|client GATEWAY NAME|revoke GATEWAY NAME|keys FILE|test GATEWAY",
	short: "list, reload and attack gateways; make and revoke certificates",
	long: `A gateway stands in front of a server that encrypts nothing and asks nobody who they are. What may be called through it stands in zlaunch show PROFILE, who may call by tokens is zlaunch-token(1). GATEWAY is the name of the stack that it is in.

zlaunch gateway list shows the gateways of this user: when the certificate of each ends, and how many tokens and clients it has.

zlaunch gateway ca prints the certificate of the authority that signs for these gateways, as PEM. It is made at its first use, for this user alone, lasts ten years, and may sign for localhost, the loopback addresses and the name of this host and for nothing else: who trusts it trusts it for no other place. Give it to clients:

curl --cacert ca.pem, or CURL_CA_BUNDLE; in Python ssl.create_default_context(cafile="ca.pem"), and REQUESTS_CA_BUNDLE for requests; SSL_CERT_FILE for OpenSSL and Go; GRPC_DEFAULT_SSL_ROOTS_FILE_PATH for gRPC, or the root certificates of its channel; in a browser, import it among the authorities, for websites. For a whole system: on Debian copy it to /usr/local/share/ca-certificates/zlaunch.crt and call update-ca-certificates, on Fedora and RHEL to /etc/pki/ca-trust/source/anchors/zlaunch.pem and call update-ca-trust. Never tell a client not to verify.

With --new a new authority takes its place, which may also sign for each --name, a host name or an address under which this host is known elsewhere; clients then have to trust that one. zlaunch gateway ca --clients GATEWAY prints the authority that signs for the clients of one gateway.

zlaunch gateway renew makes a new certificate for a gateway, for the names of the old one; each lasts 90 days, and the last 30 of them are warned of. A certificate of your own is not renewed: replace its files.

zlaunch gateway client makes a certificate for a client called NAME, where a gateway asks for those (mutual TLS): --out DIR gets NAME.pem and NAME.key, which only you can read. It lasts 90 days, and holds for this gateway alone. The key is kept nowhere else. zlaunch gateway revoke takes back all certificates of that name.

zlaunch gateway keys writes the public keys of an issuer of JSON Web Tokens, a JSON Web Key Set, as PEM files below --out DIR, and prints the lines of a stack that name them. It fetches nothing: take the set from the issuer's jwks_uri, over TLS. A set with a secret or a private key in it is refused. Where the issuer changes its keys, do it again, and start the stack anew.

zlaunch gateway test plays attacks on a gateway that runs, from this host and at the address where it is published: old TLS, wrong certificates and tokens, odd paths, calls of other servers, requests hidden in others, and more than its limits. It makes tokens and certificates for that, called attack-..., that count for minutes, and takes them back. An allowed call is played before and after, for a gateway that lets nothing through proves nothing. What the logs of gateway and server show decides: what reached the server has ARRIVED, and what neither an answer nor a log tells is unknown; the status is 1 then. Others who call meanwhile may be told once that they are too many. --only parts the list by themes.

Keys stand in files that only you can read, below ~/.local/state/zlaunch; none is ever printed. A gateway that runs takes changes over without dropping a connection. zlaunch gateway reload tells one to, where its server was restarted by hand and has another address.`,
	example: []string{
		"zlaunch gateway list",
		"zlaunch gateway ca > ca.pem",
		"curl --cacert ca.pem -H @header https://localhost:8443/v2/health/ready",
		"zlaunch gateway ca --new --name gpu1.example.com > ca.pem",
		"zlaunch gateway client fraud web-app --out ./web-app",
		"curl --cacert ca.pem --cert web-app/web-app.pem --key web-app/web-app.key https://localhost:8443/v2/health/ready",
		"zlaunch gateway revoke fraud web-app",
		"zlaunch gateway renew fraud",
		"zlaunch gateway keys issuer.jwks --out ./keys",
		"zlaunch gateway test fraud",
		"zlaunch gateway test fraud --only paths,smuggling --json",
	},
	complete: completeGateway,
	bind: func(fs *pflag.FlagSet) runFunc {
		var o gatewayOptions
		fs.BoolVar(&o.clients, "clients", false, "with ca: the authority of a gateway's clients")
		fs.BoolVar(&o.fresh, "new", false, "with ca: make a new authority, which clients have to trust anew")
		fs.StringArrayVar(&o.names, "name", nil, "with ca --new: it may sign for this `NAME` or address as well")
		fs.StringVar(&o.out, "out", "", "with client and keys: write the files to `DIR`")
		fs.BoolVar(&o.json, "json", false, "with list and test: print JSON")
		o.test.bind(fs)
		return func(ctx context.Context, std *stdio, args arguments) error {
			name := ""
			if len(args.words) > 0 {
				name, args.words = args.words[0], args.words[1:]
			}
			i := slices.IndexFunc(gatewayVerbs, func(v gatewayVerb) bool { return v.name == name })
			if i < 0 {
				return &usageError{hint.Errorf("zlaunch help gateway", "gateway: what is to be done is one of %s, not %q", strings.Join(verbNames(), ", "), name)}
			}
			if err := gatewayVerbs[i].owns(fs); err != nil {
				return err
			}
			return gatewayVerbs[i].run(ctx, std, args, o)
		}
	},
}

// gatewayOptions are those of all verbs.
type gatewayOptions struct {
	clients, fresh, json bool
	names                []string
	out                  string
	test                 testOptions
}

// gatewayVerb is what can be done with gateways.
type gatewayVerb struct {
	name    string
	options []string // that it has
	run     func(ctx context.Context, std *stdio, args arguments, o gatewayOptions) error
}

// reloadGateway has a gateway that runs look for its server, and read its files, anew.
func reloadGateway(ctx context.Context, std *stdio, args arguments, _ gatewayOptions) error {
	if err := args.count(1, 1); err != nil {
		return err
	}
	g := liveGateways{std}
	if profiles, err := g.profiles(args.words[0]); profiles == nil || err != nil {
		return errors.Join(err, hint.Errorf("zlaunch ps", "no gateway %q runs", args.words[0]))
	}
	return g.reload(ctx, args.words[0])
}

// gatewayVerbs are all of them. Treat it as a constant.
var gatewayVerbs = []gatewayVerb{
	{"list", []string{"json"}, listGateways},
	{"ca", []string{"clients", "new", "name"}, gatewayCA},
	{"renew", nil, renewGateway},
	{"reload", nil, reloadGateway},
	{"client", []string{"out"}, addClient},
	{"revoke", nil, revokeClient},
	{"keys", []string{"out"}, gatewayKeys},
	{"test", []string{"json", "only", "bearer", "cert", "key"}, testGateway},
}

// owns refuses an option of another verb.
func (v gatewayVerb) owns(fs *pflag.FlagSet) (err error) {
	fs.Visit(func(f *pflag.Flag) {
		for _, other := range gatewayVerbs {
			if slices.Contains(other.options, f.Name) && !slices.Contains(v.options, f.Name) && err == nil {
				err = &usageError{hint.Errorf("zlaunch gateway "+other.name, "--%s is of %s", f.Name, other.name)}
			}
		}
	})
	return err
}

func verbNames() (out []string) {
	for _, v := range gatewayVerbs {
		out = append(out, v.name)
	}
	return out
}

// completeGateway lists the verbs, then gateways, then the clients that can be revoked.
func completeGateway(std *stdio, words []string) []string {
	words = slices.DeleteFunc(slices.Clone(words[:len(words)-1]), func(w string) bool { return strings.HasPrefix(w, "-") })
	switch {
	case len(words) == 0:
		return verbNames()
	case len(words) == 1 && words[0] != "list" && words[0] != "keys":
		return completeGateways(std)
	case len(words) == 2 && words[0] == "revoke":
		return completeClients(std, words[1])
	}
	return nil
}
