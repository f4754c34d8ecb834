package web

import (
	"net/http"
	"strconv"
	"time"

	"blindcopy/crm"
)

// Bounds of waiting for a test mail: after that long nobody looks any more, and a browser that was left open must not
// ask for ever. Of what came since, the newest are looked through.
const (
	waitForMail  = 15 * time.Minute
	lookedAtOnce = 200
)

// arrivalPage waits for a mail, or shows what became of it.
type arrivalPage struct {
	Since    int64 // Unix milliseconds
	TestMail any
	Intake   *crm.Intake
	Activity crm.ActivityID // 0 unless it was filed
	Over     bool           // waited long enough
}

// arrival is the page that waits for the user's next mail. It asks again each second, by itself.
func (s *Server) arrival(r *request) (answer, error) {
	now := s.Now()
	since := time.UnixMilli(r.number("since"))
	if since.Before(now.Add(-24*time.Hour)) || since.After(now) {
		return redirect("/address/test?since=" + strconv.FormatInt(now.UnixMilli(), 10)), nil
	}
	d := arrivalPage{Since: since.UnixMilli(), TestMail: testMail(r.user), Over: now.Sub(since) > waitForMail}
	in, err := s.firstOwn(r, since)
	if err != nil {
		return nil, err
	}
	if in == nil && !d.Over && r.fromHTMX() {
		return writes(func(w http.ResponseWriter) error { w.WriteHeader(http.StatusNoContent); return nil }), nil
	}
	if d.Intake = in; in != nil && len(in.ActivityIDs) > 0 {
		d.Activity = in.ActivityIDs[0]
	}
	return page{Template: "arrival", Title: "Send a test mail", Nav: "address", Data: d}, nil
}

// firstOwn is the first mail that came through the user's own mailbox since; nil if there is none yet.
func (s *Server) firstOwn(r *request, since time.Time) (*crm.Intake, error) {
	list, err := s.Store.Intakes(r.Context(), crm.IntakeFilter{Since: since, Limit: lookedAtOnce})
	if err != nil {
		return nil, err
	}
	var first *crm.Intake
	for _, in := range r.viewer.Intakes(list) { // newest first
		if in.Owner == r.user.Email {
			first = &in
		}
	}
	return first, nil
}
