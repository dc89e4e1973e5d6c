package export

import (
	"github.com/zlaunch/zlaunch/launcher/form/kserve"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
)

// modelServing is what KServe makes the pod of a server of.
var modelServing = Form{
	Name: "kserve", About: "a ServingRuntime and an InferenceService of a server, for KServe 0.16 and later", Away: true,
	Models: kubeModels, Says: kserve.Says, Write: kserve.Write, Engine: of(kube.Engine),
}
