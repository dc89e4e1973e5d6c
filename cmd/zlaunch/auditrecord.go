package main

import (
	"context"
	"errors"

	"github.com/zlaunch/zlaunch/launcher"
	"github.com/zlaunch/zlaunch/launcher/subject"
)

// record writes the evidence that was asked for.
func (o *auditOptions) record(ctx context.Context, std *stdio, a *launcher.Audited) error {
	if o.evidence == "" {
		return nil
	}
	if o.sign != "" {
		return o.recordSigned(ctx, std, a)
	}
	if err := subject.WriteEvidence(o.evidence, a, versionOf().Version, nil); err != nil {
		return err
	}
	std.note("the record is in %s; it is unsigned: whoever can edit it can make its digest anew", o.evidence)
	return nil
}

// recordSigned is record in an envelope that the key of --sign signs.
func (o *auditOptions) recordSigned(ctx context.Context, std *stdio, a *launcher.Audited) error {
	key, err := std.signingKey(ctx, o.sign)
	if err != nil {
		return err
	}
	err = subject.WriteEvidence(o.evidence, a, versionOf().Version, key)
	if err = errors.Join(err, key.Close()); err != nil {
		return err
	}
	std.note("the record is in %s, signed by %s", o.evidence, key.Fingerprint())
	return nil
}
