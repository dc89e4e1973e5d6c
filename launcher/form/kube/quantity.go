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

// suffixes are those of a quantity, in thousandths (apimachinery, pkg/api/resource).
var suffixes = map[string]int64{
	"": 1e3, "m": 1, "k": 1e6, "M": 1e9, "G": 1e12, "T": 1e15, "P": 1e18,
	"Ki": 1e3 << 10, "Mi": 1e3 << 20, "Gi": 1e3 << 30, "Ti": 1e3 << 40, "Pi": 1e3 << 50,
}

// decimal is a number of a quantity. Exponents, which hardly anybody writes, are not read.
var decimal = lazyregexp.New(`^[0-9]{1,19}(\.[0-9]{1,9})?$`)

func quantityOf(v string, parts int64) (int64, bool) {
	number := strings.TrimRight(v, "mkMGTPKi")
	unit, known := suffixes[v[len(number):]]
	exact, ok := new(big.Rat).SetString(number)
	if !known || !decimal().MatchString(number) || !ok {
		return 0, false
	}
	exact.Mul(exact, big.NewRat(unit, 1000)).Mul(exact, big.NewRat(parts, 1))
	whole := new(big.Int).Quo(exact.Num(), exact.Denom())
	return whole.Int64(), whole.IsInt64()
}
