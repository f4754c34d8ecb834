package store

import (
	"fmt"
	"testing"

	"blindcopy/crm"
)

// TestListsForAViewerAreWhatHeMaySee: a list made for somebody is the list of all, as crm.Viewer shows it to him, cut to
// its limit.
func TestListsForAViewerAreWhatHeMaySee(t *testing.T) {
	n := newNouns(t)
	uwe := must(n.AddUser(t.Context(), NewUser{Email: "uwe@acme.example", Name: "Uwe"}))(t)
	boss := must(n.AddUser(t.Context(), NewUser{Email: "boss@acme.example", Admin: true}))(t)
	ben := n.contact("Ben Secret", "", "ben@client.example")
	visibilities := []crm.Visibility{crm.VisibilityPrivate, crm.VisibilityEnvelope, crm.VisibilityLinked, crm.VisibilityTeam}
	for i := range 60 {
		n.take(letter{to: "ben@client.example", subject: fmt.Sprintf("Offer %d", i%7), links: []crm.NewLink{auto(crm.KindContact, ben)}, edit: func(r *crm.Record) {
			r.Plan.Visibility = visibilities[i%4]
			switch i % 5 {
			case 0:
				r.Plan.Owner, r.Plan.Capturers = uwe.ID, []crm.Capturer{{Mailbox: 2, User: uwe.ID}}
			case 1:
				r.Plan.Owner, r.Plan.Capturers = 0, []crm.Capturer{{Mailbox: 1}}
			}
			if i%3 == 0 {
				r.Plan.Results[0].Verdict, r.Plan.Results[0].New, r.Plan.Results[0].Links, r.Plan.Results[0].Keep = crm.Held, nil, nil, crm.KeepAWhile
			}
		}})
	}
	viewers := map[string]crm.Viewer{"anna": crm.ViewerOf(must(n.User(t.Context(), "anna@acme.example"))(t)), "uwe": crm.ViewerOf(uwe), "an admin": crm.ViewerOf(boss), "nobody": {}, "the operator": crm.Operator()}
	for who, v := range viewers {
		for _, match := range []string{"", "offer 3", "secret", "acme.example", "anna-secret"} {
			for _, limit := range []int{0, 1, 7, 100} {
				rule := fmt.Sprintf("%s, %q, %d at most", who, match, limit)
				for _, f := range []ActivityFilter{{}, {Ref: &crm.Ref{Kind: crm.KindContact, ID: ben}}, {User: uwe.Email}} {
					f.Match = match
					want := v.Activities(must(n.Activities(t.Context(), f))(t), match)
					f.Viewer, f.Limit = &v, limit
					same(t, "activities for "+rule, must(n.Activities(t.Context(), f))(t), headOf(want, limit))
				}
				var want []crm.Intake
				for _, in := range v.Intakes(must(n.Intakes(t.Context(), IntakeFilter{}))(t)) {
					if matches(match, append(in.Rcpts, in.From, in.Subject, in.MessageID)...) {
						want = append(want, in)
					}
				}
				same(t, "intakes for "+rule, intakeIDsOf(must(n.Intakes(t.Context(), IntakeFilter{Match: match, Limit: limit, Viewer: &v}))(t)), intakeIDsOf(headOf(want, limit)))
			}
		}
	}
	for who, want := range map[string]int{"anna": 12, "uwe": 4, "nobody": 0, "the operator": 20} {
		v := viewers[who]
		if got := must(n.Review(t.Context(), ReviewFilter{Viewer: &v}))(t); len(got) != want {
			t.Errorf("the review list of %s: got %d, want %d", who, len(got), want)
		}
	}
	for _, in := range must(n.Review(t.Context(), ReviewFilter{Viewer: ref(viewers["an admin"]), Limit: 3}))(t) {
		if in.Visibility == crm.VisibilityPrivate {
			t.Errorf("the review list of an admin has private mail: %+v", in)
		}
	}
}

func headOf[T any](list []T, limit int) []T {
	if limit > 0 && len(list) > limit {
		return list[:limit]
	}
	return list
}

// TestAViewersPageIsFoundBehindWhatIsHidden: the page begins where the first mail is that he may see, and no more is read
// than that.
func TestAViewersPageIsFoundBehindWhatIsHidden(t *testing.T) {
	n := newNouns(t)
	v := crm.ViewerOf(must(n.AddUser(t.Context(), NewUser{Email: "uwe@acme.example"}))(t))
	_, seen := n.take(letter{subject: "For all"})
	for range 250 {
		n.take(letter{subject: "Private", edit: func(r *crm.Record) { r.Plan.Visibility = crm.VisibilityPrivate }})
	}
	same(t, "his page", activityIDsOf(must(n.Activities(t.Context(), ActivityFilter{Viewer: &v, Limit: 2}))(t)), []crm.ActivityID{seen})
	same(t, "his intakes", len(must(n.Intakes(t.Context(), IntakeFilter{Viewer: &v, Limit: 2}))(t)), 1)
}
