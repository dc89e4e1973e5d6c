package launch

import (
	"context"
	"errors"
	"slices"
	"time"
)

// undoTime is how long a failed or interrupted launch may take to remove what
// it made: the workload has not run or gets no time to stop.
const undoTime = 60 * time.Second

// transaction is what was made and is held so far. Each step that makes something
// leaves how to take it away; once it is done there is nothing to undo.
type transaction struct {
	undos []func(context.Context) error
	gives []func() // locks
}

func (tx *transaction) undo(how func(context.Context) error) { tx.undos = append(tx.undos, how) }

// holds keeps what give gives back until the transaction is over, either way.
func (tx *transaction) holds(give func()) { tx.gives = append(tx.gives, give) }

// abandon takes away what was made, newest first, and joins to cause what could not
// be taken away.
func (tx *transaction) abandon(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if err := tx.takeAway(ctx); err != nil {
		cause = errors.Join(cause, err)
	}
	return cause
}

// takeAway takes away what was made, newest first.
func (tx *transaction) takeAway(ctx context.Context) error {
	var errs []error
	for _, undo := range slices.Backward(tx.undos) {
		if err := undo(ctx); err != nil {
			errs = append(errs, err)
		}
	}
	tx.done()
	return errors.Join(errs...)
}

// part is a transaction that ends with tx, as tx does. Parts of one may be added to at once.
func (tx *transaction) part() *transaction {
	part := &transaction{}
	tx.undo(part.takeAway)
	tx.holds(part.done)
	return part
}

// done keeps what was made.
func (tx *transaction) done() {
	tx.undos = nil
	tx.letGo()
}

// letGo gives back the locks, newest first.
func (tx *transaction) letGo() {
	for i := len(tx.gives) - 1; i >= 0; i-- {
		tx.gives[i]()
	}
	tx.gives = nil
}
