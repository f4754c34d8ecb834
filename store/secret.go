package store

import (
	"context"
	"crypto/rand"
	"fmt"
)

// secretLength in bytes: as long as the digest that it keys.
const secretLength = 32

// Secret returns the key that the program keeps to itself under a name: 32 random bytes, made on first use. Every
// process gets the same. Opened ReadOnly it returns nil where nobody made it yet: nothing was signed with it then.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	secret, err := readSecret(ctx, s.reading(), name)
	if err == nil && secret == nil && !s.ReadOnly {
		err = s.write(ctx, func(t *tx) (err error) {
			secret, err = t.secret(name)
			return err
		})
	}
	return secret, wrap(err, "read the secret %q", name)
}

func readSecret(ctx context.Context, q session, name string) (value []byte, err error) {
	_, err = q.get(ctx, &value, `SELECT value FROM secret WHERE name = ?`, name)
	return value, err
}

// secret is there already where another process was faster.
func (t *tx) secret(name string) ([]byte, error) {
	value, err := readSecret(t.ctx, t.session, name)
	if value != nil || err != nil {
		return value, err
	}
	value = make([]byte, secretLength)
	_, _ = rand.Read(value) // never fails: crypto/rand aborts the program instead
	if _, err := t.do(`INSERT INTO secret (name, value, created_at) VALUES (?, ?, ?)`, name, value, millis(t.now)); err != nil {
		return nil, fmt.Errorf("keep it: %w", err)
	}
	return value, nil
}
