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

	"github.com/zlaunch/zlaunch/launcher/gateway"
)

// byHand is what somebody tunes who wants TLS and a token, and nothing else.
const byHand = `global
    maxconn 2000
    tune.ssl.lifetime 300
defaults
    mode http
    option http-no-delay
    timeout http-request 5s
    timeout client 30s
    timeout connect 5s
    timeout server 2m
frontend clients
    bind 127.0.0.1:%d ssl crt %s alpn h2,http/1.1 no-tls-tickets ssl-min-ver TLSv1.2
    http-request deny status 401 unless { req.hdr(authorization),sha2(256),hex,map_str(%s) -m found }
    http-request del-header authorization
    default_backend server
backend server
    server s 127.0.0.1:%d
`

// way is one to the server, and how long its requests took.
type way struct {
	name   string
	url    string
	client *http.Client
	took   []time.Duration
	all    time.Duration
}

// The load of a round: requests of a way, by so many clients at once.
const (
	workers  = 8
	perRound = 400
)

// BenchmarkGateway asks a server alone, through an HAProxy that was tuned by hand, and through
// a gateway, by turns, so that what else the machine does is each one's; what it reports are
// the gateway's figures divided by those of the other two.
func BenchmarkGateway(b *testing.B) {
	all := programs()
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
	hand := p.byHand(all[0], at)
	for _, two := range []bool{false, true} {
		b.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[two], func(b *testing.B) {
			ways := []*way{
				{name: "server", url: server.URL, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}},
				{name: "hand", url: fmt.Sprintf("https://localhost:%d", hand), client: p.many(two)},
				{name: "gateway", url: fmt.Sprintf("https://localhost:%d", p.layout.Port), client: p.many(two)},
			}
			for b.Loop() {
				for _, w := range ways {
					w.round(b)
				}
			}
			b.ReportMetric(0, "ns/op")
			for _, other := range ways[:2] {
				b.ReportMetric(ways[2].of(0.5)/other.of(0.5), "p50/"+other.name)
				b.ReportMetric(ways[2].of(0.99)/other.of(0.99), "p99/"+other.name)
				b.ReportMetric(float64(other.all)/float64(ways[2].all), "throughput/"+other.name)
			}
		})
	}
}

// byHand starts an HAProxy beside the gateway's and gives its port.
func (p *proxy) byHand(program string, server int) int {
	p.t.Helper()
	port, file := free(p.t), filepath.Join(p.t.TempDir(), "hand.cfg")
	text := fmt.Sprintf(byHand, port, filepath.Join(p.layout.Dir, gateway.ServerFile), filepath.Join(p.layout.Dir, gateway.TokensFile), server)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(program, "-W", "-db", "-f", file)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); cmd.Wait() })
	for {
		c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port), p.pki.trust(nil))
		if err == nil {
			c.Close()
			return port
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
	began := time.Now()
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
	w.all += time.Since(began)
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
