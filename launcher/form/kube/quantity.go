package kube

import (
	"math/big"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zlaunch/zlaunch/launcher/container"
	"github.com/zlaunch/zlaunch/launcher/internal/lazyregexp"
)

// quantity reads a quantity in parts of one, of which there are so many.
func (r *reader) quantity(n *yaml.Node, parts int64, p container.Path) (int64, bool) {
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!str" || n.Tag == "!!int" || n.Tag == "!!float") {
		if v, ok := quantityOf(n.Value, parts); ok {
			return v, true
		}
	}
	r.wrongAt(n, p, "%s is no quantity that is read", clip(n.Value))
	return 0, false
}

// suffixes are those of a quantity (apimachinery, pkg/api/resource).
var suffixes = map[string]string{
	"n": "1e-9", "u": "1e-6", "m": "1e-3", "": "1", "k": "1e3", "M": "1e6", "G": "1e9", "T": "1e12", "P": "1e15", "E": "1e18",
	"Ki": "1024", "Mi": "1048576", "Gi": "1073741824", "Ti": "1099511627776", "Pi": "1125899906842624", "Ei": "1152921504606846976",
}

// decimal is a number of a quantity; with an exponent it has no suffix.
var decimal = lazyregexp.New(`^[0-9]{1,19}(\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?$`)

func quantityOf(v string, parts int64) (int64, bool) {
	number := strings.TrimRight(v, "numkMGTPEKi")
	suffix, known := suffixes[v[len(number):]]
	exact, ok := new(big.Rat).SetString(number)
	if !known || !decimal().MatchString(number) || !ok || strings.ContainsAny(number, "eE") && number != v {
		return 0, false
	}
	unit, _ := new(big.Rat).SetString(suffix)
	exact.Mul(exact, unit).Mul(exact, big.NewRat(parts, 1))
	whole, rest := new(big.Int).QuoRem(exact.Num(), exact.Denom(), new(big.Int))
	if parts > 1 && rest.Sign() > 0 { // an API server rounds up to thousandths
		whole.Add(whole, big.NewInt(1))
	}
	return whole.Int64(), whole.IsInt64()
}
