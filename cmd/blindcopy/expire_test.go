package main

import (
	"testing"

	"blindcopy/crm"
	"blindcopy/store"
)

// TestRetentionRunsBesideTheServer, and what is in effect is in the audit log, each time it changes.
func TestRetentionRunsBesideTheServer(t *testing.T) {
	w := newWorld(t)
	w.env = append(w.env, "BLINDCOPY_RETENTION_UNFILED=1s", "BLINDCOPY_RETENTION_TRACES=1d")
	s := w.serve()
	held := s.send("eve@elsewhere.example", w.bcc(anna), mail("Eve <eve@elsewhere.example>", "x@elsewhere.example", "Psst", "one"))
	filed := s.send(anna, w.bcc(anna), bodyOf("two", false))
	var r store.ExpireReport
	if !soon(func() bool { w.json(&r, "expire"); return r.Bodies > 0 }) || r.Bodies != 1 || r.Traces != 0 {
		t.Errorf("got %+v, want the content of the one held message dropped", r)
	}
	if got := w.run("intake", "raw", string(held)); got.code != exitNone {
		t.Errorf("the held message: exit %d, want %d: its content is dropped", got.code, exitNone)
	}
	w.must("explain", string(held))
	w.must("intake", "raw", string(filed))
	s.stop()

	w.env = append(w.env, "BLINDCOPY_RETENTION_UNFILED=2d")
	w.serve().stop()
	w.serve().stop()
	var acts []crm.AuditEntry
	w.json(&acts, "audit", "list", "--object", "retention")
	if len(acts) != 2 || acts[0].DetailText() != "traces 1d, unfiled 2d" || acts[1].DetailText() != "traces 1d, unfiled 1s" ||
		acts[0].Actor != "blindcopy" || acts[0].Via != "serve" {
		t.Errorf("the audit log says %+v", acts)
	}
}
