package launch

import (
	"context"
	"errors"
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
	for i := len(tx.undos) - 1; i >= 0; i-- {
		if err := tx.undos[i](ctx); err != nil {
			cause = errors.Join(cause, err)
		}
	}
	tx.letGo()
	return cause
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
