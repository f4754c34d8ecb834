package web

import (
	"strings"
	"testing"

	"blindcopy/crm"
)

// everyCause is a mail about which everything can be said at once.
func everyCause(codes ...crm.Code) *cause {
	link := func(kind crm.Kind, id int64, title string, code crm.Code) crm.Link {
		return crm.Link{Kind: kind, ID: id, Title: title, Code: code, Source: crm.SourceAuto}
	}
	act := crm.Activity{ID: 5, Subject: "Offer",
		Participants: []crm.Participant{{Role: crm.RoleTo, Address: "zoe+x@new.example", Kind: crm.KindUnknown}, {Role: crm.RoleFrom, Address: "anna@acme.example", Kind: crm.KindUser}},
		Links:        []crm.Link{link(crm.KindContact, 1, "Ben", crm.ContactByAddress), link(crm.KindLead, 2, "Zoe", crm.LeadByAddress), link(crm.KindLead, 3, "Max", crm.LeadByDomain)}}
	return &cause{me: crm.User{Email: "anna@acme.example"}, decides: true, activities: []crm.Activity{act},
		Intake: crm.Intake{ID: "01A", Verdict: crm.Filed, Open: true, Codes: codes, WhichDeal: true, Unknown: []crm.Party{{Address: "zoe+x@new.example"}},
			Created:    []crm.Ref{{Kind: crm.KindLead, ID: 7}, {Kind: crm.KindContact, ID: 8}},
			Candidates: []crm.Candidate{{Kind: crm.KindContact, ID: 4, Title: "Other Ben"}}}}
}

// TestEveryReasonHasWordsAndAWayOut: whatever a trace says, a person is told what it means and, where something can be done,
// led to where it is done.
func TestEveryReasonHasWordsAndAWayOut(t *testing.T) {
	for _, code := range crm.Codes() {
		meaning := code.Meaning()
		if meaning.Sentence == "" || meaning.Hint == "" {
			t.Errorf("%s: sentence %q, hint %q, want both", code, meaning.Sentence, meaning.Hint)
		}
		list := everyCause(code).remedies()
		if strings.HasPrefix(meaning.Hint, "Nothing") {
			if len(list) > 0 {
				t.Errorf("%s: there is nothing to do, and yet the page says %+v", code, list)
			}
			continue
		}
		if len(list) != 1 || list[0].Advice != meaning.Hint || len(list[0].Buttons) == 0 {
			t.Errorf("%s: got %+v, want its hint %q with a button", code, list, meaning.Hint)
			continue
		}
		for _, b := range list[0].Buttons {
			if b.Text == "" || icons[b.Icon] == "" || !strings.HasPrefix(b.Href, "/") && b.Href != "#decide" {
				t.Errorf("%s: the button %+v has no text, no icon that is drawn, or leads nowhere", code, b)
			}
		}
	}
}

func TestButtonsLeadToWhatTheReasonIsAbout(t *testing.T) {
	for code, want := range map[crm.Code]string{
		crm.CompanyByDomain:    "/contacts/new?email=zoe%2Bx%40new.example",
		crm.LeadByAddress:      "/leads/2",
		crm.LeadByDomain:       "/leads/3",
		crm.LeadCreated:        "/leads/7",
		crm.ContactCreated:     "/contacts/8",
		crm.ContactAmbiguous:   "/contacts/1/merge?with=4",
		crm.BounceReport:       "/contacts/1/edit",
		crm.DealByOverlap:      "/mail/5/link",
		crm.RecipientsCapped:   "/mail/5/link",
		crm.AddressExposed:     "/address",
		crm.UnknownIgnored:     "/contacts/new?email=zoe%2Bx%40new.example",
		crm.ParseTruncated:     "/mail/5/raw",
		crm.Excluded:           "/address",
		crm.Stranger:           "#decide",
		crm.Undone:             "/mail/5/link",
		crm.SenderAuthFailed:   "/mail/5/link",
		crm.DomainAmbiguous:    "/contacts/new?email=zoe%2Bx%40new.example",
		crm.InternalError:      "#decide",
		crm.ThreadDealClosed:   "/mail/5/link",
		crm.ForwardNoAddress:   "#decide",
		crm.TagNoRecord:        "/mail/5/link",
		crm.UnknownReview:      "#decide",
		crm.LeadWasDismissed:   "#decide",
		crm.InternalInThread:   "#decide",
		crm.SenderUnverified:   "#decide",
		crm.NoVisibleRecipient: "#decide",
	} {
		if list := everyCause(code).remedies(); len(list) != 1 || len(list[0].Buttons) == 0 || list[0].Buttons[0].Href != want {
			t.Errorf("%s leads to %+v, want %s first", code, list, want)
		}
	}
}

// TestAnsweredQuestionsAreNotAskedAgain: advice about what somebody decided already misleads.
func TestAnsweredQuestionsAreNotAskedAgain(t *testing.T) {
	test := func(rule string, change func(*cause), codes ...crm.Code) {
		t.Helper()
		c := everyCause(codes...)
		change(c)
		if list := c.remedies(); len(list) > 0 {
			t.Errorf("%s: got %+v, want nothing", rule, list)
		}
	}
	test("the deal was chosen", func(c *cause) { c.WhichDeal = false }, crm.DealAmbiguous)
	test("somebody dismissed it", func(c *cause) { c.Open, c.Unknown = false, nil }, crm.UnknownReview, crm.Dismissed)
	test("everybody is known now", func(c *cause) { c.Unknown = nil }, crm.RoleAddress)
	test("held mail was filed", func(c *cause) { c.Open, c.Unknown = false, nil }, crm.Stranger)

	c := everyCause(crm.LeadCreated, crm.Undone)
	if list := c.remedies(); len(list) != 1 || list[0].Code != crm.Undone {
		t.Errorf("of a lead that was taken back: got %+v, want the advice on what was undone alone", list)
	}
	c = everyCause(crm.RoleAddress)
	c.Unknown, c.Results = nil, []crm.ResultReport{{Original: 2, Verdict: crm.Held, Open: true, Codes: []crm.Code{crm.RoleAddress}}}
	if list := c.remedies(); len(list) != 1 {
		t.Errorf("one of several mails is held: got %+v, want its advice", list)
	}
}
