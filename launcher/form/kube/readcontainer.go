package kube

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
)

func readPull(r *reader, n *yaml.Node) {
	v, ok := r.text(n, at(container.Pull))
	if !ok {
		return
	}
	for _, p := range pullPolicies {
		if p.kube == v {
			meant(r, container.Pull, p.podman)
			return
		}
	}
	r.wrongAt(n, at(container.Pull), "%s is no pull policy", clip(v))
}

// readWords reads command and args, in which the kubelet puts the values of variables.
func readWords(f container.Field[[]string]) func(*reader, *yaml.Node) {
	return func(r *reader, n *yaml.Node) {
		var out []string
		for _, c := range r.list(n) {
			v, ok := expanded(r, c, at(f))
			if !ok {
				v = c.Value // what is known of it
			}
			out = append(out, v)
		}
		if len(out) > 0 { // an empty list is what the image says
			f.Set(r.spec, out, r.mark)
			r.decides(f)
		}
	}
}

// expanded reads a text in which the kubelet puts variables. What it puts there is known
// where the manifest says it in front.
func expanded(r *reader, n *yaml.Node, p container.Path) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" && n.Tag != "!!null" {
		r.wrongAt(n, p, "%s is no text", clip(n.Value))
		return "", false
	}
	if strings.Contains(n.Value, "{{") {
		r.openAt(n, p, "%s is filled in before a cluster sees it", clip(n.Value))
		return "", false
	}
	v, unknown := n.Value, ""
	if !r.play { // which expands nothing
		v, unknown = expand(n.Value, r.vars)
	}
	if unknown != "" {
		r.note(p, "what $(%s) is, only the cluster knows", clip(unknown))
	}
	if strings.Contains(v, "\x00") {
		r.wrongAt(n, p, "a text holds a NUL")
	}
	return v, true
}

// expand does what the kubelet does with a text: see escape.
func expand(v string, vars map[string]string) (out, unknown string) {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] != '$' || i+1 == len(v) {
			b.WriteByte(v[i])
			continue
		}
		switch end := strings.IndexByte(v[i:], ')'); {
		case v[i+1] == '$':
			b.WriteByte('$')
			i++
		case v[i+1] == '(' && end > 0:
			name := v[i+2 : i+end]
			value, known := vars[name]
			if !known {
				value, unknown = v[i:i+end+1], name
			}
			b.WriteString(value)
			i += end
		default:
			b.WriteByte('$')
		}
	}
	return b.String(), unknown
}

// readEnv reads the variables in their order, for one may name those in front of it.
func readEnv(r *reader, n *yaml.Node) {
	for _, e := range r.list(n) {
		name := scalarAt(e, "name")
		here := at(container.Env, name)
		value, from := field(e, "value"), field(e, "valueFrom")
		r.at(field(e, "name"))
		switch {
		case name == "" || templated(name):
			r.note(at(container.Env), "the name of a variable is not known")
		case !null(from):
			readValueFrom(r, name, from)
		case value == nil:
			setVariable(r, name, "")
		default:
			if v, ok := expanded(r, value, here); ok {
				setVariable(r, name, v)
			}
		}
		for _, f := range entries(e) {
			if !contains("name value valueFrom", f.key.Value) {
				r.wrongAt(f.key, here, "%s is no field of a variable", clip(f.key.Value))
			}
		}
	}
}

func setVariable(r *reader, name, v string) {
	container.Env.Set(r.spec, name, v, r.mark)
	r.decides(container.Env, name)
	if r.vars == nil {
		r.vars = map[string]string{}
	}
	if !strings.Contains(v, "$(") && len(v) < maxVariable {
		r.vars[name] = v
	}
}

// maxVariable bounds what is put in place of $(NAME): each may name others.
const maxVariable = 4096

// readValueFrom reads a variable whose value stands elsewhere.
func readValueFrom(r *reader, name string, from *yaml.Node) {
	ref := field(from, "secretKeyRef")
	if secret, key := scalarAt(ref, "name"), scalarAt(ref, "key"); ref != nil && secret != "" {
		if key != secret {
			secret += "/" + key
		}
		container.SecretOf.Set(r.spec, secret, container.Secret{Type: "env", Target: name}, r.mark)
		r.decides(container.SecretOf, secret)
		return
	}
	container.Env.Set(r.spec, name, container.Redacted, r.mark) // it has one, which nobody shows
	r.decides(container.Env, name)
	r.note(at(container.Env, name), "the value of %s stands in another object", clip(name))
	r.note(at(container.Env), "the value of %s stands in another object", clip(name))
}

func readEnvFrom(r *reader, n *yaml.Node) {
	if len(r.list(n)) == 0 {
		return
	}
	for _, row := range []container.Row{container.Env, container.EnvNames, container.Injections, container.ProxySecrets, container.Fetches} {
		r.note(at(row), "the names and values of variables stand in another object")
	}
	for _, from := range list(n) {
		if field(from, "secretRef") != nil {
			r.note(at(container.SecretOf), "the names and values of variables stand in another object")
		}
	}
}

func (r *reader) number(n *yaml.Node, p container.Path) (int64, bool) {
	v, err := strconv.ParseInt(n.Value, 0, 64)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil {
		r.wrongAt(n, p, "%s is no number", clip(n.Value))
		return 0, false
	}
	return v, true
}

// readProbe: what asks over the network runs nothing in the container.
func readProbe(r *reader, n *yaml.Node) {
	container.NoHealthcheck.Set(r.spec, false, r.mark)
	for _, kind := range []string{"httpGet", "tcpSocket", "grpc"} {
		if h := field(n, kind); h != nil {
			meant(r, container.HealthCmd, kind+" "+scalarAt(h, "path")+" of port "+scalarAt(h, "port"))
		}
	}
	if c := field(n, "exec"); c != nil {
		var words []string
		for _, w := range r.list(field(c, "command")) {
			words = append(words, w.Value)
		}
		meant(r, container.HealthCmd, strings.Join(words, " "))
	}
	for _, kind := range []string{"httpGet", "tcpSocket"} {
		if h := scalarAt(field(n, kind), "host"); h != "" {
			r.note(at(container.HealthCmd), "the kubelet asks another host: %s", clip(h))
		}
	}
}

// readLiveness: the kubelet ends what does not answer.
func readLiveness(r *reader, n *yaml.Node) {
	readProbe(r, n)
	meant(r, container.HealthOnFailure, "kill")
}

func readLifecycle(r *reader, n *yaml.Node) {
	for _, e := range entries(n) {
		if e.key.Value != "stopSignal" {
			for _, row := range []container.Row{container.Args, container.Fetches} {
				r.openAt(e.key, at(row), "%s runs a command, or asks somebody, beside the workload", clip(e.key.Value))
			}
		}
	}
}

func readResources(r *reader, n *yaml.Node) {
	for _, e := range entries(field(n, "limits")) {
		r.begin(e)
		switch name := e.key.Value; {
		case name == "memory":
			if v, ok := r.quantity(e.value, 1, at(container.Memory)); ok {
				container.Memory.Set(r.spec, v, r.mark)
				container.MemorySwap.Set(r.spec, v, r.mark) // a kubelet gives no swap by itself
				r.decides(container.Memory)
				r.decides(container.MemorySwap)
			}
		case name == "cpu":
			if v, ok := r.quantity(e.value, 1000, at(container.Cpus)); ok {
				container.Cpus.Set(r.spec, float64(v)/1000, r.mark)
				r.decides(container.Cpus)
			}
		case name == "ephemeral-storage" || strings.HasPrefix(name, "hugepages-"):
		default:
			r.note(at(container.Device), "a plugin of the node decides which devices %s gives", clip(name))
		}
	}
	if field(n, "claims") != nil {
		r.note(at(container.Device), "a driver of the node decides which devices a claim gives")
	}
}
