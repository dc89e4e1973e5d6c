package command

import (
	"regexp"
	"strings"
	"sync"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

// longSyntax is how docker tells fields with commas from a name (cli v28,
// opts/network.go): anywhere in the value, so that "a=b" is enough.
var longSyntax = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\w+=\w+(,\w+=\w+)*`) })

// networkFields are the fields of docker's --network beside the name; they place the
// container within the network.
const networkFields = "alias ip ip6 mac-address link-local-ip driver-opt gw-priority"

// dockerNetwork reads NAME, or name=NAME,alias=…: in any case, with blanks around, and
// quoted as CSV is. Docker parts nothing else at commas.
func (r *reader) dockerNetwork(v value) {
	row := container.Network
	if !longSyntax().MatchString(v.s) && v.open() == "" {
		r.item(row, v, v.s)
		return
	}
	fields, ok := v.list()
	if !ok {
		r.wrong(at(row), "%q is not a list with commas", v.shown())
		return
	}
	name, named := value{}, false
	for _, f := range fields {
		key, val, has := f.cut('=')
		switch k := strings.ToLower(strings.TrimSpace(key.s)); {
		case key.open() != "" || !has && f.open() != "":
			r.item(row, f, f.s)
			return
		case k == "name":
			name, named = val, true
		case !has || !oneWordOf(networkFields, k):
			r.wrong(at(row), "%q is no field of a network", f.shown())
		}
	}
	if !named {
		r.wrong(at(row), "%q names no network", v.shown())
		return
	}
	r.item(row, name, strings.ToLower(strings.TrimSpace(name.s)))
}

// dockerPublish reads ADDRESS:HOST:PORT, or published=HOST,target=PORT,protocol=…,
// which docker writes anew in the first form; other fields it drops
// (cli v28, container/opts.go: convertToStandardNotation).
func (r *reader) dockerPublish(v value) {
	if v.index('=') < 0 || v.open() != "" {
		r.publish(v)
		return
	}
	params := map[string]string{"protocol": "tcp"}
	for _, p := range strings.Split(v.s, ",") {
		k, val, ok := strings.Cut(p, "=")
		if !ok || k == "" {
			r.wrong(at(container.Publish), "%q is not name=value", clip(p))
			return
		}
		if !oneWordOf("published target protocol mode name app_protocol", k) {
			r.note(form.Open{At: at(container.Publish), Word: r.word(), Why: r.opt.dashed + ": docker drops " + clip(k) + ", and publishes on all addresses", Unknown: true})
		}
		params[k] = val
	}
	text := params["published"] + ":" + params["target"] + "/" + params["protocol"]
	r.publish(value{s: text, w: &word{text: text}})
}
