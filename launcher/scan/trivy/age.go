package trivy

import (
	"errors"
	"io"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
)

// Age reads when the database was built, from the metadata.json beside it.
func Age(r io.Reader) (built time.Time, err error) {
	d := jsonwalk.New(r, 1<<16)
	err = d.Object(func(key string) error {
		if key == "UpdatedAt" {
			return d.Time(&built)
		}
		return d.Skip()
	})
	if err == nil {
		err = d.End()
	}
	if err == nil && built.IsZero() {
		err = errors.New("it does not say UpdatedAt")
	}
	return built, err
}
