package feeds

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/zlaunch/zlaunch/launcher/hint"
	"github.com/zlaunch/zlaunch/launcher/internal/bounded"
	"github.com/zlaunch/zlaunch/launcher/internal/jsonwalk"
	"github.com/zlaunch/zlaunch/launcher/scan"
)

const (
	// vexContext is how the name of OpenVEX's format begins; what follows is its version.
	vexContext = "https://openvex.dev/ns"
	// maxStatements is how many statements a document makes.
	maxStatements = 100_000
)

// VEX is a document of OpenVEX 0.2.0.
type VEX struct {
	ID, Author string
	said       time.Time // by which statements stand that have no time of their own
	statements []statement
}

// statement is what its author says of one vulnerability in products.
type statement struct {
	names                 []string // of the vulnerability
	products              []product
	status, justification string
	said                  time.Time
}

// statuses are those of the specification.
var statuses = []string{"not_affected", "affected", "fixed", "under_investigation"}

// justifications are those of the specification, of what is not affected.
var justifications = []string{"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"}

// ReadVEX reads a document. A key that its specification does not know is an error: one that is
// spelled otherwise would be what narrows a statement.
func ReadVEX(r io.Reader) (*VEX, error) {
	v := &VEX{}
	d := &vexReader{Reader: jsonwalk.New(r, maxFile), of: v}
	if err := d.Document(d.top, d.check); err != nil {
		return nil, hint.Wrap(fmt.Errorf("reading OpenVEX: %w", err), "vexctl merges and checks documents")
	}
	return v, nil
}

// vexReader is a document on its way.
type vexReader struct {
	*jsonwalk.Reader
	of      *VEX
	context string
}

func (d *vexReader) top(key string) error {
	switch key {
	case "@context":
		return d.Text(&d.context)
	case "@id":
		return d.Text(&d.of.ID)
	case "author":
		return d.Text(&d.of.Author)
	case "timestamp":
		return d.Time(&d.of.said)
	case "statements":
		return d.Array(func() error {
			s, err := d.statement()
			if d.of.statements = append(d.of.statements, s); err == nil && len(d.of.statements) > maxStatements {
				err = fmt.Errorf("more than %d statements", maxStatements)
			}
			return err
		})
	}
	return d.known(key, "role", "last_updated", "version", "tooling")
}

// known skips the value of a key that tells nothing here, and refuses any other.
func (d *vexReader) known(key string, keys ...string) error {
	if !slices.Contains(keys, key) {
		return errors.New("OpenVEX 0.2.0 has no such key here")
	}
	return d.Skip()
}

// check is what must be true of the document as a whole.
func (d *vexReader) check() error {
	switch {
	case d.context != vexContext+"/v0.2.0":
		return fmt.Errorf("its @context is %.60q, and %s/v0.2.0 is read", d.context, vexContext)
	case d.of.Author == "" || len(d.of.statements) == 0:
		return errors.New("it has no author, or no statements")
	}
	if ahead(d.of.said) {
		return fmt.Errorf("its timestamp %s is to come", d.of.said.Format(time.RFC3339))
	}
	return bounded.Printable(d.of.ID + d.of.Author)
}

func (d *vexReader) statement() (s statement, err error) {
	var first, updated time.Time
	err = d.Object(func(key string) error {
		switch key {
		case "vulnerability":
			return d.vulnerability(&s)
		case "products":
			return d.Array(func() error {
				p, err := d.product("subcomponents")
				s.products = append(s.products, p)
				return err
			})
		case "status":
			return d.Text(&s.status)
		case "justification":
			return d.Text(&s.justification)
		case "timestamp":
			return d.Time(&first)
		case "last_updated":
			return d.Time(&updated)
		}
		return d.known(key, "@id", "version", "supplier", "status_notes", "impact_statement", "action_statement", "action_statement_timestamp")
	})
	if s.said = first; updated.After(first) {
		s.said = updated
	}
	if err == nil {
		err = s.check()
	}
	return s, err
}

// vulnerability reads which one a statement is about, by all its names.
func (d *vexReader) vulnerability(s *statement) error {
	name := ""
	err := d.Object(func(key string) error {
		switch key {
		case "name":
			return d.Text(&name)
		case "aliases":
			return d.Texts(&s.names, scan.MaxList)
		}
		return d.known(key, "@id", "description")
	})
	s.names = slices.DeleteFunc(append(s.names, name), func(name string) bool { return name == "" })
	for i := range s.names {
		if err == nil {
			s.names[i], err = scan.ParseID(s.names[i])
		}
	}
	return err
}

func (s *statement) check() error {
	switch {
	case ahead(s.said):
		return fmt.Errorf("the timestamp %s is to come", s.said.Format(time.RFC3339))
	case len(s.names) == 0:
		return errors.New("a statement about no vulnerability")
	case !slices.Contains(statuses, s.status):
		return fmt.Errorf("the status %.40q is none", s.status)
	case s.justification != "" && !slices.Contains(justifications, s.justification):
		return fmt.Errorf("the justification %.60q is none", s.justification)
	case s.status == "not_affected" && s.justification == "":
		return errors.New("not_affected without a justification")
	}
	return nil
}
