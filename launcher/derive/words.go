package derive

import "github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"

// What words may be made of that get into a Containerfile. None of them has a blank, a
// quote, a line end, or a character that a shell or a builder acts on, and none begins as
// an option does. They are narrower than what package managers take.
var (
	// reference is NAME@DIGEST: the names of the distribution project's reference grammar in
	// lower case, as registries have them.
	reference = lazyregexp.New(`^[a-z0-9][a-z0-9._:/-]{0,254}@sha256:[0-9a-f]{64}$`)
	imageID   = lazyregexp.New(`^[0-9a-f]{64}$`)
	// user is a USER line of numbers or of names, as shadow's useradd(8) takes them.
	user = lazyregexp.New(`^([A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?)?$`)
	// pkg is a package: Debian policy 5.6.1, and RPM's and Alpine's names, which also have
	// capitals and _. A - at its end would have apt remove it.
	pkg = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9+._-]{0,126}[A-Za-z0-9+])?$`)
	// version is one of a package, for people: nothing is asked for by it.
	version = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9.+:~^_-]{0,127}$`)
	// id names a vulnerability: CVE-2022-40897, GHSA-r9hx-vwmv-q579, RHSA-2024:1234.
	id = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)
	// project is a project of Python: the names of PEP 508.
	project = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$`)
	// release is a version of PEP 440 that has an order without its whole grammar.
	release = lazyregexp.New(`^[0-9]{1,9}(\.[0-9]{1,9}){0,7}(\.post[0-9]{1,9})?$`)
	// environment is where an interpreter of Python keeps what was installed.
	environment = lazyregexp.New(`^/?((?:[A-Za-z0-9_][A-Za-z0-9._-]*/){0,16})lib(?:64)?/python[0-9][0-9.]*/(site|dist)-packages/`)
)
