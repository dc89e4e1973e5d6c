package profile

import (
	"cmp"
	"fmt"
	"time"
)

// Golden is a request that a workload answers the same whatever runs it, and how two
// answers to it are compared.
type Golden struct {
	Port   string // a name out of Ports
	Path   string
	Method string // GET or POST
	Type   string // content type of Body; "" none
	Body   string
	JSON   bool     // the answers are compared as JSON, else byte by byte
	Ignore []string // members that do not count, by their names from the outermost on: "usage.time"
	Within time.Duration
}

var (
	// contentType is a media type of RFC 9110, with a charset or none.
	contentType = lazy(`^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*(; ?[a-z-]+=[A-Za-z0-9_.-]+)?$`, 127)
	// member is a place in a document of JSON.
	member = lazy(`^[^ .]+(\.[^ .]+)*$`, 255)
	// packageName is a package of a distribution or of a language, as launcher/derive takes one.
	packageName = lazy(`^[A-Za-z0-9]([A-Za-z0-9+._-]*[A-Za-z0-9+])?$`, 128)
)

// goldenShape is [profile.NAME.golden]. Treat it as a constant.
var goldenShape = &shape{fields: map[string]*shape{
	"port":    wordText(portName, "a port's name"),
	"path":    text(urlPath).as("the path of a URL").like(urlPaths),
	"method":  oneOf("GET", "POST"),
	"type":    wordText(contentType, `a content type such as "application/json"`),
	"body":    text(nil).as("a text of at most 4096 bytes"),
	"compare": oneOf("exact", "json"),
	"ignore":  list(matching(member, "the place of a member, as usage.time"), false).as("a list of places of members, as usage.time").like(member),
	"within":  duration(),
}}

// deriveShape is [profile.NAME.derive]. Treat it as a constant.
var deriveShape = &shape{fields: map[string]*shape{
	"keep": list(matching(packageName, "a package's name"), false).as("a list of packages' names").like(packageName),
}}

func (p *Profile) fillGolden() {
	p.Keep = get[[]string](p.tree.at("derive"), "keep", nil)
	g := p.tree.at("golden")
	if g == nil {
		return
	}
	ready := ""
	if p.Ready != nil {
		ready = p.Ready.Port
	}
	p.Golden = &Golden{
		Port: get(g, "port", ready), Path: get(g, "path", ""), Type: get(g, "type", ""), Body: get(g, "body", ""),
		JSON: get(g, "compare", "exact") == "json", Ignore: get[[]string](g, "ignore", nil), Within: get(g, "within", time.Minute),
	}
	p.Golden.Method = get(g, "method", map[bool]string{true: "POST", false: "GET"}[p.Golden.Body != ""])
}

// checkGolden finds what is wrong with the request as all definitions say it.
func (p *Profile) checkGolden() (out lacks) {
	g := p.Golden
	if g == nil {
		return nil
	}
	for _, wrong := range []struct {
		is  bool
		why error
	}{
		{g.Path == "", fmt.Errorf("golden.path: there is none")},
		{!p.hasPort(g.Port), fmt.Errorf("golden.port: %q is no name in ports", g.Port)},
		{p.Ready == nil, fmt.Errorf("golden: without ready nobody knows when to ask")},
		{g.Method == "GET" && cmp.Or(g.Body, g.Type) != "", fmt.Errorf("golden.body: a GET has none")},
		{len(g.Ignore) > 0 && !g.JSON, fmt.Errorf(`golden.ignore: members are those of compare = "json"`)},
	} {
		if wrong.is {
			out = append(out, wrong.why)
		}
	}
	return out
}
