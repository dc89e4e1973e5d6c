package plan

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/model"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/policy"
	"github.com/zlaunch/zlaunch/launcher/record"
)

// ModelTrust is who must have signed the models of a run: one of the keys, or somebody one
// of the authorities vouches for. Nobody named: they need no signature.
type ModelTrust struct {
	Keys        []string `json:",omitempty"` // files of public keys
	Authorities []string `json:",omitempty"` // files of certificates
	Signature   string   `json:",omitempty"` // file of the signature; "" where [oms.SignatureOf] says
}

func (t ModelTrust) asked() bool { return len(t.Keys)+len(t.Authorities) > 0 }

// modelWishes refuses what is asked of models that there are not, or that nothing can meet.
func (o Options) modelWishes(given string) error {
	hexed, ok := strings.CutPrefix(o.ModelDigest, "sha256:")
	sum, err := hex.DecodeString(hexed)
	switch {
	case given == "" && (o.ModelDigest != "" || o.ModelTrust.asked()):
		return hint.Errorf("--models PATH", "holding models against a digest or a signature: there are no models")
	case o.ModelDigest != "" && (!ok || err != nil || len(sum) != 32 || strings.ToLower(hexed) != hexed):
		return hint.Errorf("zlaunch model digest PATH", "reading --model-digest %q: it is not sha256: and 64 hexadecimal digits", o.ModelDigest)
	case o.ModelTrust.Signature != "" && !o.ModelTrust.asked():
		return hint.Errorf("--model-key FILE or --model-authority FILE", "reading --model-signature: who must have signed the models is not said")
	}
	return nil
}

// digest holds the tree against the digests that profile and command line name, and against
// its signature, if any of these is asked for: else nobody reads it.
func (d data) digest(ctx context.Context, res *model.Result) []audit.Problem {
	p, trust := d.Plan, d.Options.ModelTrust
	wants := []struct{ who, digest string }{{"the profile", p.Profile.Models.Digest}, {"--model-digest", p.Options.ModelDigest}, {"the store", p.stored.digest()}}
	if wants[0].digest == "" && wants[1].digest == "" && wants[2].digest == "" && !trust.asked() {
		p.modelsHeld = true
		return nil
	}
	d.tell(fmt.Sprintf("checking the digests of the model's files (%d)", res.Files))
	print, err := model.Take(ctx, res.Path)
	if err == nil {
		p.Print = print
		if own, _ := res.Inode(""); print.Root != own {
			err = fmt.Errorf("%q was exchanged for another while it was checked", res.Path)
		}
	}
	if err != nil {
		return []audit.Problem{{Control: audit.ModelDigest.ID, Message: fmt.Sprintf("reading the models for their digest: %v", err), Fatal: true}}
	}
	var out []audit.Problem
	for _, w := range wants {
		if w.digest != "" && w.digest != print.Digest {
			out = append(out, audit.Problem{Control: audit.ModelDigest.ID, Message: fmt.Sprintf("the models are %s, %s wants %s", print.Digest, w.who, w.digest), Fatal: true,
				Hint: "get the reviewed models, or have the profile's owner review these"})
		}
	}
	if trust.asked() {
		if p.signed, err = trust.verify(res.Path, print, d.now); err != nil {
			out = append(out, audit.Problem{Control: audit.ModelDigest.ID, Message: err.Error(), Fatal: true, Hint: "get the models and their signature anew from who signed them"})
		}
	}
	p.modelsHeld = len(out) == 0
	return out
}

// verify holds a tree against its signature. What the signer left out, a launch does not
// take: any content would do there.
func (t ModelTrust) verify(path string, print *model.Print, now func() time.Time) (*oms.Signed, error) {
	trust := oms.Trust{At: now()}
	var err error
	if trust.Keys, err = oms.OpenKeys(t.Keys); err != nil {
		return nil, err
	}
	if trust.Roots, err = oms.OpenAuthorities(t.Authorities); err != nil {
		return nil, err
	}
	file := t.Signature
	if file == "" {
		file = oms.SignatureOf(path)
	}
	text, err := oms.ReadFile(file, oms.MaxBundle)
	if err != nil {
		return nil, err
	}
	signed, err := trust.Verify(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", file, err)
	}
	switch diff := signed.Against(print, oms.Inside(path, file)...); {
	case !diff.Same():
		return nil, fmt.Errorf("the models are not what %s signed: %s", signed.By, diff)
	case len(diff.Uncovered) > 0:
		return nil, hint.Errorf("give the models without what nobody signed", "%s left out files of the models by name: %d, the first is %q", signed.By, len(diff.Uncovered), diff.Uncovered[0])
	}
	return signed, nil
}

// heldModels are the models that were held against a digest or a signature; nil: none were,
// or they are others.
func heldModels(p *Plan) *policy.Models {
	if p.Print == nil || !p.modelsHeld {
		return nil
	}
	m := &policy.Models{Digest: p.Print.Digest}
	if p.signed != nil {
		m.Signers = p.signed.By.Signers()
	}
	return m
}

// ModelTree is what a launch record keeps of the models; nil where they were held against
// nothing.
func ModelTree(p *Plan) *record.ModelTree {
	m := heldModels(p)
	if m == nil {
		return nil
	}
	return &record.ModelTree{Target: p.Profile.Models.At, Digest: m.Digest, From: p.stored.named(), Signers: m.Signers}
}
