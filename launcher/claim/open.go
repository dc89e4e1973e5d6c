package claim

import (
	"os"

	"golang.org/x/sys/unix"
)

// readOnly opens a file without following a link and without waiting for a pipe.
const readOnly = os.O_RDONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK
