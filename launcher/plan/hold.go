package plan

import (
	"path"

	"github.com/zlaunch/zlaunch/launcher/model"
)

// Hold notes what was judged for the target at: what is mounted there must be that,
// and not what its path names later. What cannot be looked at is not judged either.
func (p *Plan) Hold(at string, inode model.Inode, err error) {
	if err != nil {
		return
	}
	if p.Sources == nil {
		p.Sources = map[string]model.Inode{}
	}
	p.Sources[path.Clean("/"+at)] = inode
}
