package form

import (
	"bytes"
	"fmt"
	"slices"
)

// Stack are runs that are written as one: each is called as the others reach it, and they
// share networks that nobody else is in.
type Stack struct {
	Name string
	Runs []Run // in the order in which they start
}

// Networks are those of all runs, each once.
func (s Stack) Networks() []Network {
	var out []Network
	for _, r := range s.Runs {
		for _, n := range r.Networks {
			if !slices.ContainsFunc(out, func(o Network) bool { return o.Name == n.Name }) {
				out = append(out, n)
			}
		}
	}
	return out
}

// Each writes the runs one by one, as one document: what two of them need stands in it once.
func (s Stack) Each(write func(Run) (*Document, error)) (*Document, error) {
	out := &Document{}
	for _, r := range s.Runs {
		doc, err := write(r)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", r.Name, err)
		}
		for _, l := range doc.Lost {
			l.Run = r.Name
			out.Lost = append(out.Lost, l)
		}
		for _, n := range doc.Notes {
			if !slices.Contains(out.Notes, n) {
				out.Notes = append(out.Notes, n)
			}
		}
		if out.Files, err = joined(out.Files, doc.Files); err != nil {
			return nil, err
		}
		if out.Beside, err = joined(out.Beside, doc.Beside); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// joined adds files that are not there yet.
func joined(to, more []File) ([]File, error) {
	for _, f := range more {
		i := slices.IndexFunc(to, func(o File) bool { return o.Name == f.Name })
		switch {
		case i < 0:
			to = append(to, f)
		case !bytes.Equal(to[i].Data, f.Data):
			return nil, fmt.Errorf("two members need a file called %s, and each another", f.Name)
		}
	}
	return to, nil
}
