//go:build linux

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testDiskFull: on a full disk the sender is asked to come again, nothing is half stored, and once there is room
// mail is taken again, without a restart.
func testDiskFull(t *testing.T, p program) {
	s := newSite(t, p)
	disk := s.smallDisk("size=16m")
	bcc := s.bcc("anna@corp.example")
	s.start()
	t.Cleanup(s.kill) // before the disk goes

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	refused := ""
	sent := 0
	for n := range 400 { // small mail at first finds room in the log
		reply, err := s.send("anna@corp.example", killMail(fmt.Sprintf("full%d@corp.example", n)), bcc)
		if err != nil {
			refused = reply
			break
		}
		sent++
	}
	if !strings.HasPrefix(refused, "452 4.3.1") {
		t.Errorf("on a full disk: reply %q, want 452 4.3.1\n%s", refused, s.server.log)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if !waitFor(5*time.Second, func() bool {
		_, err := s.send("anna@corp.example", killMail("room@corp.example"), bcc)
		return err == nil
	}) {
		t.Fatalf("with room again, mail is still refused\n%s", s.server.log)
	}
	if got := ask[[]activity](s, "activity", "list", "--limit", "0"); len(got) != sent+1 {
		t.Errorf("%d activities, want the %d that were promised", len(got), sent+1)
	}
}

// fill takes all the room there is.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := bytes.Repeat([]byte("x"), 64<<10); ; {
		if _, err := f.Write(block); err != nil {
			if len(block) == 1 {
				return
			}
			block = block[:len(block)/2]
		}
	}
}
