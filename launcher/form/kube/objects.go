package kube

// The types below are as much of the API of Kubernetes as is written, in its words: see
// kubernetes.io/docs/reference/kubernetes-api. A pointer is a value whose zero is written.

// Object is one object, as a document of a manifest has it.
type Object struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   Metadata `yaml:"metadata"`
	Automount  *bool    `yaml:"automountServiceAccountToken,omitempty"` // of a ServiceAccount
	Spec       any      `yaml:"spec,omitempty"`
}

// Metadata is what an object is called, and what is written on it.
type Metadata struct {
	Name        string            `yaml:"name,omitempty"`
	Labels      map[string]string `yaml:"labels,omitempty"`
	Annotations map[string]string `yaml:"annotations,omitempty"`
}

type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

type template struct {
	Metadata Metadata `yaml:"metadata"`
	Spec     PodSpec  `yaml:"spec"`
}

type deployment struct {
	Replicas int      `yaml:"replicas"`
	Strategy Typed    `yaml:"strategy"`
	Selector selector `yaml:"selector"`
	Template template `yaml:"template"`
}

type job struct {
	BackoffLimit int      `yaml:"backoffLimit"`
	Template     template `yaml:"template"`
}

// Typed is a thing of which only the kind is said.
type Typed struct {
	Type string `yaml:"type"`
}

type service struct {
	Type     string            `yaml:"type"`
	Selector map[string]string `yaml:"selector"`
	Ports    []servicePort     `yaml:"ports"`
}

type servicePort struct {
	Name       string `yaml:"name"`
	Port       int    `yaml:"port"`
	TargetPort int    `yaml:"targetPort"`
	Protocol   string `yaml:"protocol"`
}

type networkPolicy struct {
	PodSelector selector   `yaml:"podSelector"`
	PolicyTypes []string   `yaml:"policyTypes"`
	Ingress     []ruleFrom `yaml:"ingress,omitempty"`
	Egress      []ruleFrom `yaml:"egress,omitempty"`
}

// ruleFrom lets through its ports; without any, all. Without peers, from and to anybody.
type ruleFrom struct {
	From  []peer       `yaml:"from,omitempty"`
	To    []peer       `yaml:"to,omitempty"`
	Ports []policyPort `yaml:"ports,omitempty"`
}

// peer are pods, of the namespace of the policy where it names none.
type peer struct {
	NamespaceSelector *selector `yaml:"namespaceSelector,omitempty"`
	PodSelector       *selector `yaml:"podSelector,omitempty"`
}

type policyPort struct {
	Port     int    `yaml:"port"`
	Protocol string `yaml:"protocol"`
}

type claim struct {
	AccessModes []string `yaml:"accessModes"`
	Resources   struct {
		Requests map[string]string `yaml:"requests"`
	} `yaml:"resources"`
}
