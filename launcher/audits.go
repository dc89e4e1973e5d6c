package launcher

import (
	"context"

	"github.com/zlaunch/zlaunch/launcher/audit"
	"github.com/zlaunch/zlaunch/launcher/container"
)

// Audits judges by the catalogue of controls what a [Launcher] plans or can see.
type Audits struct{ of *Launcher }

// Plan judges a plan; see [subject.Auditor.AuditPlan].
func (as Audits) Plan(p *Plan) *Audited { return auditor(as.of).AuditPlan(p) }

// Host judges engine and host; see [subject.Auditor.AuditHost].
func (as Audits) Host(base *container.Spec) []audit.Finding { return auditor(as.of).AuditHost(base) }

// Container judges a container of the engine; see [subject.Auditor.AuditContainer].
func (as Audits) Container(ctx context.Context, name string) (*Audited, error) {
	if err := reaches(as.of, "auditing "+name); err != nil {
		return nil, err
	}
	return auditor(as.of).AuditContainer(ctx, name)
}

// Containers judges several at a time; see [subject.Auditor.AuditContainers].
func (as Audits) Containers(ctx context.Context, names []string, take func(name string, a *Audited, err error) error) error {
	if err := reaches(as.of, "auditing containers"); err != nil {
		return err
	}
	return auditor(as.of).AuditContainers(ctx, names, take)
}

// Names lists every container of the engine by name.
func (as Audits) Names(ctx context.Context) ([]string, error) {
	if err := reaches(as.of, "listing containers"); err != nil {
		return nil, err
	}
	return auditor(as.of).AllContainers(ctx)
}

// HoldTo holds an audited container against a plan; see [subject.Auditor.HoldTo].
// Against its own launch record [Audited.Held] does.
func (as Audits) HoldTo(a *Audited, p *Plan) (*Held, error) { return auditor(as.of).HoldTo(a, p) }

// Complete asks for what a record of evidence wants beside the audit.
func (as Audits) Complete(ctx context.Context, o *Observed) error {
	if err := reaches(as.of, "recording "+o.Name); err != nil {
		return err
	}
	return auditor(as.of).Complete(ctx, o)
}
