package report

import "io"

// DoctorSchema is the version of the JSON of doctor.
const DoctorSchema = "zlaunch.dev/doctor/v1"

// Doctor is what is known about this host, and what of it is in the way.
type Doctor struct {
	Schema string  `json:"schema"`
	Facts  []Fact  `json:"facts"`
	Checks []Check `json:"checks"`
}

// Fact is one thing known about the host or the engine.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Check is one thing that stands against runs here.
type Check struct {
	State   string `json:"state"` // fail, warn, open
	Control string `json:"control,omitempty"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

// Text writes facts and checks for a person.
func (d Doctor) Text(w io.Writer, on Screen) error {
	t := table{columns: []column{{title: "FACT"}, {title: "VALUE", wraps: true}}}
	for _, f := range d.Facts {
		t.add(f.Name, f.Value)
	}
	if err := t.write(w, on); err != nil {
		return err
	}
	if len(d.Checks) == 0 {
		_, err := io.WriteString(w, "\nnothing stands against runs here\n")
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	t = table{columns: []column{{title: "STATE", means: true}, {title: "CONTROL"}, {title: "FINDING", wraps: true}}}
	for _, c := range d.Checks {
		t.add(c.State, c.Control, c.Message)
		if c.Fix != "" {
			t.add("", "", "fix: "+c.Fix)
		}
	}
	return t.write(w, on)
}
