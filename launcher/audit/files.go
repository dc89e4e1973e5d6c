package audit

import (
	"github.com/zlaunch/zlaunch/launcher/container"
)

var files = []*Control{
	{ID: "ZL-501", Name: "read-only-root", Severity: High, Why: "an intruder cannot drop tools or alter the server: what runs is what was scanned", Refs: []string{"IBM L110-114"}, Reads: []container.Row{container.ReadOnly}, Judge: old(oldClaims(container.ReadOnly, true, "read_only must be true"))},
	{ID: "ZL-502", Name: "no-implicit-tmpfs", Severity: Medium, Why: "--read-only alone adds unsized, executable tmpfs on /tmp, /run and /var/tmp", Refs: []string{"IBM L110-114"}, Reads: []container.Row{container.ReadOnlyTmpfs}, Judge: old(oldClaims(container.ReadOnlyTmpfs, false, "read_only_tmpfs must be false"))},
	{ID: "ZL-503", Name: "tmpfs-bounded", Severity: Low, Why: "a writable place is sized, and runs programs only for a reason", Refs: []string{"IBM L110-114"}, Reads: []container.Row{container.TmpfsAt}, Judge: old(tmpfsBounded)},
	{ID: "ZL-504", Name: "image-volumes-ignored", Severity: Medium, Why: "each VOLUME of the image would be writable in spite of the read-only root", Refs: []string{"IBM L110-114"}, Reads: []container.Row{container.ImageVolume}, Judge: old(not(container.ImageVolume, "image_volume must be ignore or tmpfs", "anonymous", "bind", ""))},
	{ID: "ZL-505", Name: "volumes-read-only", Severity: High, Why: "a compromised server must not rewrite the model that everyone else loads", Refs: []string{"IBM L159-164"}, Reads: []container.Row{container.VolumeAt}, Judge: old(volumesReadOnly)},
	{ID: "ZL-506", Name: "no-sensitive-path", Severity: Critical, Why: "host configuration, kernel trees and engine sockets give persistence and escape", Refs: []string{"IBM L165-172"}, Reads: []container.Row{container.VolumeAt}, Judge: old(noSensitivePath)},
	{ID: "ZL-510", Name: "volumes-labelled", Severity: Medium, Why: "an unlabelled mount fails where SELinux enforces, and people then turn it off", Refs: []string{"IBM L159-163"}, Reads: []container.Row{container.VolumeAt}, Judge: old(volumesLabelled)},
	{ID: "ZL-511", Name: "no-harmful-relabel", Severity: High, Why: "a relabel of a tree others need locks them out for good", Refs: []string{"IBM L159-163"}, Reads: nil, Judge: nil},
	{ID: "ZL-515", Name: "volumes-inert", Severity: Low, Why: "setuid files and device nodes in a data directory stay inert", Refs: []string{"IBM L159-164"}, Reads: []container.Row{container.VolumeAt}, Judge: old(volumesInert)},
	{ID: "ZL-516", Name: "no-writable-submount", Severity: High, Why: ":ro is not recursive: a mount below the model tree stays writable", Refs: []string{"IBM L159-172"}, Reads: nil, Judge: nil},
	{ID: "ZL-520", Name: "no-shadowing", Severity: Medium, Why: "a mount over a system path replaces reviewed code", Refs: nil, Reads: []container.Row{container.VolumeAt, container.TmpfsAt}, Judge: old(noShadowing)},
}
