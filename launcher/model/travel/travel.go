// Package travel takes models to registries and from there into the store of whoever runs them:
// launcher/model/modelpack says what a manifest means, launcher/model/store keeps, launcher/bundle
// speaks with registries, launcher/model/oms judges who signed.
//
// A registry is believed nothing: each blob is held against the digest and the size that the
// manifest names it by, the manifest against the digest that was asked for, and nothing is a
// model of the store before all of it is there and verified.
package travel

import (
	"sync/atomic"
	"time"

	"github.com/zlaunch/zlaunch/launcher/bundle"
	"github.com/zlaunch/zlaunch/launcher/model/oms"
	"github.com/zlaunch/zlaunch/launcher/model/store"
)

// Traveller takes models to places and from there.
type Traveller struct {
	Store    store.Store
	Settings bundle.Settings // of registries
	Tell     func(line string)
	Count    *atomic.Int64 // of bytes that were moved so far, of all that Whole says
	Whole    *atomic.Int64
	Now      func() time.Time
	Free     func(dir string) (bytes int64, err error) // of the file system that dir is on
}

// Wish is what a pull is asked for.
type Wish struct {
	Ref   bundle.Ref
	Trust *oms.Trust // who must have signed; nil: nobody
	Most  int64      // bytes that the model may have when it is unpacked; 0: see [Wish.budget]
}

// budget is how many bytes a model may have in all: what was asked for, or ten times what its
// layers have, and at least a gigabyte: weights hardly shrink, and an archive that grows by
// more is made to fill a disk.
func (w Wish) budget(layers int64) int64 {
	const least, grows = 1 << 30, 10
	if w.Most > 0 {
		return w.Most
	}
	if layers > (1<<62)/grows {
		return 1 << 62
	}
	return max(least, layers*grows)
}

// Pulled is what a pull gave.
type Pulled struct {
	store.Model
	Ref     string // by digest: what to give as models
	Here    bool   // the store had it
	Fetched int64  // bytes that were fetched now
	Signed  *oms.Signed
}
