package vap

import (
	"regexp"
	"strings"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/form/kube"
)

// What is written of the API of Kubernetes, admissionregistration.k8s.io/v1.
type (
	object struct {
		APIVersion string   `yaml:"apiVersion"`
		Kind       string   `yaml:"kind"`
		Metadata   metadata `yaml:"metadata"`
		Spec       any      `yaml:"spec"`
	}
	metadata struct {
		Name        string            `yaml:"name"`
		Annotations map[string]string `yaml:"annotations,omitempty"`
	}
	policySpec struct {
		FailurePolicy    string           `yaml:"failurePolicy"`
		MatchConstraints matchConstraints `yaml:"matchConstraints"`
		MatchConditions  []variable       `yaml:"matchConditions"`
		Variables        []variable       `yaml:"variables"`
		Validations      []validation     `yaml:"validations"`
	}
	matchConstraints struct {
		ResourceRules []rule `yaml:"resourceRules"`
	}
	rule struct {
		APIGroups   []string `yaml:"apiGroups,flow"`
		APIVersions []string `yaml:"apiVersions,flow"`
		Operations  []string `yaml:"operations,flow"`
		Resources   []string `yaml:"resources,flow"`
	}
	variable struct {
		Name       string `yaml:"name"`
		Expression string `yaml:"expression"`
	}
	validation struct {
		Expression string `yaml:"expression"`
		Message    string `yaml:"message"`
		Reason     string `yaml:"reason"`
	}
	bindingSpec struct {
		PolicyName        string   `yaml:"policyName"`
		ValidationActions []string `yaml:"validationActions,flow"`
		MatchResources    struct {
			NamespaceSelector struct {
				MatchExpressions []expression `yaml:"matchExpressions"`
			} `yaml:"namespaceSelector"`
		} `yaml:"matchResources"`
	}
	expression struct {
		Key      string   `yaml:"key"`
		Operator string   `yaml:"operator"`
		Values   []string `yaml:"values,flow"`
	}
)

const group = "admissionregistration.k8s.io/v1"

// rules are the objects that are a pod, or make pods of a template, and the parts of a
// pod that change it later.
var rules = []rule{
	{[]string{""}, []string{"v1"}, []string{"CREATE", "UPDATE"}, []string{"pods", "pods/ephemeralcontainers", "pods/resize", "podtemplates", "replicationcontrollers"}},
	{[]string{"apps"}, []string{"v1"}, []string{"CREATE", "UPDATE"}, []string{"deployments", "statefulsets", "daemonsets", "replicasets"}},
	{[]string{"batch"}, []string{"v1"}, []string{"CREATE", "UPDATE"}, []string{"jobs", "cronjobs"}},
}

// podOf finds the pod of an object, or its template.
func podOf(object string) string {
	return strings.ReplaceAll(`(request.kind.kind == "Pod" ? O : request.kind.kind == "PodTemplate" ? O.template :
request.kind.kind == "CronJob" ? O.spec.jobTemplate.spec.template : O.spec.template)`, "O", "dyn("+object+")")
}

// changed leaves alone an update by which nothing changes that is judged: whoever counts replicas
// or takes a finalizer off says nothing new of a pod.
func changed() variable {
	judged := func(object string) string {
		return "[" + podOf(object) + "].map(p, [p.spec, p.?metadata.?labels.orValue({}), p.?metadata.?annotations.orValue({})])"
	}
	return variable{"changed", "oldObject == null ||\n" + judged("object") + " !=\n" + judged("oldObject")}
}

// variables are what validations name, each before those that name it.
func variables() []variable {
	return []variable{
		{"template", podOf("object")},
		{"pod", "variables.template.spec"},
		{"labels", "variables.template.?metadata.?labels.orValue({})"},
		{"annotations", "variables.template.?metadata.?annotations.orValue({})"},
		{"apparmor", literal(kube.AppArmor)},
		{"containers", "variables.pod.containers + variables.pod.?initContainers.orValue([]) + variables.pod.?ephemeralContainers.orValue([])"},
		{"volumes", "variables.pod.?volumes.orValue([])"},
		{"memory", `variables.volumes.filter(v, v.?emptyDir.?medium.orValue("") == "Memory").map(v, v.name)`},
		{"secrets", `variables.volumes.filter(v, has(v.secret)).map(v, v.name)`},
		{"images", `variables.volumes.filter(v, has(v.image)).map(v, v.name)`},
		{"unseen", `variables.volumes.filter(v, has(v.persistentVolumeClaim) || has(v.emptyDir) && v.emptyDir.?medium.orValue("") == "").map(v, v.name)`},
		{"understood", "variables.memory + variables.secrets + variables.images + variables.unseen +\nvariables.volumes.filter(v, has(v.hostPath) && v.hostPath.path.startsWith(\"/\") || has(v.configMap) || has(v.downwardAPI) || has(v.projected)).map(v, v.name)"},
	}
}

// understood is the validation that what the reader of manifests does not know is refused:
// annotations by which others do something, and Windows.
func understood() validation {
	domains := make([]string, 0, len(kube.Obeyed))
	for _, d := range kube.Obeyed {
		domains = append(domains, regexp.QuoteMeta(d))
	}
	ends := strings.Join(domains, "|")
	obeyed := literal("^([^/]*[.])?(" + ends + ")(/.*)?$|^(" + ends + ")[.]")
	return validation{
		Expression: every(
			`variables.annotations.all(k, k in `+literals(kube.Noted)+` || k.startsWith(variables.apparmor) ||
  k == "serving.kserve.io/deploymentMode" && variables.annotations[k] in ["Standard", "RawDeployment"] || k.matches("^[^/]*prometheus[.]io/") || !k.matches(`+obeyed+`))`,
			`variables.pod.?os.?name.orValue("linux") == "linux" && !has(variables.pod.?securityContext.orValue({}).windowsOptions)`,
			`variables.containers.all(c, !has(c.?securityContext.orValue({}).windowsOptions))`),
		Message: audit.InputUnderstood.ID + ": what an annotation asks of a runtime or a network plugin, and what Windows does, is not judged",
		Reason:  "Forbidden",
	}
}
