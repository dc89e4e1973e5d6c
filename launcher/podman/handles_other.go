//go:build !linux

package podman

// strayHandle is asked on Linux only; elsewhere no engine runs on this kernel.
func strayHandle(string, ...string) string { return "" }

func sameFiles(int, int) bool { return false }

func hostSockets(string, map[string]bool) int { return 0 }

func connectedSockets(string) map[string]bool { return nil }
