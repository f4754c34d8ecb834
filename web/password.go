package web

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"blindcopy/crm"
)

// Bounds of a password. The upper one keeps megabytes out of the hash.
const (
	shortestPassword = 10
	longestPassword  = 200
)

// passwords hashes, a few at a time: each takes memory, and a crowd at the door must not eat the memory that mail needs.
type passwords struct {
	turns chan struct{}
	dummy string // is compared for accounts that are not there, so that they take as long
}

// cost is what OWASP's password storage cheat sheet asks at the least: 19 MiB, two passes, one lane.
var cost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func newPasswords(atOnce int) *passwords {
	dummy, err := argon2id.CreateHash(string(crm.NewSecret()), &cost)
	if err != nil {
		dummy = "" // never: it fails without randomness alone
	}
	return &passwords{turns: make(chan struct{}, min(max(atOnce, 1), 4)), dummy: dummy}
}

// HashPassword turns a password into what the store keeps, for users that the program makes itself.
func HashPassword(ctx context.Context, password string) (string, error) {
	return newPasswords(1).hash(ctx, password)
}

// hash turns a password into what is kept. crm.ErrInvalid if it is too short or too long.
func (p *passwords) hash(ctx context.Context, password string) (hash string, err error) {
	switch n := utf8.RuneCountInString(password); {
	case n < shortestPassword:
		return "", invalid(fmt.Sprintf("a password has at least %d characters", shortestPassword))
	case n > longestPassword:
		return "", invalid(fmt.Sprintf("a password has at most %d characters", longestPassword))
	}
	err = p.inTurn(ctx, func() error {
		hash, err = argon2id.CreateHash(password, &cost)
		return err
	})
	return hash, err
}

// matches compares a password with a hash; "" is nobody's, and takes as long.
func (p *passwords) matches(ctx context.Context, password, hash string) (ok bool, err error) {
	known := hash != ""
	if !known {
		hash = p.dummy
	}
	if len(password) > 4*longestPassword {
		password = ""
	}
	err = p.inTurn(ctx, func() error {
		ok, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return ok && known, err
}

func (p *passwords) inTurn(ctx context.Context, work func() error) error {
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
		return work()
	case <-ctx.Done():
		return ctx.Err()
	}
}
