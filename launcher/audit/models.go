package audit

import "github.com/zlaunch/zlaunch/launcher/container"

// models are the controls of group 9 that judge what is served.
var models = []*Control{
	{
		ID: "ZL-931", Name: "model-not-writable", Title: "Model tree not writable by others on the host", Severity: High,
		Why:   "whoever can change the model controls the answers, and with a format that is code the server",
		Fix:   "chmod -R go-w TREE, and --userns keep-id:uid=UID,gid=GID instead of chmod o+rwx",
		Refs:  []string{"IBM L170-172", "NIST 3.5.5", "NIST 4.5.5", "CWE-732"},
		Reads: []container.Row{container.VolumeAt, container.Walked},
		Judge: walkedTreeAnywhere,
	},
	{
		ID: "ZL-932", Name: "model-readable", Title: "Model files have the expected owner", Severity: Medium,
		Why:    "files of a stranger or of a sub-uid were written by somebody else, maybe by a container",
		Fix:    "podman unshare chown -R 0:0 TREE",
		Breaks: "containers that train leave files of sub-uids: run them with keep-id from the start",
		Refs:   []string{"IBM L170-172", "CWE-282"},
		Reads:  []container.Row{container.VolumeAt, container.Walked},
		Judge:  walkedTree,
	},
	{
		ID: "ZL-933", Name: "model-no-links-out", Title: "No links out of the tree, no special files", Severity: Medium,
		Why:    "links out of the tree break in the container or leak, and special files have no place in a model",
		Fix:    "copy the tree with its links followed: cp -rL TREE NEW",
		Breaks: "snapshots of Hugging Face link to ../../blobs: mount the models--… directory, or export",
		Refs:   []string{"IBM L170-172", "CWE-59"},
		Reads:  []container.Row{container.VolumeAt, container.Walked},
		Judge:  walkedTree,
	},
	{
		ID: "ZL-934", Name: "model-runs-no-code", Title: "Model format does not run code at load", Severity: High,
		Why:    "loading a pickle, a model.so or a model.py is running a program",
		Fix:    "safetensors, ONNX or GGUF where the server takes them; code only from where you would take a program",
		Breaks: "models of zDLC and of Triton's Python backend are programs: they weigh on ZL-501 to ZL-505, ZL-705, ZL-931 and ZL-935",
		Refs:   []string{"IBM L170-172", "OWASP ML supply chain", "NIST 3.1.3", "NIST 4.1.3", "CWE-502", "CWE-829"},
		Reads:  []container.Row{container.VolumeAt, container.Walked},
		Judge:  walkedTree,
	},
	{
		ID: "ZL-935", Name: "model-digest", Title: "Model digest recorded and verified", Severity: Medium,
		Why:    "a swap between review and start shows only in a digest",
		Fix:    "digest in the profile's models, which zlaunch verifies before the start",
		Breaks: "large trees take their time to read",
		Refs:   []string{"IBM L170-172", "OWASP #13", "NIST 4.1.5", "CWE-345"},
		Reads:  []container.Row{container.ModelDigest, container.VolumeAt},
		Judge:  modelDigest,
	},
	{
		ID: "ZL-936", Name: "model-immutable", Title: "Model delivered as immutable content (advice)", Severity: Info,
		Why:    "a mount of an image or artifact is read-only and named by its content: no relabel, no permissions",
		Fix:    "--mount type=image,source=IMAGE,destination=/models,rw=false",
		Breaks: "it needs a registry or a local build; artifacts need Podman 5.5",
		Refs:   []string{"IBM L165-172", "OWASP #13", "PSS restricted", "NIST 4.1.5"},
		Reads:  []container.Row{container.MountOther, container.VolumeAt},
		Judge:  immutableModels,
	},
	{
		ID: "ZL-938", Name: "models-only", Title: "Mount contains models only", Severity: Low,
		Why:   ".git, notebooks, .env, datasets and keys travel along with a directory that holds more than models",
		Fix:   "a directory of its own for the models: --volume /srv/models:/models:ro,z",
		Refs:  []string{"IBM L170-172", "CIS 4.10", "CWE-200", "DKL-LI-0003"},
		Reads: []container.Row{container.VolumeAt},
		Judge: modelsOnly,
	},
}
