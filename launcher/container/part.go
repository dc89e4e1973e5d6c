package container

// Part is a spec that states one setting of s and no other.
func Part(s *Spec, p Path) *Spec {
	out := &Spec{}
	row := ByKey(p.Key)
	row.Copy(out, s)
	keyed, is := row.(interface{ Delete(*Spec, string) })
	if !is {
		return out
	}
	for _, other := range row.Settings(out) {
		if other.Path.Elem != p.Elem {
			keyed.Delete(out, other.Path.Elem)
		}
	}
	return out
}
