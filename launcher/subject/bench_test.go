package subject

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zlaunch/zlaunch/launcher/form/shell"
)

// benchLine is a line as people write them: about 300 bytes.
const benchLine = "podman run -d --rm --name serving -p 127.0.0.1:8501:8501 -p 127.0.0.1:8500:8500 -v /srv/models/lstm:/models:ro,z " +
	"-e MODEL_NAME=lstm --memory 8g --pids-limit 512 --cap-drop=all --security-opt=no-new-privileges --read-only " +
	"--tmpfs /tmp:rw,size=64m --network serving icr.io/ibmz/ibmz-accelerated-serving-for-tensorflow:1.2.0 --enable_batching"

// BenchmarkAuditLine reads and judges one command line.
func BenchmarkAuditLine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		r, err := shell.Line(benchLine)
		if err != nil {
			b.Fatal(err)
		}
		AuditReading(r, nil)
	}
}

// BenchmarkAuditScript reads and judges scripts; the time of a line is to stay the
// same as they grow.
func BenchmarkAuditScript(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		text := []byte(strings.Repeat(benchLine+"\n", n))
		b.Run(fmt.Sprintf("%d lines", n), func(b *testing.B) {
			for b.Loop() {
				readings, _, err := shell.Script("start.sh", text)
				if err != nil || len(readings) != n {
					b.Fatal(len(readings), err)
				}
				for _, r := range readings {
					AuditReading(r, nil)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/line")
		})
	}
}
