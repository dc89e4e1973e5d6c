package author

// ImageOn proposes that a profile runs an image on one architecture. Its other ones keep
// theirs: what was built here is for no other.
func ImageOn(arch, ref string) Proposal {
	return Proposal{Setting: "image", Line: "image = " + quoted(ref), table: "arch." + arch + ".container", key: "image"}
}
