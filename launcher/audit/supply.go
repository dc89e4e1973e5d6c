package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var supply = []*Control{
	{ID: "ZL-901", Name: "image-by-digest", Severity: Medium, Why: "a tag can be moved after review", Refs: []string{"IBM L184-190"}, Reads: []container.Row{container.Image}, Judge: nil},
	{ID: "ZL-906", Name: "image-arch", Severity: Low, Why: "the wrong architecture fails late", Refs: []string{"IBM L20-24"}, Reads: nil, Judge: nil},
	{ID: "ZL-907", Name: "pull-policy", Severity: Low, Why: "a present digest is never pulled again", Refs: []string{"IBM L184-190"}, Reads: []container.Row{container.Pull}, Judge: nil},
	{ID: "ZL-924", Name: "no-proxy-variables", Severity: Low, Why: "proxy variables carry passwords into every container", Refs: []string{"IBM L174-180"}, Reads: []container.Row{container.HttpProxy}, Judge: old(oldClaims(container.HttpProxy, false, "http_proxy must be false"))},
	{ID: "ZL-925", Name: "secrets-mounted", Severity: Low, Why: "a mounted secret with a tight mode does not show in inspect", Refs: []string{"IBM L174-180"}, Reads: []container.Row{container.SecretOf}, Judge: nil},
	{ID: "ZL-931", Name: "model-not-writable", Severity: High, Why: "whoever can change the model controls the answers", Refs: []string{"IBM L170-172"}, Reads: nil, Judge: nil},
	{ID: "ZL-932", Name: "model-readable", Severity: Medium, Why: "a model the server cannot read fails late and is answered with chmod 777", Refs: []string{"IBM L170-172"}, Reads: nil, Judge: nil},
	{ID: "ZL-933", Name: "model-no-links-out", Severity: Medium, Why: "links out of the tree and special files have no place in a model", Refs: []string{"IBM L170-172"}, Reads: nil, Judge: nil},
	{ID: "ZL-934", Name: "model-runs-no-code", Severity: High, Why: "loading a pickle is running a program", Refs: []string{"IBM L170-172"}, Reads: nil, Judge: nil},
	{ID: "ZL-935", Name: "model-digest", Severity: Medium, Why: "detects a swap between review and start", Refs: []string{"IBM L170-172"}, Reads: nil, Judge: nil},
}
