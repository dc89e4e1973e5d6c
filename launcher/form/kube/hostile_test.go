package kube

import (
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/form"
)

const aPod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"

// What no API server takes as it looks, or what is known elsewhere only, is open.
func TestOpen(t *testing.T) {
	for text, why := range map[string]string{
		"  containers: [{name: a, image: b, securityContext: {privilged: false}}]":                                                "privilged is no field",
		"  containers: [{name: a, image: b, securityContext: {readOnlyRootFilesystem: \"true\"}}]":                                "neither true nor false",
		"  containers: [{name: a, image: b, securityContext: {runAsUser: \"5\"}}]":                                                "is no number",
		"  containers: [{name: a, image: b, securityContext: {capabilities: {drop: ALL}}}]":                                       "is no list",
		"  containers: [{name: a, image: b, securityContext: {capabilities: {drop: [CAP_NET_RAW]}}}]":                             "without CAP_",
		"  containers: [{name: a, image: \"{{ .Values.image }}\"}]":                                                               "filled in",
		"  containers: [{name: a, image: \"${IMAGE}\"}]":                                                                          "filled in",
		"  containers: [{name: a, image: b, args: [\"$(X)\"]}]":                                                                   "what $(X) is",
		"  containers: [{name: a, image: b, args: [8000]}]":                                                                       "is no text",
		"  containers: [{name: a, image: b, envFrom: [{secretRef: {name: x}}]}]":                                                  "another object",
		"  containers: [{name: a, image: b, volumeMounts: [{name: x, mountPath: /x}]}]":                                           "not said",
		"  containers: [{name: a, image: b, volumeMounts: [{name: x, mountPath: /x, sub: y}]}]":                                   "not read",
		"  containers: [{name: a, image: b, resources: {limits: {memory: 1e9Mi}}}]":                                               "no quantity",
		"  containers: [{name: a, image: b, resources: {limits: {nvidia.com/gpu: 1}}}]":                                           "plugin of the node",
		"  containers: [{name: a, image: b, lifecycle: {postStart: {exec: {command: [x]}}}}]":                                     "runs a command",
		"  containers: [{name: a, image: b, volumeMounts: [{name: x, mountPath: '/x:z'}]}]\n  volumes: [{name: x, emptyDir: {}}]": "behind the colon",
		"  containers: [7]": "no mapping",
		"  os: {name: windows}\n  containers: [{name: a, image: b}]":                                                                       "another system",
		"  securityContext: {windowsOptions: {hostProcess: true}}\n  containers: [{name: a, image: b}]":                                    "Windows",
		"  shareProcessNamespace: true\n  containers: [{name: a, image: b}, {name: c, image: d}]":                                          "in sight",
		"  volumes: [{name: x, nfs: {server: s, path: /}}]\n  containers: [{name: a, image: b, volumeMounts: [{name: x, mountPath: /x}]}]": "nfs",
	} {
		got := readText1(t, []byte(aPod+text+"\n"))
		found := false
		for _, r := range got.Runs {
			for _, o := range r.Open {
				found = found || strings.Contains(o.Why, why)
				if o.Word >= len(r.Words) || o.Word >= 0 && r.Words[o.Word].Line < 1 {
					t.Errorf("%s: word %d of %d", text, o.Word, len(r.Words))
				}
			}
		}
		if !found {
			t.Errorf("%s: not open for %q", text, why)
		}
	}
}

// What Podman obeys and no kubelet does counts for Podman alone, and is open else.
func TestPlayedOpen(t *testing.T) {
	text := []byte("apiVersion: v1\nkind: Pod\nmetadata: {annotations: {io.podman.annotations.pids-limit/a: '5', io.podman.annotations.init/b: 'true', " +
		"container.seccomp.security.alpha.kubernetes.io/a: unconfined, io.podman.annotations.ulimit: 'x'}}\n" +
		"spec: {containers: [{name: a, image: i, securityContext: {seccompProfile: {type: RuntimeDefault}}}]}\n")
	for _, play := range []bool{false, true} {
		r := readFor(t, text, play).Runs[0]
		pids, _, limited := container.PidsLimit.Get(r.Spec)
		_, _, init := container.Init.Get(r.Spec)
		var open []string
		for _, o := range r.Open {
			open = append(open, o.At.Key)
		}
		want := map[bool]string{false: "pids_limit seccomp_profile ulimit", true: "ulimit"}[play]
		if limited != play || play && pids != 5 || init || strings.Join(open, " ") != want {
			t.Errorf("play %v: pids %d %v, init %v, open %v", play, pids, limited, init, open)
		}
	}
}

// What KServe does with a service that nobody can tell from the file is open.
func TestServedOpen(t *testing.T) {
	const (
		run  = "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {name: r}\nspec: {containers: [{name: kserve-container, image: b, args: [x]}]}\n"
		isvc = "---\napiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: s}\nspec: {predictor: {"
	)
	for text, why := range map[string]string{
		run: "stands elsewhere", // alone
		run + isvc + "model: {modelFormat: {name: r}, runtime: q}}}\n":                                     "the runtime of the model stands elsewhere",
		run + isvc + "model: {modelFormat: {name: r}}}}\n":                                                 "the runtime of the model stands elsewhere",
		run + isvc + "model: {runtime: r, storageUri: s3://x/y}}}\n":                                       "fetches the model",
		run + isvc + "model: {runtime: r, args: [y]}}}\n":                                                  "both say args",
		run + isvc + "model: {runtime: r, runtimeVersion: v9}}}\n":                                         "makes of runtimeVersion",
		strings.Replace(run, "spec: {", "spec: {workerSpec: {}, ", 1) + isvc + "model: {runtime: r}}}\n":   "makes of workerSpec",
		run + "---\n" + run + isvc + "model: {runtime: r}}}\n":                                             "its choice of runtimes",
		run + isvc + "model: {runtime: r}, logger: {mode: all}}}\n":                                        "makes of logger",
		run + isvc + "triton: {storageUri: pvc://x}}}\n":                                                   "has no containers",
		run + isvc + "model: {runtime: r}}, metadata: {}}\n":                                               "is no component",
		run + "---\napiVersion: serving.kserve.io/v1alpha1\nkind: LLMInferenceService\nspec: {a: b}\n":     "is not read",
		strings.Replace(run, "{name: r}", "{name: r, namespace: n}", 1) + isvc + "model: {runtime: r}}}\n": "stands elsewhere",
	} {
		got := readText1(t, []byte(text))
		var said []string
		for _, o := range got.Open {
			said = append(said, o.Why)
		}
		for _, r := range got.Runs {
			for _, o := range r.Open {
				said = append(said, o.Why)
			}
		}
		if !strings.Contains(strings.Join(said, "\n"), why) {
			t.Errorf("%s: not open for %q: %q", text, why, said)
		}
	}
}

// What a service says counts more than what its runtime does, and a claim that KServe mounts
// is one of the pod.
func TestServed(t *testing.T) {
	got := readText1(t, []byte(`apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata: {name: r}
spec:
  containers: [{name: kserve-container, image: b, tty: true, securityContext: {readOnlyRootFilesystem: true, privileged: false}, env: [{name: A, value: "1"}]}]
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: s}
spec:
  predictor:
    hostPID: true
    model: {runtime: r, image: "", tty: null, storageUri: pvc://c/d, securityContext: {privileged: true, readOnlyRootFilesystem: null}, env: [{name: A, value: "2"}]}
`))
	s := got.Runs[0].Spec
	privileged, _, _ := container.Privileged.Get(s)
	ro, _, _ := container.ReadOnly.Get(s)
	pid, _, _ := container.Pid.Get(s)
	image, _, _ := container.Image.Get(s)
	tty, _, _ := container.Tty.Get(s)
	env, _, _ := container.Env.Get(s, "A")
	v, _, _ := container.VolumeAt.Get(s, "/mnt/models")
	if !privileged || !ro || !tty || image != "b" || pid != "host" || env != "2" || v.Source != "c" || !v.ReadOnly || len(got.Runs) != 1 {
		t.Errorf("privileged %v, read only %v, pid %s, A=%s, %+v, %d runs", privileged, ro, pid, env, v, len(got.Runs))
	}
}

// A runtime that many services name is not read as often as they are.
func TestServedOften(t *testing.T) {
	text := "apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {name: r}\nspec: {containers: [{name: kserve-container, image: b, args: [" +
		strings.Repeat("x,", 30_000) + "x]}]}\n" +
		strings.Repeat("---\napiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nspec: {predictor: {model: {runtime: r}}}\n", 500)
	long := 0
	got := readText1(t, []byte(text))
	for _, r := range got.Runs {
		if args, _, _ := container.Args.Get(r.Spec); len(args) > 0 {
			long++
		} else if len(r.Open) == 0 {
			t.Fatal("nothing is open")
		}
	}
	if len(got.Runs) != 500 || long == 0 || long > 10 {
		t.Errorf("%d of %d runs have the words of the runtime", long, len(got.Runs))
	}
}

// A document that spoils itself is read by nobody.
func TestSpoiled(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'l'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+p+",", 9) + "*" + p + "]\n"
	}
	for _, text := range []string{
		aPod + "  containers: [{name: a, image: b}]\n  containers: [{name: a, image: c}]\n",
		aPod + "  containers: [{name: a, image: b, securityContext: {privileged: false, privileged: true}}]\n",
		bomb + aPod + "  containers: [{name: a, image: b}]\n",
		aPod + "  containers: &x [{name: a, image: b, args: *x}]\n",
		aPod + "  ? [a]\n  : b\n",
		aPod + "  containers: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n",
		"apiVersion: apps/v1\nkind: Deployment\nspec: {}\n", "apiVersion: example.com/v1\nkind: Pod\nspec: {containers: []}\n", aPod + "  containers: []\n",
	} {
		docs, err := parse([]byte(text))
		if err != nil {
			continue // the parser has it
		}
		if got := Read(Source{Docs: docs}); len(got.Runs) > 0 || len(got.Open) == 0 {
			t.Errorf("%.80s: %d runs, open %v", text, len(got.Runs), got.Open)
		}
	}
}

// Merges and aliases are what they stand for, and a mapping's own keys count more.
func TestMerged(t *testing.T) {
	got := readText1(t, []byte(`apiVersion: v1
kind: Pod
x: &hard {privileged: true, readOnlyRootFilesystem: true}
spec:
  containers:
    - name: a
      image: b
      securityContext: {<<: *hard, readOnlyRootFilesystem: false}
`))
	s := got.Runs[0].Spec
	privileged, _, _ := container.Privileged.Get(s)
	ro, _, known := container.ReadOnly.Get(s)
	if !privileged || ro || !known {
		t.Errorf("privileged %v, read only %v", privileged, ro)
	}
}

// What the kubelet makes of a text is what was meant.
func TestExpansion(t *testing.T) {
	w := &writer{target: newest}
	for _, text := range []string{"$", "$$", "$(A)", "$$(A)", "a$é", "${A}", "$(", "$$$", "$$$$(A)", "$(A)$(B)", "x$"} {
		if got, unknown := expand(escape(w, text), map[string]string{"A": "value"}); got != text || unknown != "" {
			t.Errorf("%q is written %q and becomes %q, unknown %q", text, escape(w, text), got, unknown)
		}
	}
	if got, unknown := expand("$(A) $(B)", map[string]string{"A": "v"}); got != "v $(B)" || unknown != "B" {
		t.Errorf("%q %q", got, unknown)
	}
}

func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*container.Spec){
		"a NUL":       func(s *container.Spec) { container.Args.Set(s, []string{"a\x00"}, container.Mark{}) },
		"no UTF-8":    func(s *container.Spec) { container.Env.Set(s, "A", "\xff", container.Mark{}) },
		"no image":    func(s *container.Spec) { container.Image.Set(s, "", container.Mark{}) },
		"a newline":   func(s *container.Spec) { container.Workdir.Set(s, "/a\nb", container.Mark{}) },
		"a bad mount": func(s *container.Spec) { container.TmpfsAt.Set(s, "/a/../b", container.Tmpfs{}, container.Mark{}) },
	} {
		s := &container.Spec{}
		container.Image.Set(s, "a", container.Mark{})
		change(s)
		if _, err := Write(form.Run{Name: "web", Spec: s}, newest); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	s := &container.Spec{}
	container.Image.Set(s, "a", container.Mark{})
	if _, err := Write(form.Run{Name: "a b\n", Spec: s}, newest); err == nil {
		t.Error("a name of two words is written")
	}
	doc, err := Write(form.Run{Name: "fraud/web_1", About: "x\nkind: Secret\u2028", Spec: s}, newest)
	if err != nil || strings.Contains(string(doc.Files[0].Data), "\nkind: Secret") {
		t.Errorf("%v %s", err, doc.Files[0].Data)
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{
		aPod + "  containers: [{name: a, image: b, env: [{name: A, value: $(B)}], volumeMounts: [{name: x, mountPath: /x}]}]\n  volumes: [{name: x, hostPath: {path: /}}]\n",
		"apiVersion: v1\nkind: List\nitems:\n- apiVersion: batch/v1\n  kind: CronJob\n  spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {annotations: {io.podman.annotations.ulimit: 'a=1:2,b', io.podman.annotations.pids-limit/a: '5', container.seccomp.security.alpha.kubernetes.io/a: localhost/b}}\n" +
			"spec: {containers: [{name: a, volumeMounts: [{name: v, mountPath: '/x:z,ro'}]}], volumes: [{name: v, image: {reference: r}}]}\n",
		"apiVersion: serving.kserve.io/v1alpha1\nkind: ServingRuntime\nmetadata: {name: r}\nspec: {containers: [{name: kserve-container, env: [{name: A}]}]}\n---\n" +
			"apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nspec: {predictor: {model: {runtime: r, env: [{name: A}]}, storageUris: [{uri: pvc://c}, {uri: s3://b}]}}\n",
		"apiVersion: v1\nkind: Pod\nspec: &a\n  <<: *a\n", "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {podSelector: {matchLabels: {a: b}}, policyTypes: [Ingress, Egress]}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		docs, err := parse(text)
		if err != nil {
			return
		}
		runs := Read(Source{File: "x", Docs: docs}).Runs
		for _, r := range append(runs, Read(Source{File: "x", Docs: docs, Play: true}).Runs...) {
			for _, w := range r.Words {
				if w.Line < 1 || w.Col < 1 {
					t.Fatalf("%+v", w)
				}
			}
			for p, at := range r.At {
				if container.ByKey(p.Key) == nil || len(at) == 0 || at[0] >= len(r.Words) {
					t.Fatalf("%v at %v of %d", p, at, len(r.Words))
				}
			}
		}
	})
}
