package web

import (
	"context"

	"blindcopy/crm"
)

// Store is what the pages read and change. Errors are those of crm: ErrNotFound, ErrInvalid, ErrExists, ErrBusy,
// ErrNoSpace; everything else is an outage.
type Store interface {
	accounts
	sessions
	tickets
	contactStore
	timelineStore
	mailStore
	mailRecordStore
	addressStore
	settingsStore
	numbersStore
	companyStore
	leadStore
	dealStore
	reviewCount
	intakeStore
	recordFinder
	searchStore
	apiStore
	tokenStore
	auditStore
	newsStore
}

// Office are the acts that are more than one change in the database; the command line does the same by the same code.
type Office interface {
	contactOffice
	companyOffice
	leadOffice
	dealOffice
	importOffice
	linkOffice
	mailOffice
	addressOffice
	settingsOffice
	inviteOffice
	reviewOffice
	whyOffice
	searchOffice
}

// accounts are the users, and how they sign in.
type accounts interface {
	User(ctx context.Context, email crm.Address) (crm.User, error)
	UserByID(ctx context.Context, id crm.UserID) (crm.User, error)
	Users(ctx context.Context) ([]crm.User, error)
	// PasswordHash returns false for a user who has chosen no password.
	PasswordHash(ctx context.Context, id crm.UserID) (hash string, ok bool, err error)
	SetPassword(ctx context.Context, id crm.UserID, hash string) error
	HasPasswords(ctx context.Context) (bool, error)
}

// reviewCount is the number beside Review in the navigation.
type reviewCount interface {
	CountReview(ctx context.Context, v crm.Viewer) (int, error)
}
