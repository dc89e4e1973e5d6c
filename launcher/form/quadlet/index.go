package quadlet

import "path"

// holding lists the directories that have an entry of a name, in their order. Of those that
// cannot be listed hidden tells.
func (t *tree) holding(name string) []string {
	if t.index == nil {
		t.index = map[string][]string{}
		for _, d := range t.dirs {
			entries, err := t.list(d)
			if err != nil {
				t.hidden = append(t.hidden, err)
			}
			for n := range entries {
				t.index[n] = append(t.index[n], d)
			}
		}
	}
	return t.index[name]
}

// find returns the path of the first file of that name in the directories, "" where none
// has it. A file in near comes before the others: sure tells that the first is the same.
func (t *tree) find(name, near string) (file string, sure bool, err error) {
	for _, d := range t.holding(name) {
		switch {
		case t.lists[d][name].IsDir():
		case file == "":
			file, sure = path.Join(d, name), true
		case d == near:
			return path.Join(d, name), false, nil
		}
	}
	if file == "" && len(t.hidden) > 0 {
		err = t.hidden[0]
	}
	return file, sure, err
}
