package haproxy_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/internal/proxytest"
)

// way is one to the server, and what its requests took.
type way struct {
	name   string
	url    string
	client *http.Client
	pid    int // of the proxy's processes; 0: there is none
	took   []time.Duration
	rounds []round
}

// round is what one took: of time, and of the proxy's processor.
type round struct{ wall, cpu time.Duration }

// The load of a round: requests of a way, by so many clients at once.
const (
	workers  = 8
	perRound = 400
)

// BenchmarkGateway asks a server alone, through two HAProxys that were written by hand (testdata/
// byhand: less, and the same as a gateway promises) and through a gateway, by turns, so that what
// else the machine does is each one's. What it reports are the gateway's figures divided by those
// of each other: of two rounds that follow each other, and of those the median.
func BenchmarkGateway(b *testing.B) {
	all := proxytest.Programs()
	if len(all) == 0 {
		b.Skip("there is no haproxy here (test/setup installs it), and nothing else measures one")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }))
	defer server.Close()
	at, _ := strconv.Atoi(server.URL[strings.LastIndexByte(server.URL, ':')+1:])
	web := onHTTP()
	web.Host, web.Port = "127.0.0.1", at
	g := with(tokens, web)
	g.Limits.Rate = 1_000_000
	p := start(b, all[0], g, known())
	less, same := p.byHand(all[0], "less", at), p.byHand(all[0], "same", at)
	for _, two := range []bool{false, true} {
		b.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[two], func(b *testing.B) {
			ways := []*way{
				{name: "server", url: server.URL, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}},
				{name: "less", url: less.url, pid: less.pid, client: p.many(two)},
				{name: "same", url: same.url, pid: same.pid, client: p.many(two)},
				{name: "gateway", url: fmt.Sprintf("https://localhost:%d", p.layout.Port), pid: p.cmd.Process.Pid, client: p.many(two)},
			}
			for b.Loop() {
				for _, w := range ways {
					w.round(b)
				}
			}
			b.ReportMetric(0, "ns/op")
			for _, other := range ways[:len(ways)-1] {
				ways[len(ways)-1].report(b, other)
			}
		})
	}
}

// report gives the figures of a way divided by those of another.
func (w *way) report(b *testing.B, other *way) {
	var through, cpu []float64
	for i, r := range w.rounds {
		through = append(through, float64(other.rounds[i].wall)/float64(r.wall))
		cpu = append(cpu, float64(r.cpu)/float64(max(other.rounds[i].cpu, 1)))
	}
	b.ReportMetric(w.of(0.5)/other.of(0.5), "p50/"+other.name)
	b.ReportMetric(w.of(0.99)/other.of(0.99), "p99/"+other.name)
	b.ReportMetric(median(through), "throughput/"+other.name)
	if other.pid != 0 {
		b.ReportMetric(median(cpu), "cpu/"+other.name)
		b.ReportMetric(memory(w.pid)/memory(other.pid), "memory/"+other.name)
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// processor is what a process and its children have had of the processor.
func processor(pid int) (sum time.Duration) {
	for _, thread := range threads(pid) {
		stat, _ := os.ReadFile(thread + "/schedstat") // nanoseconds first
		ran, _, _ := strings.Cut(string(stat), " ")
		n, _ := strconv.ParseInt(ran, 10, 64)
		sum += time.Duration(n)
	}
	return sum
}

// memory is the proportional set size of a process and its children, in KiB.
func memory(pid int) (sum float64) {
	for _, thread := range threads(pid) {
		if filepath.Base(thread) != filepath.Base(filepath.Dir(filepath.Dir(thread))) {
			continue // a process counts once, by its first thread
		}
		rollup, _ := os.ReadFile(thread + "/smaps_rollup")
		_, after, _ := strings.Cut(string(rollup), "\nPss:")
		var kib float64
		fmt.Sscan(after, &kib)
		sum += kib
	}
	return sum
}

// threads are the directories of a process's threads and of its children's; none for 0.
func threads(pid int) []string {
	own, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	all := slices.Clone(own)
	for _, thread := range own {
		children, _ := os.ReadFile(thread + "/children")
		for c := range strings.FieldsSeq(string(children)) {
			child, _ := strconv.Atoi(c)
			all = append(all, threads(child)...)
		}
	}
	return all
}

// byHand starts an HAProxy beside the gateway's, by a file of testdata/byhand.
func (p *proxy) byHand(program, name string, server int) way {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/byhand", name+".cfg"))
	if err != nil {
		p.t.Fatal(err)
	}
	port := proxytest.Port(p.t)
	filled := strings.NewReplacer("{PORT}", strconv.Itoa(port), "{DIR}", p.layout.Dir, "{SERVER}", strconv.Itoa(server)).Replace(string(text))
	cmd := exec.Command(program, "-W", "-db", "-f", p.put(name+".cfg", filled))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait() })
	for {
		c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port), p.pki.trust(nil))
		if err == nil {
			c.Close()
			return way{url: fmt.Sprintf("https://localhost:%d", port), pid: cmd.Process.Pid}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// many is a client that keeps a connection for each of its workers.
func (p *proxy) many(two bool) *http.Client {
	c := p.client(nil, two)
	c.Transport.(*http.Transport).MaxIdleConnsPerHost = workers
	return c
}

// round asks as often as a round has it.
func (w *way) round(b *testing.B) {
	var mu sync.Mutex
	var all sync.WaitGroup
	began, had := time.Now(), processor(w.pid)
	for range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			for range perRound / workers {
				at := time.Now()
				if err := w.ask(); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				w.took = append(w.took, time.Since(at))
				mu.Unlock()
			}
		}()
	}
	all.Wait()
	w.rounds = append(w.rounds, round{time.Since(began), processor(w.pid) - had})
}

// body is a small tensor as KServe's protocol has it in JSON.
var body = `{"inputs":[{"name":"x","shape":[1,64],"datatype":"FP32","data":[` + strings.TrimSuffix(strings.Repeat("0.125,", 64), ",") + `]}]}`

func (w *way) ask() error {
	r, err := http.NewRequest("POST", w.url+infer, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+good)
	answer, err := w.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != 200 {
		return fmt.Errorf("status %d: %w", answer.StatusCode, err)
	}
	return nil
}

// of is a quantile of what the requests of a way took.
func (w *way) of(q float64) float64 {
	slices.Sort(w.took)
	return float64(w.took[int(q*float64(len(w.took)-1))])
}
