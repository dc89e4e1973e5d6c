package attack

import (
	"context"
	"strings"
)

// misspelled refuses a request that is not well formed, or not allowed.
var misspelled = refusal{statuses: []int{400, 403, 404, 405, 414, 431, 501, 505}, end: true}

// at sends an allowed call by another first line, with the token.
func at(line string) send { return raw(request(line, "{bearer}", "{length}")) }

// path is an attack by a path in place of the allowed one.
func path(id, title, path string) Attack {
	return Attack{ID: "paths/" + id, Title: title, send: at("{method} " + path + "?{query}"), refused: misspelled}
}

// spellings are paths that a server may read as others than the gateway does.
func spellings() []Attack {
	return []Attack{
		path("dot-dot", "/x/.. before the path", "/zlattack/..{path}"),
		path("dot-dot-behind", "/../ behind the path", "{path}/../../repository/index"),
		path("encoded-dots", "%2e%2e", "/zlattack/%2e%2e{path}"),
		path("encoded-dots-behind", "%2E%2E behind the path", "{path}/%2E%2E/%2E%2E/repository/index"),
		path("half-encoded-dots", ".%2e", "{path}/.%2e/repository/index"),
		path("encoded-twice", "%252e%252e", "{path}/%252e%252e/repository/index"),
		path("dot", "/./", "/.{path}"),
		path("slashes", "//", "/{path}"),
		path("slashes-behind", "// behind the path", "{path}//"),
		path("null", "%00", "{path}%00"),
		path("null-suffix", "%00 and more", "{path}%00/repository/index"),
		path("encoded-slash", "%2f", "{path}%2f..%2frepository"),
		path("parameter", ";", "{path};a=b"),
		path("parameter-dots", "/..;/", "{path}/..;/repository/index"),
		path("backslash", "a backslash", `{path}\..\repository\index`),
		path("encoded-backslash", "%5c", "{path}%5c..%5crepository"),
		path("overlong", "dots in overlong UTF-8", "{path}/%c0%ae%c0%ae/repository/index"),
		path("wide", "dots of full width", "{path}/%ef%bc%8e%ef%bc%8e/repository/index"),
		path("line-feed", "%0d%0a", "{path}%0d%0aX-Zlaunch-Client:%20zlattack"),
		path("encoded-letter", "a letter of the path, encoded", "{path}%61"),
		path("bytes", "bytes above 127", "{path}\xff"),
		path("control", "a control character", "{path}\x01"),
		path("long", "9,000 letters", "/"+strings.Repeat("a", 9000)),
		{ID: "paths/case", Title: "the path in capitals", send: capitals, refused: misspelled},
	}
}

func capitals(ctx context.Context, p *play) Reply {
	return at("{method} "+strings.ToUpper(p.allowed().path)+"?{query}")(ctx, p)
}

// requestLines are first lines that are odd elsewhere than in the path.
func requestLines() []Attack {
	head := []string{"Host: {host}", "X-Request-Id: {marker}", "{bearer}", "{length}"}
	line := func(id, title, line string) Attack {
		return Attack{ID: "paths/" + id, Title: title, send: raw(message(line, head...)), refused: misspelled}
	}
	return []Attack{
		line("absolute", "a whole URL", "{method} https://{host}{path}?{query} HTTP/1.1"),
		line("absolute-other", "a whole URL of another host", "{method} http://zlattack.invalid{path}?{query} HTTP/1.1"),
		line("asterisk", "OPTIONS *", "OPTIONS * HTTP/1.1"),
		line("connect", "CONNECT to another host", "CONNECT 127.0.0.1:22 HTTP/1.1"),
		line("connect-path", "CONNECT with a path", "CONNECT {path}?{query} HTTP/1.1"),
		line("trace", "TRACE", "TRACE {path}?{query} HTTP/1.1"),
		line("options", "OPTIONS", "OPTIONS {path}?{query} HTTP/1.1"),
		line("delete", "DELETE", "DELETE {path}?{query} HTTP/1.1"),
		line("patch", "PATCH", "PATCH {path}?{query} HTTP/1.1"),
		line("method", "a method that nobody has", "ZLATTACK {path}?{query} HTTP/1.1"),
		line("method-case", "the method in small letters", "get {path}?{query} HTTP/1.1"),
		line("http-0.9", "HTTP/0.9", "GET {path}?{query}"),
		line("http-1.0", "HTTP/1.0", "{method} {path}?{query} HTTP/1.0"),
		line("http-3", "HTTP/3.0 in text", "{method} {path}?{query} HTTP/3.0"),
		line("blanks", "a blank in the path", "{method} {path} /repository?{query} HTTP/1.1"),
		line("no-slash", "a path without its slash", "{method} zlattack{path}?{query} HTTP/1.1"),
	}
}

// foreign are calls of servers that change what is served, run code, or ask models by ways
// that their own keys do not guard.
var foreign = []struct{ id, title, method, path string }{
	{"repository", "Triton's list of models", "POST", "/v2/repository/index"},
	{"repository-load", "Triton loads a model", "POST", "/v2/repository/models/zlattack/load"},
	{"shared-memory", "Triton's shared memory", "GET", "/v2/systemsharedmemory/status"},
	{"trace-setting", "Triton's trace, which writes files", "POST", "/v2/trace/setting"},
	{"logging", "Triton's log, which writes files", "POST", "/v2/logging"},
	{"invocations", "vLLM's /invocations, which asks for no key", "POST", "/invocations"},
	{"ping", "SageMaker's /ping", "GET", "/ping"},
	{"lora", "vLLM loads an adapter", "POST", "/v1/load_lora_adapter"},
	{"completions", "OpenAI's completions", "POST", "/v1/completions"},
	{"chat", "OpenAI's chat", "POST", "/v1/chat/completions"},
	{"predict", "TensorFlow Serving's predict", "POST", "/v1/models/zlattack:predict"},
	{"infer", "KServe's infer, of a model that is not there", "POST", "/v2/models/zlattack/infer"},
	{"kernels", "Jupyter's kernels, which run code", "POST", "/api/kernels"},
	{"management", "TorchServe registers a model", "POST", "/models?url=zlattack"},
	{"metrics", "metrics, at the port of the models", "GET", "/metrics"},
	{"docs", "the description of an API", "GET", "/openapi.json"},
	{"root", "the root", "GET", "/zlattack"},
}

func foreignCalls() (out []Attack) {
	for _, f := range foreign {
		a := Attack{ID: "paths/" + f.id, Title: f.title, refused: misspelled}
		bare, _, _ := strings.Cut(f.path, "?")
		a.needs = func(p *play) string {
			return lacks(!allows(&p.Front, f.method, bare), "it is allowed here")
		}
		with := "?"
		if bare != f.path {
			with = "&"
		}
		a.send = raw(request(f.method+" "+f.path+with+"{query}", "{bearer}", "Content-Length: 0"))
		out = append(out, a)
	}
	return out
}

// pathsOfHTTP2 are those that only HTTP/2 can say.
func pathsOfHTTP2() []Attack {
	with := func(id, title, path string) Attack {
		return Attack{ID: "paths/http2-" + id, Title: title + ", in HTTP/2", send: frames(ask(field{":path", path}, bearer), ""), refused: misspelled}
	}
	return []Attack{
		with("dot-dot", "/x/.. before the path", "/zlattack/..{path}?{query}"),
		with("encoded-dots", "%2e%2e", "/zlattack/%2e%2e{path}?{query}"),
		with("no-slash", "a path without its slash", "zlattack{path}?{query}"),
		with("absolute", "a whole URL", "https://zlattack.invalid{path}?{query}"),
		with("empty", "an empty path", ""),
		with("asterisk", "*", "*"),
		with("repository", "Triton's list of models", "/v2/repository/index?{query}"),
	}
}
