package stack

import (
	"strconv"

	"github.com/zlaunch/zlaunch/launcher/internal/tomlschema"
)

// keys are those of a file, as [Parse] judges them.
func keys() tomlschema.Keys {
	return tomlschema.Keys{
		"":                  {Says: "Profiles that are started, proved and ended as one: zlaunch up."},
		"schema":            {Says: "the version of the file", OneOf: []string{strconv.Itoa(Schema)}},
		"name":              {Says: "of the stack; without it the file's", Like: "^$|" + nameLike},
		"about":             {Says: "a line about it"},
		"network":           {Says: "networks that only the stack is in; without any, all members share one", Like: nameLike, Most: MaxMembers},
		"network.internal":  {Says: "it has no route to the outside"},
		"member":            {Says: "the members, each in a container of its own", Like: nameLike, Least: 1, Most: MaxMembers},
		"member.profile":    {Says: "what it runs: zlaunch list", Like: "."},
		"member.after":      {Says: "members that serve before it starts"},
		"member.after[]":    {Like: nameLike},
		"member.networks":   {Says: "those of the stack that it is in"},
		"member.networks[]": {Like: nameLike},
		"member.models":     {Says: "the directory or file with its models, relative to this file"},
		"member.output":     {Says: "the directory for what it writes, relative to this file"},
		"member.publish":    {Says: "[ADDRESS:]HOST:NAME; nothing else is published"},
		"member.publish[]":  {},
		"member.env":        {Says: "variables; {MEMBER.host} is what others of a network call that member"},
		"member.env[]":      {},
		"member.secrets":    {Says: "as podman-run takes them"},
		"member.secrets[]":  {},
		"member.gpu":        {Says: "names of the Container Device Interface"},
		"member.gpu[]":      {},
		"member.memory":     {Says: "8g; without it the profile's"},
		"member.cpus":       {Says: "without it the profile's"},
		"member.args":       {Says: "of the workload"},
		"member.args[]":     {},
	}
}

// JSONSchema is the JSON schema of a stack.toml, made of the type and the expressions that
// read one.
func JSONSchema() ([]byte, error) { return keys().Of(document{}) }
