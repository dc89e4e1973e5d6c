package prison

import (
	"context"
	"fmt"

	"github.com/zlaunch/zlaunch/launcher/scan/canary"
)

// Ready checks what can be checked of a scan before anything is written out, read as a whole or
// run: that the profile is a scanner's and its run a prison that nothing refuses, and that its
// database is there and young enough, as far as the files beside it say. called is what people
// call the image. What [Prison.Scan] does, it refuses for the same reasons, with the same words.
func (p *Prison) Ready(ctx context.Context, called string, by Scanner) error {
	if err := p.ready(ctx, by); err != nil {
		return fmt.Errorf("scanning %s with %s: %w", called, by.Profile, err)
	}
	return nil
}

func (p *Prison) ready(ctx context.Context, by Scanner) error {
	j, err := p.job(by)
	if err != nil {
		return err
	}
	if j.database, err = p.find(j.profile.Scanner, by); err != nil {
		return err
	}
	return j.in("canary", func(dir string) error {
		if _, err := canary.Write(dir, p.Runner.Host.Arch); err != nil {
			return err
		}
		run, err := j.plan(ctx, dir, nil)
		if err != nil {
			return err
		}
		return run.Refusal()
	})
}
