package web

import (
	"cmp"
	"context"
	"net/url"
	"strconv"

	"blindcopy/crm"
)

// auditStore is who changed what.
type auditStore interface {
	Audit(ctx context.Context, f crm.AuditFilter) ([]crm.AuditEntry, error)
}

// auditPage is the audit log, newest first.
type auditPage struct {
	Tabs    []tab
	Object  string // only what was done to it
	Entries []crm.AuditEntry
	Older   string
}

// actsAPage is how many stand on a page.
const actsAPage = 100

func (s *Server) settingsAudit(r *request) (answer, error) {
	d := auditPage{Tabs: settingsTabs("/settings/audit"), Object: r.query("object")}
	list, err := s.Store.Audit(r.Context(), crm.AuditFilter{Object: d.Object, Before: r.number("before"), Limit: actsAPage + 1})
	if err != nil {
		return nil, err
	}
	d.Entries = list[:min(len(list), actsAPage)]
	if len(list) > actsAPage {
		d.Older = olderActs(d.Object, d.Entries[actsAPage-1].ID)
	}
	return page{Template: "settings_audit", Title: "Audit", Nav: "settings", Data: d}, nil
}

// olderActs is the address of what follows.
func olderActs(object string, before int64) string {
	q := url.Values{"before": {strconv.FormatInt(before, 10)}}
	if object != "" {
		q.Set("object", object)
	}
	return "/settings/audit?" + q.Encode()
}

// acts are the acts of the audit log as people say them.
var acts = map[string]string{
	"user.add": "Added a user", "user.disable": "Disabled a user", "user.enable": "Enabled a user", "user.absent": "Set an absence", "user.present": "Ended an absence",
	"user.rotate": "Made a new BCC address", "user.address.add": "Confirmed an address", "user.address.remove": "Removed an address", "user.role": "Changed a role",
	"user.password": "Chose a password", "user.setup": "Set up the server", "user.link": "Made a link", "user.token.add": "Made a token", "user.token.remove": "Revoked a token",
	"mailbox.add": "Added a mailbox", "mailbox.edit": "Changed a mailbox", "exclusion.add": "Never log", "exclusion.remove": "Log again",
	"contact.add": "Added a contact", "contact.edit": "Changed a contact", "contact.merge": "Merged contacts", "contact.import": "Imported contacts",
	"company.add": "Added a company", "company.edit": "Changed a company", "deal.add": "Added a deal", "deal.edit": "Changed a deal", "deal.close": "Closed a deal",
	"lead.convert": "Converted a lead", "lead.dismiss": "Dismissed a lead", "activity.link": "Linked a mail", "activity.unlink": "Unlinked a mail", "activity.undo": "Undid automatic links",
	"activity.private": "Made a mail private", "review.link": "Filed held mail", "review.create": "Made a record of held mail", "review.dismiss": "Dismissed held mail",
	"database.backup": "Made a backup", "database.restore": "Restored a backup", "retention.change": "Changed the retention",
}

// actWords is an act in words; one that has none yet speaks for itself.
func actWords(act string) string { return cmp.Or(acts[act], act) }
