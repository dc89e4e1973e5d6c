package main

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/policy/disk"
	"github.com/zlaunch/zlaunch/launcher/policy/vap"
	"github.com/zlaunch/zlaunch/launcher/report"
)

// policyForms are what a policy can be written as.
var policyForms = []string{"vap"}

// policyExport is how a policy is to be written for others.
type policyExport struct {
	to  string
	how vap.Options
}

func bindPolicyExport(fs *pflag.FlagSet) *policyExport {
	o := &policyExport{}
	fs.Var(choice{&o.to, policyForms}, "to", "with export: write `FORM`, vap: admission policies of Kubernetes")
	fs.StringSliceVar(&o.how.Allow, "allow-loss", nil, "with export: write it without what of the check `KEY` no pod says, as at_most.pids_limit")
	fs.StringSliceVar(&o.how.Namespaces, "namespace", nil, "with export: let it hold in the `NAMESPACE`, and in no other but those that are named too")
	return o
}

func (o *policyExport) given() bool { return o.to != "" || len(o.how.Allow)+len(o.how.Namespaces) > 0 }

// export writes the policy of files, or that of this host, and what more files add.
func (o *policyExport) export(std *stdio, files, more []string, json bool) error {
	if o.to == "" {
		return &usageError{errors.New("--to names the form: vap")}
	}
	if err := o.how.Check(); err != nil {
		return &usageError{err}
	}
	read := std.policy.Read
	if len(files) > 0 {
		read = disk.Host{}.Read
	}
	set, err := read(append(files, more...)...)
	if err != nil {
		return err
	}
	if len(set) == 0 {
		return hint.Errorf("zlaunch policy export FILE --to vap", "writing the policy of this host: there is no *.toml in %q", std.policy.Dirs())
	}
	doc, err := vap.Write(set, o.how)
	var lost *vap.LossError
	switch {
	case json && (err == nil || errors.As(err, &lost)):
		if err := report.JSON(std.out, report.PolicyExportOf(set.Digest(), doc)); err != nil || lost == nil {
			return err
		}
		return &statusError{status: exitFindings}
	case err != nil:
		return err
	}
	noteAll(std, doc.Notes)
	_, err = std.exact.Write(doc.Data)
	return err
}
