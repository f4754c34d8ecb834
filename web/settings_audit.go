package web

import (
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
