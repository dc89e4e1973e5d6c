package stack

import (
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/gateway"
	"github.com/zlaunch/zlaunch/launcher/internal/tomlschema"
)

// keys are those of a file, as [Parse] judges them.
func keys() tomlschema.Keys {
	return tomlschema.Keys{
		"":                           {Says: "Profiles that are started, proved and ended as one: zlaunch up."},
		"schema":                     {Says: "the version of the file", OneOf: []string{strconv.Itoa(Schema)}},
		"name":                       {Says: "of the stack; without it the file's", Like: "^$|" + nameLike},
		"about":                      {Says: "a line about it"},
		"network":                    {Says: "networks that only the stack is in; without any, all members share one", Like: nameLike, Most: MaxMembers},
		"network.internal":           {Says: "it has no route to the outside"},
		"member":                     {Says: "the members, each in a container of its own", Like: nameLike, Least: 1, Most: MaxMembers},
		"member.profile":             {Says: "what it runs: zlaunch list", Like: "."},
		"member.after":               {Says: "members that serve before it starts"},
		"member.after[]":             {Like: nameLike},
		"member.networks":            {Says: "those of the stack that it is in"},
		"member.networks[]":          {Like: nameLike},
		"member.models":              {Says: "the directory or file with its models, relative to this file"},
		"member.output":              {Says: "the directory for what it writes, relative to this file"},
		"member.publish":             {Says: "[ADDRESS:]HOST:NAME; nothing else is published"},
		"member.publish[]":           {},
		"member.env":                 {Says: "variables; {MEMBER.host} is what others of a network call that member"},
		"member.env[]":               {},
		"member.secrets":             {Says: "as podman-run takes them"},
		"member.secrets[]":           {},
		"member.gpu":                 {Says: "names of the Container Device Interface"},
		"member.gpu[]":               {},
		"member.memory":              {Says: "8g; without it the profile's"},
		"member.cpus":                {Says: "without it the profile's"},
		"member.args":                {Says: "of the workload"},
		"member.args[]":              {},
		"gateway":                    {Says: "a proxy in front of one member, the only way to it: TLS, tokens, a list of what may be called"},
		"gateway.backend":            {Says: "the member", Like: nameLike},
		"gateway.profile":            {Says: "that the proxy is run by; haproxy"},
		"gateway.publish":            {Says: "[ADDRESS:]HOST:NAME of its ports https and metrics"},
		"gateway.publish[]":          {},
		"gateway.tokens":             {Says: "take tokens; so it is where nothing else is asked for"},
		"gateway.certificates":       {Says: "ask clients for certificates"},
		"gateway.subjects":           {Says: "common names of those that are let in; without any all that their authority signed"},
		"gateway.subjects[]":         {},
		"gateway.client_ca":          {Says: "their authority, PEM; without it zlaunch's own: zlaunch gateway client"},
		"gateway.client_crl":         {Says: "what that revoked, PEM"},
		"gateway.certificate":        {Says: "the gateway's own, PEM; without it zlaunch makes one"},
		"gateway.key":                {Says: "of that certificate"},
		"gateway.names":              {Says: "more names of this host, for one that zlaunch makes"},
		"gateway.names[]":            {},
		"gateway.tls13":              {Says: "refuse TLS 1.2"},
		"gateway.jwt":                {Says: "take JSON Web Tokens, in place of tokens or beside them"},
		"gateway.jwt.keys":           {Says: "public keys, PEM", Least: 1},
		"gateway.jwt.keys[]":         {},
		"gateway.jwt.algorithm":      {Says: "by which they are signed", OneOf: gateway.Algorithms},
		"gateway.jwt.issuer":         {Says: "iss, as it stands there", Like: "."},
		"gateway.jwt.audience":       {Says: "aud, as it stands there", Like: "."},
		"gateway.limits":             {Says: "what a client can use up"},
		"gateway.limits.header":      {Says: "of a request: 16k"},
		"gateway.limits.body":        {Says: "of a request: 64m"},
		"gateway.limits.connections": {Says: "at once, of all clients"},
		"gateway.limits.per_client":  {Says: "at once, of one address"},
		"gateway.limits.rate":        {Says: "requests of one client in ten seconds"},
		"gateway.limits.answer":      {Says: "until the server begins to answer: 2m"},
		"gateway.limits.stream":      {Says: "that a stream may be silent: 1h"},
	}
}

// JSONSchema is the JSON schema of a stack.toml, made of the type and the expressions that
// read one.
func JSONSchema() ([]byte, error) { return keys().Of(document{}) }
