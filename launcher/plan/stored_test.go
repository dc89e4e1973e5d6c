package plan

import "testing"

// Whatever was asked for is named by its digest from then on.
func TestByDigest(t *testing.T) {
	for ref, want := range map[string]string{
		"oci://h:5000/ml/m:1":       "oci://h:5000/ml/m@D",
		"oci://h:5000/ml/m":         "oci://h:5000/ml/m@D",
		"oci://h/m@D":               "oci://h/m@D",
		"sha256:0000000000000000aa": "sha256:0000000000000000aa",
	} {
		if got := byDigest(ref, "D"); got != want {
			t.Errorf("%s: %s", ref, got)
		}
	}
}
