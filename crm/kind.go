package crm

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Ids have their own types so that one cannot be passed for another.
type (
	UserID     int64
	MailboxID  int64
	ThreadID   int64
	ActivityID int64
	// IntakeID is a ULID: 26 characters that sort by time of receipt. Empty is null in JSON.
	IntakeID string
)

// MarshalJSON writes an absent intake as null.
func (id IntakeID) MarshalJSON() ([]byte, error) {
	if id == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(id))
}

// Kind says what sort of record a Ref points at, or what a participant is.
type Kind string

// The kinds that have a timeline, and the two that only a participant can be.
const (
	KindContact Kind = "contact"
	KindCompany Kind = "company"
	KindLead    Kind = "lead"
	KindDeal    Kind = "deal"
	KindUser    Kind = "user"
	KindUnknown Kind = "unknown"
)

// Ref names one record that has a timeline.
type Ref struct {
	Kind Kind  `json:"kind"`
	ID   int64 `json:"id"`
}

// String is the form that people type: contact:7.
func (r Ref) String() string { return fmt.Sprintf("%s:%d", r.Kind, r.ID) }

// ParseRef reads contact:7, company:7, lead:7 or deal:7.
func ParseRef(s string) (Ref, bool) {
	kind, number, ok := strings.Cut(s, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || id <= 0 {
		return Ref{}, false
	}
	switch k := Kind(strings.ToLower(kind)); k {
	case KindContact, KindCompany, KindLead, KindDeal:
		return Ref{k, id}, true
	}
	return Ref{}, false
}

// Named is a record as another record shows it.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}
