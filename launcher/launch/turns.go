package launch

import "sync"

// turns has what several launches tell at once come in the order of the launches: that of
// one is kept until those before it have ended. What merely passes is shown of the first
// alone.
type turns struct {
	to *Runner

	mu     sync.Mutex
	begun  bool       // until then they are carried out one by one, and tell as they go
	first  int        // the launch before which all have ended
	ended  []bool     // by launch
	unsaid [][]string // by launch
}

func newTurns(to *Runner, launches int) *turns {
	return &turns{to: to, ended: make([]bool, launches), unsaid: make([][]string, launches)}
}

// runner is the one that the launch of that number is carried out by.
func (t *turns) runner(n int) *Runner {
	l := *t.to
	l.Tell = func(line string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.begun && n != t.first {
			t.unsaid[n] = append(t.unsaid[n], line)
			return
		}
		t.to.tell(line)
	}
	l.Passing = func(line string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.begun || n == t.first {
			t.to.passing(line)
		}
	}
	return &l
}

func (t *turns) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun = true
}

// end says that a launch tells no more.
func (t *turns) end(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended[n] = true
	for t.first < len(t.ended) && t.ended[t.first] {
		t.first++
		if t.first == len(t.ended) {
			return
		}
		for _, line := range t.unsaid[t.first] {
			t.to.tell(line)
		}
		t.unsaid[t.first] = nil
	}
}
