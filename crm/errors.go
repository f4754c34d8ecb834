package crm

import "errors"

// What a recipient, a message or a change is refused for. Every other error of a store or linker
// is ours, may heal, and must make the sender try again.
var (
	// ErrUnknownRecipient: no such token or shared address, or its user is disabled.
	ErrUnknownRecipient = errors.New("no such recipient")
	// ErrRevokedRecipient: the BCC address was revoked.
	ErrRevokedRecipient = errors.New("this address was revoked")
	// ErrForeignDomain: the domain is none of ours; we relay for nobody.
	ErrForeignDomain = errors.New("not a domain of this server")
	// ErrBusy: the writer's queue stayed full, or the database stayed locked, until the deadline.
	ErrBusy = errors.New("busy")
	// ErrNoSpace: the disk is full, or fuller than the reserve allows.
	ErrNoSpace = errors.New("no space left")
	// ErrStale: what the decision stood on has changed since; gather and decide again.
	ErrStale = errors.New("the facts changed meanwhile")
	// ErrNotFound: no such record. An outage is never this.
	ErrNotFound = errors.New("no such record")
	// ErrExists: an address, name or pattern is taken; the text says by whom.
	ErrExists = errors.New("taken")
	// ErrInvalid: a value that no record can have; the text says which.
	ErrInvalid = errors.New("not possible")
)
