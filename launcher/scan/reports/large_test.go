package reports

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zlaunch/zlaunch/launcher/scan"
)

// generated is a report of trivy's or grype's with n findings, as a stream. Each has a
// description of some 3 kB, as real ones have with their references.
func generated(tool string, n int) io.Reader {
	r, w := io.Pipe()
	prose := strings.Repeat("A synthetic hole lets whoever can reach it do what nobody wants. ", 46)
	go func() {
		switch tool {
		case "trivy":
			fmt.Fprintf(w, `{"SchemaVersion":2,"CreatedAt":"2026-11-20T08:00:00Z","ArtifactType":"container_image","Metadata":{"ImageID":%q},"Results":[{"Class":"os-pkgs","Packages":[{"Name":"a"}],"Vulnerabilities":[`, config)
		case "grype":
			fmt.Fprint(w, `{"matches":[`)
		}
		for i := range n {
			comma := ","
			if i == 0 {
				comma = ""
			}
			switch tool {
			case "trivy":
				fmt.Fprintf(w, `%s{"VulnerabilityID":"CVE-2026-%d","PkgName":"lib%d","PkgIdentifier":{"PURL":"pkg:deb/debian/lib%d@1"},"InstalledVersion":"1","Status":"affected","Severity":"LOW","Description":%q,"VendorSeverity":{"nvd":2},"References":["a","b"]}`, comma, i, i%1000, i%1000, prose)
			case "grype":
				fmt.Fprintf(w, `%s{"vulnerability":{"id":"CVE-2026-%d","namespace":"debian:distro:debian:12","severity":"Low","description":%q,"fix":{"versions":[],"state":"not-fixed"}},"artifact":{"name":"lib%d","version":"1","type":"deb"}}`, comma, i, prose, i%1000)
			}
		}
		switch tool {
		case "trivy":
			fmt.Fprint(w, `]}]}`)
		case "grype":
			fmt.Fprintf(w, `],"source":{"type":"image","target":{"imageID":%q}},"descriptor":{"name":"grype","version":"0.121.3","db":{"status":{"schemaVersion":"v6.0.3","built":"2026-11-19T01:30:00Z","valid":true}},"timestamp":"2026-11-20T08:05:00Z"}}`, config)
		}
		w.Close()
	}()
	return r
}

// Reading takes memory by the findings and not by the bytes of a report, and its work grows
// with them: ZLAUNCH_SCAN_LARGE=1 reads 200 MB of each tool's, and twice and four times as
// little.
func TestLarge(t *testing.T) {
	most := 2000
	if os.Getenv("ZLAUNCH_SCAN_LARGE") != "" {
		most = 64000
	}
	for _, tool := range []string{"trivy", "grype"} {
		least := uint64(0) // allocations of each finding in the smallest
		for n := most / 4; n <= most; n *= 2 {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			began := time.Now()
			counted := &counter{from: generated(tool, n)}
			s, err := Read(counted, About{})
			took := time.Since(began)
			if err != nil || len(s.Findings) != n {
				t.Fatalf("%s: %v", tool, err)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			allocs := (after.Mallocs - before.Mallocs) / uint64(n)
			if least == 0 {
				least = allocs
			}
			if allocs > least+least/4 {
				t.Errorf("%s: a finding takes %d allocations among %d findings, %d among a quarter", tool, allocs, n, least)
			}
			held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
			t.Logf("%s: %d findings, %d MB: %v, %.0f MB/s, %d KB kept", tool, n, counted.n>>20, took.Round(time.Millisecond), float64(counted.n)/1e6/took.Seconds(), held>>10)
			if each := held / int64(n); each > 2048 {
				t.Errorf("%s: %d bytes are kept of each finding of 3 kB", tool, each)
			}
			runtime.KeepAlive(s)
		}
	}
}

type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// More findings than any image has are refused, as are texts without end.
func TestBounds(t *testing.T) {
	var c scan.Collector
	f := scan.Finding{ID: "CVE-1", Package: "p"}
	for range scan.MaxFindings {
		if err := c.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Add(f); err == nil || !strings.Contains(err.Error(), "findings") {
		t.Error(err)
	}
	var kept scan.Collector
	f.Source = strings.Repeat("x", 4000)
	err := error(nil)
	for n := 0; err == nil && n <= scan.MaxKept/4000+1; n++ {
		err = kept.Add(f)
	}
	if err == nil || !strings.Contains(err.Error(), "bytes of findings") {
		t.Error(err)
	}
}

// BenchmarkRead reads a report of 3 MB.
func BenchmarkRead(b *testing.B) {
	for _, tool := range []string{"trivy", "grype"} {
		b.Run(tool, func(b *testing.B) {
			data, err := io.ReadAll(generated(tool, 1000))
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Read(strings.NewReader(string(data)), About{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
