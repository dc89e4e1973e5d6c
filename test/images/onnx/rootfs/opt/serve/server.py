"""A KServe v2 inference server over HTTP on ONNX Runtime.

Serves every model of a repository, NAME/VERSION/model.onnx below /models, the
highest version of each. Tensors travel as JSON; the binary extension is not
spoken. MODEL_REPOSITORY, HTTP_PORT and THREADS change the defaults.
"""

import json
import math
import os
import re
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime as ort

LIMIT = 8 << 20  # bytes of a request
TYPES = {
    "tensor(float)": ("FP32", np.float32), "tensor(double)": ("FP64", np.float64),
    "tensor(int32)": ("INT32", np.int32), "tensor(int64)": ("INT64", np.int64),
    "tensor(uint8)": ("UINT8", np.uint8), "tensor(bool)": ("BOOL", np.bool_),
}


class Refusal(Exception):
    """What the caller is told, with a status of HTTP."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Model:
    def __init__(self, name, version, path):
        options = ort.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
        options.inter_op_num_threads = 1
        self.name, self.version = name, version
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs = {i.name: i for i in self.session.get_inputs()}
        self.outputs = {o.name: o for o in self.session.get_outputs()}

    def metadata(self):
        def tensors(all_of):
            return [{"name": t.name, "datatype": TYPES[t.type][0],
                     "shape": [d if isinstance(d, int) else -1 for d in t.shape]} for t in all_of.values()]
        return {"name": self.name, "versions": [self.version], "platform": "onnxruntime_onnx",
                "inputs": tensors(self.inputs), "outputs": tensors(self.outputs)}

    def infer(self, request):
        given = {}
        for t in listed(request, "inputs"):
            name = t.get("name") if isinstance(t, dict) else None
            if name not in self.inputs or name in given:
                raise Refusal(400, f"unexpected input {name!r}")
            given[name] = array(t, self.inputs[name])
        if missing := sorted(set(self.inputs) - set(given)):
            raise Refusal(400, f"missing input {missing[0]!r}")
        wanted = [o.get("name") if isinstance(o, dict) else None for o in request.get("outputs") or []] or list(self.outputs)
        for name in wanted:
            if name not in self.outputs:
                raise Refusal(400, f"no output {name!r}")
        results = self.session.run(wanted, given)
        answer = {"model_name": self.name, "model_version": self.version,
                  "outputs": [{"name": n, "datatype": TYPES[self.outputs[n].type][0], "shape": list(r.shape),
                               "data": r.ravel().tolist()} for n, r in zip(wanted, results)]}
        if isinstance(request.get("id"), str):
            answer["id"] = request["id"]
        return answer


def listed(request, key):
    if not isinstance(request, dict) or not isinstance(request.get(key), list):
        raise Refusal(400, f"the request has no list of {key}")
    return request[key]


def array(tensor, want):
    """The tensor of a request as an array, or the reason why it is none."""
    kind, dtype = TYPES[want.type]
    name, shape = tensor["name"], tensor.get("shape")
    if tensor.get("datatype") != kind:
        raise Refusal(400, f"input {name!r} must be {kind}")
    if not isinstance(shape, list) or not all(isinstance(d, int) and 0 < d <= LIMIT for d in shape):
        raise Refusal(400, f"input {name!r} has no proper shape")
    if len(shape) != len(want.shape) or any(isinstance(w, int) and w != d for w, d in zip(want.shape, shape)):
        raise Refusal(400, f"input {name!r} must have the shape {want.shape}, not {shape}")
    try:
        data = np.array(tensor.get("data"), dtype=dtype).ravel()
    except (TypeError, ValueError, OverflowError):
        raise Refusal(400, f"input {name!r} has data that is not {kind}") from None
    if data.size != math.prod(shape):
        raise Refusal(400, f"input {name!r} has {data.size} elements, its shape {shape} another number")
    return data.reshape(shape)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "zlaunch-onnx/1", ""
    timeout = 30

    def do_GET(self):
        self.reply(lambda: self.get(self.path))

    def do_POST(self):
        self.reply(lambda: self.post(self.path))

    def get(self, path):
        if path in ("/v2/health/live", "/v2/health/ready"):
            return {"live" if path.endswith("live") else "ready": True}
        if path == "/v2":
            return {"name": "zlaunch-onnx", "version": ort.__version__, "extensions": []}
        if m := re.fullmatch(r"/v2/models/([^/]+)(?:/versions/([^/]+))?(/ready)?", path):
            model = self.model(m[1], m[2])
            return {"name": model.name, "ready": True} if m[3] else model.metadata()
        raise Refusal(404, "no such page")

    def post(self, path):
        body = self.body()
        m = re.fullmatch(r"/v2/models/([^/]+)(?:/versions/([^/]+))?/infer", path)
        if not m:
            raise Refusal(404, "no such page")
        model = self.model(m[1], m[2])
        try:
            request = json.loads(body)
        except (ValueError, RecursionError):
            raise Refusal(400, "the request is not JSON") from None
        return model.infer(request)

    def model(self, name, version):
        found = self.server.models.get(name)
        if found is None or version not in (None, found.version):
            raise Refusal(404, f"unknown model {name!r}" + (f", version {version!r}" if version else ""))
        return found

    def body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LIMIT:
            self.close_connection = True
            raise Refusal(413 if length.isdecimal() else 411, "the request needs a length, and a small one")
        return self.rfile.read(int(length))

    def reply(self, work):
        try:
            status, answer = 200, work()
        except Refusal as e:
            status, answer = e.status, {"error": str(e)}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *args):
        pass  # requests are the callers' business; errors still reach the log


def load(repository):
    models = {}
    for directory in sorted(p for p in repository.iterdir() if p.is_dir()):
        versions = sorted((p for p in directory.iterdir() if p.name.isdecimal()), key=lambda p: int(p.name))
        if versions:
            models[directory.name] = Model(directory.name, versions[-1].name, versions[-1] / "model.onnx")
    return models


def main():
    repository = Path(os.environ.get("MODEL_REPOSITORY", "/models"))
    models = load(repository)
    if not models:
        sys.exit(f"no model below {repository}: NAME/VERSION/model.onnx is looked for")
    server = ThreadingHTTPServer(("", int(os.environ.get("HTTP_PORT", "8000"))), Handler)
    server.models = models
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("serving", *(f"{m.name}/{m.version}" for m in models.values()), f"on port {server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
