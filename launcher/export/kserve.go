package export

import "github.com/zlaunch/zlaunch/launcher/form/kserve"

// modelServing is what KServe makes the pod of a server of.
var modelServing = Form{
	Name: "kserve", About: "a ServingRuntime and an InferenceService of a server, for KServe 0.16 and later", Away: true,
	Models: kubeModels, Says: kserve.Says, Write: kserve.Write,
}
