package shell

import (
	"fmt"
	"strings"
	"testing"
)

const benchLine = "podman run -d --rm --name triton --read-only --cap-drop=all --security-opt=no-new-privileges --tmpfs=/tmp:rw,size=64m,noexec -v /srv/models/triton:/models:ro,Z -p 127.0.0.1:8000:8000 -p 127.0.0.1:8001:8001 --memory=8g --pids-limit=512 --user=1000:1000 icr.io/ibmz/triton@sha256:0123 tritonserver --model-repository=/models"

func BenchmarkLine(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchLine)))
	for b.Loop() {
		if _, err := Line(benchLine); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuotedLine goes by the shell's grammar.
func BenchmarkQuotedLine(b *testing.B) {
	line := strings.Replace(benchLine, "triton:/models", `"triton":/models`, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Line(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScript(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		text := []byte(strings.Repeat(benchLine+"\n", n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if runs, _, err := Script("x", text); err != nil || len(runs) != n {
					b.Fatal(len(runs), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/line")
		})
	}
}
