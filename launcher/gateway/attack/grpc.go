package attack

import (
	"context"

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// emptyMessage is a message of no bytes, uncompressed, as gRPC frames one.
const emptyMessage = "\x00\x00\x00\x00\x00"

// grpcHead is the head of a call of gRPC.
func grpcHead(path string, more ...field) []field {
	fields := append([]field{{":method", "POST"}, {":path", path}, {"content-type", "application/grpc"}, {"te", "trailers"}}, more...)
	return ask(fields...)
}

// notCalled refuses a call of gRPC: by a status of HTTP, which clients read as one of gRPC.
var notCalled = refusal{statuses: []int{400, 401, 403, 404}, end: true}

func grpcCallers() []Attack {
	ask := func(id, title string, need need, more ...field) Attack {
		return Attack{ID: "grpc/" + id, Title: title, needs: need, protocol: gateway.GRPC, refused: notCalled, send: func(ctx context.Context, p *play) Reply {
			return frames(grpcHead(p.calls.grpc.path+"?{query}", more...), emptyMessage)(ctx, p)
		}}
	}
	wrong := field{"authorization", "Bearer zlattack-0123456789abcdef0123456789abcdef"}
	return []Attack{
		ask("no-token", "gRPC without a token", both(needsGRPC, needsBearer)),
		ask("wrong-token", "gRPC with a wrong token", both(needsGRPC, needsBearer), wrong),
		ask("two-tokens", "gRPC with two tokens", both(needsGRPC, needsToken), bearer, wrong),
		{ID: "grpc/dots", Title: "gRPC with a path of dots", protocol: gateway.GRPC, refused: notCalled,
			send: frames(grpcHead("/zlattack/../inference.GRPCInferenceService/RepositoryIndex?{query}", bearer), emptyMessage)},
	}
}

func needsGRPC(p *play) string {
	return lacks(p.calls.grpc != nil, "there is no call of gRPC that is allowed")
}

func both(a, b need) need {
	return func(p *play) string {
		if why := a(p); why != "" {
			return why
		}
		return b(p)
	}
}

// grpcForeign are methods that change what is served, share memory, or write files.
var grpcForeign = []struct{ id, path string }{
	{"repository-index", "/inference.GRPCInferenceService/RepositoryIndex"},
	{"repository-load", "/inference.GRPCInferenceService/RepositoryModelLoad"},
	{"repository-unload", "/inference.GRPCInferenceService/RepositoryModelUnload"},
	{"shared-memory", "/inference.GRPCInferenceService/SystemSharedMemoryRegister"},
	{"cuda-memory", "/inference.GRPCInferenceService/CudaSharedMemoryRegister"},
	{"trace", "/inference.GRPCInferenceService/TraceSetting"},
	{"log", "/inference.GRPCInferenceService/LogSettings"},
	{"reload", "/tensorflow.serving.ModelService/HandleReloadConfigRequest"},
	{"predict", "/tensorflow.serving.PredictionService/Predict"},
	{"register", "/org.pytorch.serve.grpc.management.ManagementAPIsService/RegisterModel"},
	{"reflection", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"},
	{"channelz", "/grpc.channelz.v1.Channelz/GetServers"},
}

func grpcMethods() (out []Attack) {
	for _, f := range grpcForeign {
		need := func(p *play) string { return lacks(!allows(&p.Front, "POST", f.path), "it is allowed here") }
		a := Attack{ID: "grpc/" + f.id, Title: "gRPC calls " + f.path[1:], needs: need, protocol: gateway.GRPC, refused: notCalled}
		a.send = frames(grpcHead(f.path+"?{query}", bearer), emptyMessage)
		plain := a // as clients send it, for a query alone may be what is refused
		plain.ID, plain.Title = a.ID+"-plain", a.Title+", without a query"
		plain.send = frames(grpcHead(f.path, bearer), emptyMessage)
		out = append(out, a, plain)
	}
	return out
}
