//go:build linux

package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// confined runs what follows as nobody, without any capability, where everything is read-only but one folder: as a container
// with a read-only root, and the systemd unit, do.
const confined = `
mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,ro,bind / || exit 99
for dir in /tmp /var /run /dev/shm; do mount -o remount,ro,bind "$dir" 2> /dev/null; done
shift
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all -- "$@"`

// testReadOnlyRoot: the server needs its folder and nothing else, no temporary files and no right of root's. Commands of root's
// beside it leave it nothing that it cannot open.
func testReadOnlyRoot(t *testing.T, p program) {
	for _, tool := range []string{"unshare", "setpriv"} {
		need(t, tool, "util-linux")
	}
	s := newSite(t, p)
	if out := runCommand(t, command(t, []string{"unshare", "-m", "sh", "-c", confined, "sh", s.dir, "true"})); out.code != 0 {
		t.Skipf("a read-only root cannot be made here: exit code %d %s", out.code, out.stderr)
	}
	give := func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, 65534, 65534)
		}
		return err
	}
	if err := filepath.WalkDir(s.dir, give); err != nil {
		t.Fatal(err)
	}
	s.start("unshare", "-m", "sh", "-c", confined, "sh", s.dir)
	bcc := s.bcc("anna@corp.example")
	large := append(written("large@corp.example", "ben@acme.example", "Large"), bytes.Repeat([]byte("0123456789\r\n"), 20<<10)...)
	s.mustSend("anna@corp.example", written("small@corp.example", "ben@acme.example", "Small"), bcc)
	s.mustSend("anna@corp.example", large, bcc)
	s.must("contact", "add", "--name", "Olivia")
	s.must("backup", filepath.Join(s.dir, "backup.db"))
	s.must("check", "--database", filepath.Join(s.dir, "backup.db"))
	s.mustSend("anna@corp.example", written("again@corp.example", "ben@acme.example", "Again"), bcc)
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d after TERM, want 0", code)
	}
	s.must("restore", filepath.Join(s.dir, "backup.db"), "--force")
	s.start("unshare", "-m", "sh", "-c", confined, "sh", s.dir)
	s.mustSend("anna@corp.example", large, bcc)
	s.must("check")
}
