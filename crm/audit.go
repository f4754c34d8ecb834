package crm

import "time"

// AuditEntry is one act that changed the company's records or rules, and who did it. Mail is not among them: its trace
// explains it.
type AuditEntry struct {
	ID     int64          `json:"id"`
	At     time.Time      `json:"at"`
	Actor  string         `json:"actor"`  // e-mail address of a user, "operator", or "blindcopy" for the program itself
	Via    string         `json:"via"`    // as in Actor
	Act    string         `json:"act"`    // such as contact.edit
	Object string         `json:"object"` // kind:id, the address of a user, the pattern of an exclusion, or "database"
	Detail map[string]any `json:"detail"` // what was changed; never a secret
}

// AuditFilter narrows the audit log. Zero fields do not narrow.
type AuditFilter struct {
	Object string    // exactly this, or all of a kind: contact
	Since  time.Time // then or later
	Limit  int       // 0 is all
	Before int64     // only acts with a smaller id: what follows a page; 0 is from the newest
}
